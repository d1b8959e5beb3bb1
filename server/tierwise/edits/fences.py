"""Fenced code blocks (and `<source>` ones) in a model's reply, and the reasoning that some models put before it."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from tierwise.edits.scanning import lines_with

_OPEN = re.compile(r"^([ \t]*)(`{3,}|~{3,})[ \t]*([^`\n]*)$")
_OPEN_TAG = re.compile(r"^([ \t]*)<(source|code|pre|codeblock|sourcecode)>([\w+\-#.]*)[ \t]*$")
_FIRST_SIGNS = ("`", "~", "<")
_SIGNS = ("```", "~~~", "<source", "<code", "<pre")
"""What a line that opens a block holds."""
_REASONING = re.compile(r"\A\s*<(think|thinking|thought|reasoning|reflection|scratchpad)>", re.IGNORECASE)
_LATE_END = re.compile(r"</(?:think|thinking|thought|reasoning)>[ \t]*\n?", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Fence:
    """One fenced block of a reply."""

    info: str
    """What stands after the opening fence: a language, a path, or nothing."""
    lines: tuple[str, ...]
    """The lines between the fences, without line breaks and without the indentation of the fence itself."""
    start: int
    """The line of the reply that opens the block."""
    end: int
    """The line that closes it; the number of lines when nothing does."""
    is_closed: bool


def without_reasoning(reply: str) -> str:
    """The reply without a leading `<think>` block; empty when that block never ends."""
    match = _REASONING.match(reply)
    if match:
        end = re.search(rf"</{match[1]}>", reply[match.end() :], re.IGNORECASE)
        return without_reasoning(reply[match.end() + end.end() :]) if end else ""
    end = _LATE_END.search(reply) if "</" in reply else None
    if end and "```" not in reply[: end.start()] and "<think" not in reply[: end.start()]:
        return reply[end.end() :]
    return reply


def reply_lines(reply: str) -> list[str]:
    """The lines of a reply, without line breaks."""
    return reply.replace("\r\n", "\n").replace("\r", "\n").split("\n")


def fences(lines: Sequence[str]) -> list[Fence]:
    """The outermost fenced blocks, in order; a block inside a block belongs to the outer one."""
    found = []
    at = 0
    for start in lines_with("\n".join(lines), _SIGNS):
        if at <= start and (fence := fence_at(lines, start)) is not None:
            found.append(fence)
            at = fence.end + 1
    return found


def fence_info(line: str) -> str | None:
    """What follows an opening fence on its line; None for a line that is no fence."""
    first = line.lstrip()[:1]
    if first not in _FIRST_SIGNS:
        return None
    match = (_OPEN_TAG if first == "<" else _OPEN).match(line)
    return match[3].strip() if match else None


def fence_at(lines: Sequence[str], start: int, end: int | None = None) -> Fence | None:
    """The block that the line `start` opens, if it opens one; up to the line `end` where that is given."""
    first = lines[start].lstrip()[:1]
    if first not in _FIRST_SIGNS:
        return None
    tag = _OPEN_TAG.match(lines[start]) if first == "<" else None
    match = tag or _OPEN.match(lines[start])
    if match is None:
        return None
    if end is None:
        end = _closing_tag(lines, start, match[2]) if tag else _closing(lines, start, match[2])
    inner = _outdented(lines[start + 1 : end], match[1])
    return Fence(match[3].strip(), tuple(inner), start, end, end < len(lines))


def closes(lines: Sequence[str], start: int, at: int) -> bool:
    """Whether the line `at` could close the block that the line `start` opens."""
    if lines[at].lstrip()[:1] not in _FIRST_SIGNS:
        return False
    if tag := _OPEN_TAG.match(lines[start]):
        return lines[at].strip() == f"</{tag[2]}>"
    opened, closed = _OPEN.match(lines[start]), _OPEN.match(lines[at])
    if opened is None or closed is None or closed[3].strip():
        return False
    return opened[2][0] == closed[2][0] and len(opened[2]) <= len(closed[2])


def _closing_tag(lines: Sequence[str], start: int, tag: str) -> int:
    return next((at for at in range(start + 1, len(lines)) if lines[at].strip() == f"</{tag}>"), len(lines))


def _closing(lines: Sequence[str], start: int, marker: str) -> int:
    """The line that closes the fence opened at `start`; blocks opened inside with a language are skipped."""
    depth = 0
    for at in range(start + 1, len(lines)):
        line = lines[at]
        match = _OPEN.match(line) if marker in line and line.lstrip()[:1] == marker[0] else None
        if match is None or match[2][0] != marker[0] or len(match[2]) < len(marker):
            continue
        if match[3].strip():
            depth += len(match[2]) == len(marker)
        elif depth:
            depth -= 1
        else:
            return at
    return len(lines)


def _outdented(lines: Sequence[str], indentation: str) -> Sequence[str]:
    """A fence inside a list item is indented, and its content with it."""
    if indentation and all(line.startswith(indentation) or not line.strip() for line in lines):
        return [line[len(indentation) :] for line in lines]
    return lines
