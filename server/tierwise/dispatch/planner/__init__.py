"""Work over many files: the top model plans from outlines, cheaper ones carry out sealed subtasks."""
