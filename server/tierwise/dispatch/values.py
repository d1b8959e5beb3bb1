"""What goes into the dispatcher and what comes out of it."""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal, Protocol

from tierwise.actions import Diagnostic
from tierwise.backends.account import Sent
from tierwise.backends.base import Outgoing
from tierwise.checks import Check
from tierwise.dispatch.audit import Audit
from tierwise.routing.money import format_money
from tierwise.routing.policy import Hint
from tierwise.routing.tiers import Reason, Tier
from tierwise.text import Snapshot, Span


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """One click: an action on one place of one document, as it was at that moment."""

    action_id: str
    snapshot: Snapshot
    selection: Span
    instruction: str | None = None
    diagnostics: tuple[Diagnostic, ...] = ()
    tier: Tier | None = None
    """The tier asked for by name; None leaves it to the policy."""
    hint: Hint = "auto"
    scope: tuple[str, ...] = ()
    """Patterns of .gitignore for the files a change over several may touch; empty: all of the project."""
    client: str = "cli"
    """Which program asked, for the ledger: an editor's name or `cli`."""

    @property
    def wish(self) -> "Wish":
        """What the user says about how it is to be done."""
        return Wish(instruction=self.instruction, tier=self.tier, hint=self.hint)


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What the user says about how an action is to be done."""

    instruction: str | None = None
    tier: Tier | None = None
    hint: Hint = "auto"


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """One entry of the menu."""

    action_id: str
    title: str
    kind: str
    target: Span
    diagnostics: tuple[Diagnostic, ...]
    tier: Tier | None
    model: str | None
    price_pico_usd: int | None
    """Of one call of who is asked first; None: unknown, or nothing can be asked."""
    most_pico_usd: int | None = None
    """Of all calls together when every tier's edit is rejected; None: unknown, or nothing can be asked."""
    needs_instruction: bool
    instruction: str | None
    is_quick_fix: bool
    is_model: bool
    """Whether a model would answer; False for a native tool."""
    reasons: tuple[Reason, ...]
    disabled_reason: str | None = None
    twins: tuple["Twin", ...] = ()
    """The same on every other tier that has somebody, those above in front; only where asked for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Twin:
    """An entry of the menu on another tier."""

    direction: Literal["up", "down"]
    title: str
    tier: Tier
    model: str
    price_pico_usd: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Left:
    """What is left of the budget that leaves least."""

    pico_usd: int
    setting: str
    """The budget's name in the configuration."""

    @property
    def words(self) -> str:
        """The same for people."""
        left = format_money(self.pico_usd) if self.pico_usd else "nothing"
        return f"of {self.setting} {left} is left"


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """How far an action has come, for whoever waits."""

    message: str
    tier: Tier | None = None
    model: str | None = None
    n_tokens: int = 0
    percentage: int | None = None
    why: str = ""
    """Why this model is asked."""


Report = Callable[[Progress], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class FileChange:
    """What happens to one file."""

    path: Path
    uri: str
    language: str
    before: Snapshot | None
    """None: the file is new."""
    after: str | None
    """None: the file goes away."""
    checks: tuple[Check, ...] = ()
    """What the change had to pass, and has to pass again when it is moved onto newer text."""
    annotation: str = ""
    """Which part of a plan it belongs to; empty for an action that is not planned."""
    is_agreed: bool = False
    """Whether the user asked for this very file; protected files are changed only then."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AttemptSummary:
    """One call, or one native tool, as the user is told of it."""

    tier: Tier
    model: str
    outcome: Literal["accepted", "rejected", "failed", "cancelled", "skipped"]
    """`skipped`: it was not asked, and nothing of it is in the ledger."""
    code: str = ""
    detail: str = ""
    cost_pico_usd: int | None = None
    duration_s: float = 0.0
    input_tokens: int = 0
    output_tokens: int = 0
    is_scripted: bool = False
    is_cached: bool = False
    """Whether it is an answer given before, for which nobody was asked."""
    saved_pico_usd: int | None = None
    """What the call cost whose answer was used again; None: unknown, or it is none."""
    sent: tuple[Sent, ...] = ()
    """What left this process for it, and where it went."""
    outgoing: Outgoing | None = field(default=None, compare=False, repr=False)
    """The request as it was handed to the backend, without the key and with secrets taken out; None: none was made.
    It holds code, so it stays in memory."""
    secrets: tuple[str, ...] = ()
    """The kinds of secrets that were taken out of it."""
    seen: tuple[str, ...] = ()
    """The files of which something was in it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposal:
    """A verified edit."""

    action_id: str
    action_key: str
    """The ledger's key of this action."""
    changes: tuple[FileChange, ...]
    summary: str
    tier: Tier
    model: str
    cost_pico_usd: int | None
    """All attempts together; None when any of them is unknown."""
    attempts: tuple[AttemptSummary, ...]
    reasons: tuple[Reason, ...]
    notes: tuple[str, ...]
    """What could not be checked, and what else the user should know."""
    is_scripted: bool = False
    audit: Audit | None = None
    """What each tier saw, of a change that was planned."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """Nothing was changed, and why."""

    action_id: str
    code: str
    words: str
    attempts: tuple[AttemptSummary, ...] = ()
    reasons: tuple[Reason, ...] = ()
    cost_pico_usd: int | None = 0
    audit: Audit | None = None
    action_key: str = ""
    """The ledger's key of this action; empty where it was not booked."""


class Workspace(Protocol):
    """The files an action may read."""

    @property
    def roots(self) -> tuple[Path, ...]:
        """The folders the user opened."""
        ...

    @property
    def is_trusted(self) -> bool:
        """Whether code and configuration of the workspace may be obeyed."""
        ...

    def read(self, path: Path) -> Snapshot | None:
        """An open document first, the disk second; None when there is no such text file inside the roots."""
        ...


def total_cost(attempts: tuple[AttemptSummary, ...]) -> int | None:
    """What attempts cost together; None when one of them is unknown."""
    total = 0
    for attempt in attempts:
        if attempt.cost_pico_usd is None:
            return None
        total += attempt.cost_pico_usd
    return total
