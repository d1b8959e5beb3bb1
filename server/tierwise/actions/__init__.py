"""The catalogue of code actions, one file each."""
