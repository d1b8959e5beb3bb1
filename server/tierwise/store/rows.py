"""What the ledger is told and what it gives back: one action is one click, one attempt is one call of a model.

Rows hold counts, codes and names of models and languages; never code, prompts or file names.
"""

from dataclasses import dataclass
from typing import Literal

from tierwise.backends.base import Usage
from tierwise.routing.money import Price
from tierwise.routing.tiers import Tier

ActionOutcome = Literal["applied", "proposed", "refused", "cancelled", "failed", "native"]
AttemptOutcome = Literal["accepted", "rejected", "failed", "cancelled"]
Planned = Literal["first", "escalated", "fallback", "forced", "tripwire"]
HitKind = Literal["exact", "similar", "classified"]
"""The same question, a paraphrased one whose edit was checked again, or a classification answered by likeness."""
FateName = Literal["kept", "changed", "undone"]
RowOutcome = Literal["running", "unknown"]
"""What only the ledger itself writes: not ended yet, and ended with its process."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ActionStart:
    """A click, before anything was asked of a model."""

    action: str
    """The action's id, e.g. `write_tests`."""
    language: str
    """The LSP language id."""
    workspace: str = ""
    """A hash of the workspace's folder, never its name."""
    client: str = ""
    """The editor's name and version, or `cli`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AttemptStart:
    """A call of a model, before it is made."""

    action_key: str
    """What `begin_action` gave."""
    tier: Tier
    backend: str
    """The backend's name in the configuration."""
    model: str
    price: Price | None
    """None: unknown, which is never counted as zero."""
    planned: Planned
    """Why this model: first on the ladder, after a rejected edit, after a backend's failure, the user's wish, or only
    to see whether a cheap model is still as good as it was."""
    reason_code: str
    """For `escalated` and `fallback` the code of what went wrong before; else the code of the route's reason."""
    reason_words: str = ""
    """The same for people; written only by a ledger opened with `keep_details`."""
    prompt_files: int = 0
    """How many files the model sees something of."""
    estimated_input_tokens: int = 0
    """Our own estimate of the prompt."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AttemptEnd:
    """How a call of a model ended."""

    outcome: AttemptOutcome
    """The checks accepted or rejected the edit, or there was no edit because the call failed or was cancelled."""
    duration_s: float
    """Seconds from the call to its end, by a monotonic clock."""
    cost_pico_usd: int | None
    """What it cost, in pico-USD (10⁻¹² USD); None: unknown."""
    code: str = ""
    """The rejection's or the failure's code; empty for an accepted edit."""
    detail: str = ""
    """The same for people; it may quote code, so it is written only by a ledger opened with `keep_details`."""
    usage: Usage | None = None
    """Tokens taken; None: unknown."""
    is_usage_estimated: bool = False
    """The tokens, and so the money, are our upper bound because the server did not count."""
    first_token_s: float | None = None
    """Seconds from the call to the first content token; None: none came."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CacheHit:
    """An answer kept from an earlier call served a click, so that no model was asked."""

    action_key: str
    """What `begin_action` gave."""
    kind: HitKind
    tier: Tier
    """Where the answer came from when it was paid for."""
    backend: str
    """The backend's name in the configuration."""
    model: str
    saved_pico_usd: int | None
    """What the call cost when it was paid for, in pico-USD; None: unknown."""
    usage: Usage | None = None
    """The tokens of that call; None: unknown."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fate:
    """What became of an edit in the time after it was applied."""

    action_key: str
    """What `begin_action` gave."""
    fate: FateName
    tier: Tier
    """Who made the edit."""
    backend: str
    """The backend's name in the configuration; empty: not known any more."""
    model: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ActionRow:
    """One click as the ledger has it."""

    action_key: str
    """A UUID in 32 hexadecimal digits."""
    started_at: str
    """UTC, ISO 8601 with microseconds."""
    action: str
    """The action's id, e.g. `write_tests`."""
    language: str
    """The LSP language id."""
    workspace: str
    """A hash of the workspace's folder."""
    client: str
    """The editor's name and version, or `cli`."""
    outcome: ActionOutcome | RowOutcome
    """`running` until it ends; `unknown` when its process died before."""
    code: str
    """Why it was refused or failed; empty otherwise."""
    ended_at: str | None
    """UTC, ISO 8601 with microseconds; None: not ended."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AttemptRow:
    """One call of a model as the ledger has it, with the click it belongs to."""

    id: int
    """Counts up from 1 without gaps in one ledger."""
    action_key: str
    """The click's UUID in 32 hexadecimal digits; empty when the click's own row is damaged."""
    action: str
    """The action's id, e.g. `write_tests`."""
    language: str
    """The LSP language id."""
    workspace: str
    """A hash of the workspace's folder."""
    client: str
    """The editor's name and version, or `cli`."""
    started_at: str
    """UTC, ISO 8601 with microseconds."""
    is_clock_behind: bool
    """The wall clock stood more than five minutes before the row before this one."""
    tier: Tier
    """The tier that was asked."""
    backend: str
    """The backend's name in the configuration."""
    model: str
    """The model's name in the configuration."""
    planned: Planned
    """Why this model was asked: first, escalated, fallback, forced or tripwire."""
    reason_code: str
    """The code of that reason."""
    reason_words: str
    """That reason for people; empty unless details are kept."""
    prompt_files: int
    """How many files the model saw something of."""
    estimated_input_tokens: int
    """Our own estimate of the prompt, made before the call."""
    price_input: int | None
    """Pico-USD per input token at the time; None: unknown."""
    price_output: int | None
    """Pico-USD per output token at the time; None: unknown."""
    price_cache_read: int | None
    """Pico-USD per input token read from the provider's cache; None: as plain input, or unknown."""
    price_cache_write: int | None
    """Pico-USD per input token written to the provider's cache; None: as plain input, or unknown."""
    price_source: str
    """Where the price came from; empty: unknown."""
    outcome: AttemptOutcome | RowOutcome
    """`running` until it is settled; `unknown` when its process died before."""
    code: str
    """The rejection's or the failure's code; empty for an accepted edit."""
    detail: str
    """The same for people; empty unless details are kept."""
    input_tokens: int | None
    """The whole prompt, cached part included; None: unknown."""
    output_tokens: int | None
    """The whole reply, reasoning included; None: unknown."""
    cached_tokens: int | None
    """Input tokens the provider took from its cache; None: unknown."""
    reasoning_tokens: int | None
    """Output tokens spent on reasoning; None: unknown."""
    is_usage_estimated: bool
    """The tokens, and so the money, are our upper bound because the server did not count."""
    first_token_s: float | None
    """Seconds to the first content token; None: none came."""
    duration_s: float | None
    """Seconds the call took; None: not settled."""
    cost_pico_usd: int | None
    """What it cost, in pico-USD (10⁻¹² USD); None: unknown or not settled."""
