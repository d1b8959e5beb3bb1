"""Files, ranges and workspaces as the command line names them."""

import re
from dataclasses import dataclass, field
from pathlib import Path

from tierwise.dispatch.files import read_snapshot
from tierwise.text import Rejection, Snapshot, Span
from tierwise.text.lines import LineIndex, Position

_RANGE = re.compile(r"^(\d+)(?::(\d+))?(?:-(\d+)(?::(\d+))?)?$")
_COMPILERS = re.compile(r"^(.+?):(\d+(?::\d+)?)$")
_ROOT_MARKERS = (".git", ".hg", "pyproject.toml", "package.json", "go.mod", "Cargo.toml", ".tierwise.toml")


@dataclass(frozen=True)
class DiskWorkspace:
    """The files below one folder as they lie on disk; there is no editor."""

    root: Path
    max_bytes: int
    is_trusted: bool = False
    roots: tuple[Path, ...] = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "roots", (self.root,))

    def read(self, path: Path) -> Snapshot | None:
        """The file as it lies on disk; None when it cannot be read as text."""
        found = read_snapshot(path, self.roots, self.max_bytes)
        return None if isinstance(found, Rejection) else found


def root_of(file: Path) -> Path:
    """The project a file belongs to: the nearest folder above it with a marker of one, else its own folder."""
    folder = file.resolve().parent
    for candidate in (folder, *folder.parents):
        if any((candidate / marker).exists() for marker in _ROOT_MARKERS):
            return candidate
    return folder


def place_hint(file: Path) -> str:
    """How to name a place, for who wrote it behind the file's name as compilers do; empty where that is not it."""
    match = _COMPILERS.match(file.name)
    if match is None or not file.with_name(match[1]).exists():
        return ""
    return f"; write {str(file.with_name(match[1]))!r} --range {match[2]}"


def span_of(text: str, written: str | None) -> Span | Rejection:
    """`L`, `L:C`, `L-L` or `L:C-L:C` as a span; lines and columns count from 1, as compilers print them.

    A range without columns takes whole lines. Without a range it is the beginning of the text.
    """
    if written is None:
        return Span(0, 0)
    match = _RANGE.match(written.strip())
    if match is None:
        return Rejection("bad-range", f"{written!r} is no range; write LINE:COLUMN-LINE:COLUMN, counted from 1")
    line, column, end_line, end_column = (None if part is None else int(part) for part in match.groups())
    if 0 in (line, column, end_line, end_column):
        return Rejection("bad-range", f"lines and columns are counted from 1, so there is no {written!r}")
    index = LineIndex(text)
    start = _offset(index, line or 1, column or 1)
    if end_line is None:
        return Span(start, start)
    end = index.line_span(max(1, min(end_line, index.n_lines)) - 1).end if end_column is None else None
    if end is None:
        end = _offset(index, end_line, end_column or 1)
    if end < start:
        return Rejection("bad-range", f"the range {written!r} ends before it begins")
    return Span(start, end)


def _offset(index: LineIndex, line: int, column: int) -> int:
    return index.offset(Position(max(0, line - 1), max(0, column - 1)), "utf-32")
