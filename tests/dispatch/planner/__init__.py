"""Changes over many files."""
