"""What an action is: where it applies, what is asked of the model, and what its edit must pass."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property

from tierwise.checks import Check
from tierwise.syntax.outline import Symbol, enclosing
from tierwise.text import Snapshot, Span


class Scope(StrEnum):
    """What an action's edit may touch."""

    SPAN = "span"
    """The target's span of the file, and the imports where the action says so."""
    FILE = "file"
    """The whole file."""
    TEST_FILE = "test-file"
    """One test file beside the target's file; the target itself stays as it is."""
    FILES = "files"
    """Several files of the workspace, listed before the model sees any of them."""


class Difficulty(StrEnum):
    """How hard an action is by its nature; the router starts there."""

    MECHANICAL = "mechanical"
    STANDARD = "standard"
    DEEP = "deep"


@dataclass(frozen=True, slots=True, kw_only=True)
class Related:
    """A further place a problem has to do with."""

    message: str
    line: int
    """Counted from 1."""
    uri: str = ""
    path: str | None = None
    """Relative to the workspace's folder; None: it lies elsewhere, or that is not known yet."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Diagnostic:
    """A problem some tool reported in the editor."""

    span: Span
    message: str
    code: str = ""
    source: str = ""
    """The tool's name as it reported itself, e.g. `Ruff`."""
    severity: int = 1
    """1 error, 2 warning, 3 information, 4 hint, as in the protocol."""
    related: tuple[Related, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Site:
    """Where the user stands: all an action may look at to decide whether it applies."""

    snapshot: Snapshot
    symbols: tuple[Symbol, ...]
    selection: Span
    diagnostics: tuple[Diagnostic, ...] = ()
    """Those that touch the selection."""

    @cached_property
    def cursor(self) -> Span:
        """The selection, or for a bare cursor the first word of its line, so that indentation belongs to the symbol."""
        text, selection = self.snapshot.text, self.selection
        if selection.start < selection.end:
            return selection
        line_start = text.rfind("\n", 0, selection.start) + 1
        offset = selection.start
        while offset < len(text) and text[offset] in " \t" and text[line_start:offset].strip() == "":
            offset += 1
        return Span(offset, offset)

    @cached_property
    def symbol(self) -> Symbol | None:
        """The innermost symbol around the cursor; looked for once, whatever the number of actions that ask."""
        return enclosing(self.symbols, self.cursor)


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """What would be rewritten, or tested."""

    span: Span
    name: str
    """For the menu: a symbol's name, `selection`, or the file's name."""
    symbol: Symbol | None = None
    diagnostic: Diagnostic | None = None
    instruction: str | None = None
    """The instruction a `tw:` comment gave."""
    dropped: Span | None = None
    """A span inside the target that goes away before the model sees it: the `tw:` comment."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Example:
    """One worked case: the documentation, the test, and the turn the model is shown."""

    language: str
    before: str
    """`$0` marks the cursor, `$0…$0` a selection."""
    reply: str
    """What a good model answers, fence included."""
    after: str
    """The file afterwards; for a test file, the test file."""
    instruction: str | None = None
    diagnostic: str | None = None
    """`CODE message`, reported for the line of the cursor."""
    framework: str | None = None
    """For tests: what runs them; None where a language has one framework only."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Action:
    """One entry of the catalogue."""

    id: str
    title: str
    """What the menu shows; `{target}` stands for the target's name."""
    kind: str
    """The leaf of the protocol's code action kinds."""
    difficulty: Difficulty
    scope: Scope
    find_target: Callable[[Site], Target | None]
    """Runs on every cursor movement: no I/O, well under a millisecond."""
    instructions: str
    """What is asked of the model."""
    checks: tuple[Check, ...]
    examples: tuple[Example, ...] = ()
    allows_imports: bool = False
    """Whether the edit may also change the file's imports."""
    may_change_nothing: bool = False
    """Whether an answer that leaves the code as it is is a good one."""
    sets_layout: bool = False
    """Whether the steps of indentation may be others afterwards."""
    needs_instruction: bool = False
    is_native_first: bool = False
    """Whether a tool of the project does it without a model where one is configured."""
    output_ratio: float = 1.2
    """Reply tokens expected for each token of the target, for the price in the menu."""
    languages: frozenset[str] | None = None
    """Language ids it is offered for; None: all."""
    tier: str | None = None
    """The tier a user-defined action asked for; None leaves it to the policy."""
    is_quick_fix: bool = False

    def title_for(self, target: Target) -> str:
        """The menu's words for one target."""
        return self.title.format(target=target.name)

    @property
    def title_alone(self) -> str:
        """The menu's words where nobody knows the target any more: `Write tests`."""
        words = " ".join(self.title.format(target="").split())
        return _LEFT_OVER.sub("", words) or self.id.replace("_", " ").capitalize()


_LEFT_OVER = re.compile(r"[\s:…]*(?:\s(?:for|to|on|of|in|from))?[\s:…]*$")
"""What stands between the words of a title and its target."""


COMMON_CHECKS = (Check.NO_PROTECTED_FILE, Check.NO_ELISION, Check.NO_HIDDEN_UNICODE, Check.PARSES, Check.SANE_SIZE)
