"""A reply as it stands in the reply cache's file, with a hash that shows whether it still is what was written."""

import hashlib
from dataclasses import dataclass

from tierwise.backends.base import Usage
from tierwise.routing.tiers import Tier
from tierwise.store.checksums import Row

COLUMNS = (
    "key", "scope", "piece", "task", "tier", "backend", "model", "form", "text", "input_tokens", "output_tokens",
    "cached_tokens", "reasoning_tokens", "cost_pico_usd", "stored_us",
)  # fmt: skip
ALIKE = "alike"
"""The form of rows that say which instruction a reply answered, kept under the work without its words."""
MARKS = ", ".join("?" * len(COLUMNS))


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """A reply that passed its checks, and what it cost."""

    key: bytes
    """A hash of all that was asked, of whom, and for whom."""
    scope: bytes
    """A hash of whose it is: nobody else is ever given it, whatever the key."""
    piece: bytes
    """A hash of the work, whoever does it and whatever is around it."""
    task: bytes
    """A hash of the click the work is part of."""
    tier: Tier
    backend: str
    model: str
    form: str
    """The form the model was asked to answer in."""
    text: str
    usage: Usage | None
    """Tokens the call took; None: unknown."""
    cost_pico_usd: int | None
    """What the call cost; None: unknown."""
    stored_us: int = 0
    """Microseconds since 1970."""


def to_row(kept: Kept, now_us: int) -> Row:
    usage = kept.usage
    tokens = (
        (None,) * 4
        if usage is None
        else (usage.input_tokens, usage.output_tokens, usage.cached_tokens, usage.reasoning_tokens)
    )
    hashes = (kept.key, kept.scope, kept.piece, kept.task)
    text = kept.text.encode("utf-8", "surrogatepass")
    return (*hashes, str(kept.tier), kept.backend, kept.model, kept.form, text, *tokens, kept.cost_pico_usd, now_us)


def from_row(row: Row) -> Kept | None:
    """The reply of a row; None when the row is not what was written."""
    *values, seal = row
    if seal_of(tuple(values)) != seal:
        return None
    key, scope, piece, task, tier, backend, model, form, text, n_in, n_out, n_cached, n_reasoning, money, stored = (
        values
    )
    usage = None
    if n_in is not None and n_out is not None:
        usage = Usage(
            input_tokens=n_in, output_tokens=n_out, cached_tokens=n_cached or 0, reasoning_tokens=n_reasoning or 0
        )
    return Kept(
        key=key, scope=scope, piece=piece, task=task, tier=Tier(tier), backend=backend, model=model, form=form,
        text=text.decode("utf-8", "surrogatepass"), usage=usage, cost_pico_usd=money, stored_us=stored,
    )  # fmt: skip


def seal_of(values: Row) -> bytes:
    """A hash of a row's values: SQLite keeps none, and a flipped bit in a reply would be other code."""
    digest = hashlib.blake2b(digest_size=16)
    for value in values:
        raw = value if isinstance(value, bytes) else repr(value).encode("utf-8", "surrogatepass")
        digest.update(len(raw).to_bytes(8, "big"))
        digest.update(raw)
    return digest.digest()
