"""Formatters as values, and running one on a text."""

import re
from dataclasses import dataclass
from pathlib import Path

from tierwise.dispatch.native.children import Ended, Limits, run_child
from tierwise.text import Rejection

MAX_ERROR_CHARS = 300
_ESCAPES = re.compile(r"\x1b\[[0-9;]*[A-Za-z]")


@dataclass(frozen=True, slots=True, kw_only=True)
class Formatter:
    """One program that formats one file: text in on standard input, text out on standard output."""

    name: str
    command: tuple[str, ...]
    source: str
    """For people, e.g. `ruff, configured in pyproject.toml`."""
    is_bundled: bool
    """Whether it is the program that came with Tierwise rather than the project's or the user's."""
    cwd: Path
    search_path: str
    """The PATH the child gets."""


async def format_text(formatter: Formatter, text: str, path: Path, timeout_s: float) -> str | Rejection:
    """The text as the formatter would have it, with the line endings it came with; no file is read or written by us.

    `path` is for the messages. Cancelling kills the formatter and whatever it started.
    """
    try:
        given = text.encode()
    except UnicodeEncodeError:
        return Rejection("native-tool-input", f"{path.name!r} holds half a surrogate pair and cannot be sent to a tool")
    ended = await run_child(
        formatter.command,
        given,
        cwd=formatter.cwd,
        search_path=formatter.search_path,
        limits=Limits(timeout_s, max_output=4 * len(given) + (1 << 20)),
    )
    if isinstance(ended, Rejection):
        return ended
    return _formatted(formatter, text, path, ended)


def _formatted(formatter: Formatter, text: str, path: Path, ended: Ended) -> str | Rejection:
    if ended.exit_code != 0:
        words = _first_words(ended.errors) or f"exit code {ended.exit_code}"
        return Rejection("native-tool-failed", f"{formatter.name} could not format {path.name!r}: {words}")
    try:
        formatted = ended.output.decode()
    except UnicodeDecodeError:
        return Rejection("native-tool-output", f"{formatter.name} answered {path.name!r} with bytes that are not UTF-8")
    if text.strip() and not formatted.strip():
        return Rejection("native-tool-output", f"{formatter.name} answered {path.name!r} with nothing")
    return _with_line_endings_of(text, formatted)


def _with_line_endings_of(text: str, formatted: str) -> str:
    """A formatter that knows only `\\n` must not turn each line of a Windows file into a change."""
    n_crlf = text.count("\r\n")
    if n_crlf and n_crlf == text.count("\n") and "\r" not in formatted:
        return formatted.replace("\n", "\r\n")
    return formatted


def _first_words(errors: bytes) -> str:
    """The first line of an error message that says something, without colors and control characters."""
    for line in _ESCAPES.sub("", errors.decode(errors="replace")).split("\n"):
        words = "".join(char for char in line if char.isprintable()).strip()
        if words:
            return words[:MAX_ERROR_CHARS].rstrip(".")
    return ""
