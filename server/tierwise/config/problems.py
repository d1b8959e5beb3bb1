"""What is wrong with settings, as values for people and for programs."""

from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

MAX_PROBLEMS = 100
"""How many are told at once."""


class Severity(StrEnum):
    """How bad a problem is."""

    ERROR = "error"
    """Something the user wrote does not apply. Settings with an error never replace good ones."""
    REFUSED = "refused"
    """A workspace asked for more than a workspace may; everything else of it applies."""
    NOTE = "note"
    """Nothing is wrong, but the user may wonder, e.g. about a workspace file that waits to be trusted."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """One thing to tell the user about the settings."""

    code: str
    """A stable kebab-case word."""
    words: str
    """One sentence that says what, where and what to do; it never repeats a value that could be a secret."""
    severity: Severity = Severity.ERROR
    path: Path | None = None
    """The file; None for settings that came from an editor or the environment."""
    line: int | None = None
    """From 1."""
    column: int | None = None
    """From 1."""
    key: str = ""
    """The dotted key; empty when the whole file is meant."""

    def __str__(self) -> str:
        place = "" if self.path is None else f"{self.path}:{self.line}: " if self.line else f"{self.path}: "
        return place + self.words

    def as_json(self) -> dict[str, str | int | None]:
        """For `--json` and editors."""
        return {
            "severity": str(self.severity),
            "code": self.code,
            "words": self.words,
            "path": None if self.path is None else str(self.path),
            "line": self.line,
            "column": self.column,
            "key": self.key,
        }
