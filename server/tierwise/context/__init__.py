"""What a model may see of the code, and in how many tokens. Pure: files are read through an argument."""

from tierwise.context.gather import Snippet, around_target, gather_files, test_file_for
from tierwise.context.pack import pack

__all__ = ["Snippet", "around_target", "gather_files", "pack", "test_file_for"]
