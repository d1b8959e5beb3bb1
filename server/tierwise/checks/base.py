"""The words checks are written in: what may be checked, a change, and the verdict on it."""

from dataclasses import dataclass
from enum import StrEnum

from tierwise.text import Rejection, Span


class Check(StrEnum):
    """What can be asked of a change; an action names the ones its edits must pass."""

    PARSES = "parses"
    SAME_PROGRAM = "same-program"
    ONLY_DOCS = "only-docs"
    ONLY_HINTS = "only-hints"
    IN_SCOPE = "in-scope"
    NO_ELISION = "no-elision"
    NO_HIDDEN_UNICODE = "no-hidden-unicode"
    NAMES_DEFINED = "names-defined"
    PUBLIC_NAMES_KEPT = "public-names-kept"
    NOT_EMPTIED = "not-emptied"
    SANE_SIZE = "sane-size"
    NO_PROTECTED_FILE = "no-protected-file"
    TESTS_PASS = "tests-pass"  # noqa: S105 - no password
    DIAGNOSTIC_GONE = "diagnostic-gone"
    NO_NEW_DIAGNOSTICS = "no-new-diagnostics"
    IMPORTS_RESOLVE = "imports-resolve"
    PROJECT_TESTS = "project-tests"


RUNNING_CHECKS = frozenset(
    {
        *(Check.NAMES_DEFINED, Check.TESTS_PASS, Check.DIAGNOSTIC_GONE, Check.NO_NEW_DIAGNOSTICS),
        *(Check.IMPORTS_RESOLVE, Check.PROJECT_TESTS),
    }
)
"""Checks that have to run a program or look at the disk; `checks.running` answers them, `verify` passes them over."""


@dataclass(frozen=True, slots=True)
class Change:
    """One file before and after an edit."""

    path: str
    """As the user knows it; for words only, never opened."""
    language: str
    """The LSP language id."""
    before: str | None
    """The whole text; None for a new file."""
    after: str | None
    """The whole text; None for a deleted file."""
    span: Span | None = None
    """The part of `before` the edit was asked to replace; None: the whole file."""
    allow_imports: bool = False
    """Whether import statements outside the span may change too."""
    is_target: bool = False
    """Whether the user has this very file open and asked for it; protected files are changed only then."""
    must_keep_comments: bool = True
    """Whether a change that keeps the program must keep every comment; if not, losses are noted only."""
    real_path: str | None = None
    """The path the file really has where links lead elsewhere; None: the same."""


@dataclass(frozen=True, slots=True)
class Accepted:
    """Nothing speaks against a change."""

    notes: tuple[str, ...] = ()
    """What could not be checked and what the user should know, one sentence each."""


Verdict = Accepted | Rejection
