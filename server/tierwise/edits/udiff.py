"""Unified diffs as models write them: numbers wrong or missing, prefixes forgotten, fences around."""

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field

from tierwise.edits.blocks import FileRequest, Quote
from tierwise.edits.fences import Fence, fences
from tierwise.edits.headings import heading_above
from tierwise.edits.hunks import quote_of_hunk
from tierwise.edits.paths import resolve
from tierwise.text.rejection import Rejection

_HUNK = re.compile(r"^@@+(?:[ \t]*-(\d+)(?:,(\d+))?[ \t]+\+(\d+)(?:,(\d+))?)?[ \t.]*(?:@@+)?[ \t]?(.*)$")
_NOTHING = "/dev/null"
_DIFF_LANGUAGES = ("diff", "patch", "udiff")


@dataclass(slots=True)
class _Section:
    """One file's part of a diff, while it is read."""

    old_path: str | None = None
    new_path: str | None = None
    is_rename: bool = False
    hunks: list[Quote] = field(default_factory=list)


def parse_udiff(lines: Sequence[str], known: Collection[str]) -> list[FileRequest] | Rejection:
    """The hunks of every file; empty when the reply holds no diff."""
    blocks = fences(list(lines))
    diffs = [block for block in blocks if _is_fenced_diff(block)]
    if any(not block.is_closed for block in diffs):
        return Rejection("truncated-reply", "the reply ends inside a diff")
    if not diffs:
        return _read(list(lines), None, known) if _is_diff(lines) else []
    requests: list[FileRequest] = []
    done = -1
    for block in diffs:
        heading = heading_above(lines, block.start, done, known)
        requests += _read(list(block.lines), heading.path, known)
        done = block.end
    return requests


def without_diffs(lines: Sequence[str]) -> list[str]:
    """The lines with blank ones in place of diffs, which are fenced, or else all there is."""
    rest = list(lines)
    blocks = [block for block in fences(rest) if _is_fenced_diff(block)]
    for block in blocks:
        rest[block.start : block.end + 1] = [""] * (block.end + 1 - block.start)
    return rest if blocks else []


def _is_fenced_diff(block: Fence) -> bool:
    return block.info.split(" ")[0].lower() in _DIFF_LANGUAGES or _is_diff(block.lines)


def _is_diff(lines: Sequence[str]) -> bool:
    """Whether the lines hold a hunk: a header, its own or its file's, and a line that changes something."""
    first = next((at for at, line in enumerate(lines) if _HUNK.match(line) or _is_file_header(lines, at)), None)
    if first is None:
        return False
    start = first + (1 if _HUNK.match(lines[first]) else 2)
    return any(line[:1] in ("+", "-") for line in lines[start:])


def _read(lines: list[str], path: str | None, known: Collection[str]) -> list[FileRequest]:
    sections: list[_Section] = []
    at = 0
    while at < len(lines):
        line = lines[at]
        if line.startswith("diff --git ") or _is_file_header(lines, at):
            sections.append(_Section())
            at = _read_header(lines, at, sections[-1])
        elif match := _HUNK.match(line):
            end = _hunk_end(lines, at + 1)
            if not sections:
                sections.append(_Section(path, path))
            sections[-1].hunks.append(_hunk(lines[at + 1 : end], match))
            at = end
        elif _is_bare_hunk(lines, at, sections):
            end = _hunk_end(lines, at)
            sections = sections or [_Section(path, path)]
            sections[-1].hunks.append(_hunk(lines[at:end], None))
            at = end
        else:
            at += 1
    return [_request(section, path, known) for section in sections]


def _is_bare_hunk(lines: list[str], at: int, sections: list[_Section]) -> bool:
    """Whether a hunk without a header begins here: right below the names of its file."""
    return bool(sections) and not sections[-1].hunks and bool(lines[at].strip())


def _is_file_header(lines: Sequence[str], at: int) -> bool:
    return lines[at].startswith("--- ") and at + 1 < len(lines) and lines[at + 1].startswith("+++ ")


def _read_header(lines: list[str], at: int, section: _Section) -> int:
    """Read the names of a file; returns the line after them."""
    if lines[at].startswith("diff --git "):
        names = re.match(r"^diff --git (?:a/)?(.+?) (?:b/)?(\S+)$", lines[at])
        if names:
            section.old_path, section.new_path = names[1], names[2]
        at += 1
    while at < len(lines) and not lines[at].startswith("@@"):
        line = lines[at]
        if line.startswith("diff --git "):
            break
        if _is_file_header(lines, at):
            section.old_path, section.new_path = _name(line[4:]), _name(lines[at + 1][4:])
            return at + 2
        if line.startswith("deleted file"):
            section.new_path = _NOTHING
        elif line.startswith("new file"):
            section.old_path = _NOTHING
        elif line.startswith("rename to "):
            section.new_path, section.is_rename = line[len("rename to ") :].strip(), True
        elif line.startswith("rename from "):
            section.old_path = line[len("rename from ") :].strip()
        at += 1
    return at


def _name(text: str) -> str:
    """The path of a `---` or `+++` line, without a time stamp."""
    return text.partition("\t")[0].strip().strip('"')


def _hunk_end(lines: list[str], start: int) -> int:
    """The line after a hunk's body."""
    for at in range(start, len(lines)):
        if _HUNK.match(lines[at]) or lines[at].startswith(("diff --git ", "```")) or _is_file_header(lines, at):
            return at
    return len(lines)


def _hunk(body: list[str], header: re.Match[str] | None) -> Quote:
    line = int(header[1]) - 1 if header and header[1] else None
    anchor = header[5].strip() if header and header[5] else ""
    return quote_of_hunk(body, line, (anchor,) if anchor else ())


def _request(section: _Section, path: str | None, known: Collection[str]) -> FileRequest:
    old, new = section.old_path, section.new_path
    edits = tuple(section.hunks)
    if old == _NOTHING and new:
        return FileRequest(path=_created(new, known), edits=edits, is_creation=True)
    if new == _NOTHING:
        return FileRequest(path=old or path, is_deletion=True)
    if section.is_rename and old and new:
        return FileRequest(path=old, edits=edits, is_ordered=True, new_path=_created(new, known))
    name = next((one for one in (new, old) if one and resolve(one, known)), new)
    return FileRequest(path=name or path, edits=edits, is_ordered=True)


def _created(name: str, known: Collection[str]) -> str:
    """The name of a new file without the `b/` that diffs put in front, unless there is such a folder."""
    return name[2:] if name.startswith("b/") and not any(one.startswith("b/") for one in known) else name
