"""The forms in which a model may be asked to answer."""

from enum import StrEnum


class ReplyFormat(StrEnum):
    """How a reply says what to change; `auto` finds out."""

    AUTO = "auto"
    WHOLE = "whole"
    """Complete new texts of files, possibly with elisions."""
    SEARCH_REPLACE = "search-replace"
    """Blocks that quote old lines and give new ones."""
    UDIFF = "udiff"
    """Unified diffs, whose line numbers are not trusted."""
    PATCH = "patch"
    """`*** Begin Patch` with sections for adding, updating, deleting and moving files."""
    JSON = "json"
    """JSON objects with old and new text, or with line numbers."""
    SPAN = "span"
    """The replacement of one span, nothing else."""
