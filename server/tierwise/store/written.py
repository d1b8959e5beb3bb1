"""What is told to the ledger, as the values of its columns."""

import os
from functools import lru_cache

from tierwise.routing.money import Price
from tierwise.store.checksums import Row, SqlValue
from tierwise.store.rows import AttemptEnd, AttemptStart, CacheHit, Fate

MAX_TEXT = 500
MAX_INTEGER = 2**63 - 1
NOT_ENDED: Row = ("", "", None, None, None, None, 0, None, None, None)
"""The columns behind `outcome` of a call that has not ended."""

_NUMBER_BITS = 40
"""Room for a row's number in its key: a trillion clicks."""
_FORM_BITS = 0xF << 76 | 0b11 << 62
_VERSION_8 = 8 << 76 | 0b10 << 62


def start_values(start: AttemptStart, *, keep_details: bool) -> Row:
    """The columns from `tier` to `price_source`."""
    return (
        str(start.tier),
        _name(start.backend),
        _name(start.model),
        start.planned,
        _name(start.reason_code),
        clean(start.reason_words) if keep_details else "",
        count(start.prompt_files),
        count(start.estimated_input_tokens),
        *_price_columns(start.price),
    )


def hit_values(hit: CacheHit) -> Row:
    """The columns behind `started_us` of an answer from the cache. Raises ValueError for money that cannot be."""
    _refuse_money(hit.saved_pico_usd)
    usage = hit.usage
    tokens = (count(usage.input_tokens), count(usage.output_tokens)) if usage else (None, None)
    return (hit.kind, str(hit.tier), clean(hit.backend), clean(hit.model), *tokens, hit.saved_pico_usd)


def fate_values(fate: Fate) -> Row:
    """The columns behind `started_us` of what became of an edit."""
    return (fate.fate, str(fate.tier), clean(fate.backend), clean(fate.model))


def end_changes(end: AttemptEnd, *, keep_details: bool) -> dict[str, SqlValue]:
    """What changes when a call ends. Raises ValueError for money that cannot be."""
    _refuse_money(end.cost_pico_usd)
    usage = end.usage
    return {
        "outcome": end.outcome,
        "code": clean(end.code),
        "detail": clean(end.detail) if keep_details else "",
        "input_tokens": count(usage.input_tokens) if usage else None,
        "output_tokens": count(usage.output_tokens) if usage else None,
        "cached_tokens": count(usage.cached_tokens) if usage else None,
        "reasoning_tokens": count(usage.reasoning_tokens) if usage else None,
        "is_usage_estimated": int(end.is_usage_estimated),
        "first_token_us": None if end.first_token_s is None else _duration_us(end.first_token_s),
        "duration_us": _duration_us(end.duration_s),
        "cost_pico_usd": end.cost_pico_usd,
    }


def clean(text: str) -> str:
    """What SQLite can hold and a table can show: no lone surrogates, no control characters, not endless."""
    if not text.isprintable():
        text = "".join(character if character.isprintable() else "\N{REPLACEMENT CHARACTER}" for character in text)
    return text[:MAX_TEXT]


_name = lru_cache(maxsize=256)(clean)
"""The same for names, of which there are few."""


def count(number: int) -> int:
    """A number some server or configuration made up, brought into what a column can hold."""
    return number if 0 <= number <= MAX_INTEGER else min(max(number, 0), MAX_INTEGER)


def new_key(now_us: int, number: int) -> str:
    """A version 8 UUID of the time, chance, and the row's number, by which the row is found without an index."""
    chance = int.from_bytes(os.urandom(5), "big")
    value = (now_us // 1000 % 2**48) << 80 | chance << _NUMBER_BITS | number % 2**_NUMBER_BITS
    return f"{value & ~_FORM_BITS | _VERSION_8:032x}"


def number_in(key: str) -> int | None:
    """The row's number in a key; None for what is none."""
    try:
        return int(key[-10:], 16)
    except ValueError:
        return None


@lru_cache(maxsize=64)
def _price_columns(price: Price | None) -> Row:
    if price is None:
        return (None, None, None, None, "")
    cached = [None if rate is None else count(rate) for rate in (price.cache_read, price.cache_write)]
    return (count(price.input), count(price.output), *cached, clean(price.source))


def _refuse_money(pico_usd: int | None) -> None:
    if pico_usd is not None and not 0 <= pico_usd <= MAX_INTEGER:
        raise ValueError(f"a call cannot cost {pico_usd} pico-USD")


def _duration_us(seconds: float) -> int:
    return round(max(seconds, 0.0) * 10**6)
