"""Fenced code blocks in a model's reply, and the reasoning that some models put before it."""

import re
from dataclasses import dataclass

_OPEN = re.compile(r"^([ \t]*)(`{3,}|~{3,})[ \t]*([^`\n]*)$")
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
    end = _LATE_END.search(reply)
    if end and "```" not in reply[: end.start()] and "<think" not in reply[: end.start()]:
        return reply[end.end() :]
    return reply


def reply_lines(reply: str) -> list[str]:
    """The lines of a reply, without line breaks."""
    return reply.replace("\r\n", "\n").replace("\r", "\n").split("\n")


def fences(lines: list[str]) -> list[Fence]:
    """The outermost fenced blocks, in order; a block inside a block belongs to the outer one."""
    found = []
    at = 0
    while at < len(lines):
        match = _OPEN.match(lines[at])
        if match is None:
            at += 1
            continue
        end = _closing(lines, at, match[2])
        inner = lines[at + 1 : end]
        found.append(Fence(match[3].strip(), tuple(_outdented(inner, match[1])), at, end, end < len(lines)))
        at = end + 1
    return found


def _closing(lines: list[str], start: int, marker: str) -> int:
    """The line that closes the fence opened at `start`; blocks opened inside with a language are skipped."""
    depth = 0
    for at in range(start + 1, len(lines)):
        match = _OPEN.match(lines[at])
        if match is None or match[2][0] != marker[0] or len(match[2]) < len(marker):
            continue
        if match[3].strip():
            depth += len(match[2]) == len(marker)
        elif depth:
            depth -= 1
        else:
            return at
    return len(lines)


def _outdented(lines: list[str], indentation: str) -> list[str]:
    """A fence inside a list item is indented, and its content with it."""
    if indentation and all(line.startswith(indentation) or not line.strip() for line in lines):
        return [line[len(indentation) :] for line in lines]
    return lines
