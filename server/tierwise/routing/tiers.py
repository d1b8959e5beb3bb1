"""Tiers, what stands on them, and routes over them."""

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from tierwise.routing.money import Price

if TYPE_CHECKING:
    from tierwise.routing.worth import Worth


class Tier(StrEnum):
    """The three classes of model, cheapest first; native tools stand beneath them."""

    NATIVE = "native"
    LOCAL = "local"
    BULK = "bulk"
    TOP = "top"
    JUDGE = "judge"
    """No class of models: the line in the ledger for what the tripwire takes, so that it is in no tier's figures."""


MODEL_TIERS = (Tier.LOCAL, Tier.BULK, Tier.TOP)


class Availability(StrEnum):
    """Whether a model can be asked now, as far as is known."""

    READY = "ready"
    UNKNOWN = "unknown"
    """Configured, not probed yet: it is tried."""
    NO_KEY = "no-key"
    UNREACHABLE = "unreachable"
    NO_MODEL = "no-model"
    """The server answers but does not have the model."""
    PAUSED = "paused"
    """The server had trouble lately and is left alone for a while."""
    DISABLED = "disabled"


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """One model somebody configured for a tier."""

    tier: Tier
    backend: str
    """The backend's name in the configuration."""
    model: str
    price: Price | None
    """None: unknown, which is shown as unknown and never counted as zero."""
    window: int | None = None
    """Tokens of prompt and reply together; None: unknown."""
    is_on_this_machine: bool = False
    is_scripted: bool = False
    availability: Availability = Availability.UNKNOWN
    availability_detail: str = ""
    """Why it cannot be asked and what would mend it, for people."""

    @property
    def ref(self) -> str:
        """`backend/model`, as configurations name it."""
        return f"{self.backend}/{self.model}"

    @property
    def can_be_tried(self) -> bool:
        """Whether a call makes sense now."""
        return self.availability in (Availability.READY, Availability.UNKNOWN)


@dataclass(frozen=True, slots=True)
class Reason:
    """One step of the policy's argument."""

    code: str
    words: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """The candidates to try in order, and why these."""

    ladder: tuple[Candidate, ...]
    """Escalation goes to the next tier, fallback to the next candidate. Empty: nothing can be tried."""
    reasons: tuple[Reason, ...]
    start: Tier | None = None
    """The tier the work is for, whether or not it has somebody who can be asked now; None: nobody said."""
    expected: "Worth | None" = None
    """What is expected of the ladder; None for a tier asked for by name."""

    @property
    def first(self) -> Candidate | None:
        """Who is asked first."""
        return self.ladder[0] if self.ladder else None
