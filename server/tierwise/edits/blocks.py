"""What a reply asks for, before anything has been looked up in a file."""

from dataclasses import dataclass
from typing import Literal

Mark = Literal[" ", "-", "+"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Quote:
    """Replace the lines the reply quotes by the lines it gives."""

    old: tuple[str, ...]
    new: tuple[str, ...]
    script: tuple[tuple[Mark, str], ...] = ()
    """Which lines stay, go and come, where the form says so itself; empty where the two must be compared."""
    line: int | None = None
    """The zero-based line of the file at which the quote is said to begin; never trusted alone."""
    anchors: tuple[str, ...] = ()
    """Lines said to stand above the quote, outermost first."""
    is_at_end: bool = False
    """Whether the quote is said to reach the end of the file."""
    alternatives: tuple["Quote", ...] = ()
    """Other readings of the same block, when its divider could be one of several lines."""


@dataclass(frozen=True, slots=True)
class Substitution:
    """Replace a piece of text, which need not be whole lines."""

    old: str
    new: str
    is_everywhere: bool = False
    """Whether every occurrence is meant; otherwise there must be one."""


@dataclass(frozen=True, slots=True)
class LineRange:
    """Replace lines by number: `start..end`, zero-based and half-open."""

    start: int
    end: int
    new: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Whole:
    """The complete new text of the file; lines may stand for code that was left out."""

    lines: tuple[str, ...]
    is_exact: bool = False
    """Whether the lines are the text to the last character, including whether it ends in a line break."""


Edit = Quote | Substitution | LineRange | Whole


@dataclass(frozen=True, slots=True, kw_only=True)
class FileRequest:
    """Everything one section of a reply asks of one file."""

    path: str | None
    """As the reply writes it; None when it names no file."""
    edits: tuple[Edit, ...] = ()
    is_ordered: bool = False
    """Whether the quotes are said to stand in the file in the order given."""
    is_creation: bool = False
    """Whether the file is said not to exist yet."""
    is_deletion: bool = False
    new_path: str | None = None
    """Where the file moves to."""
