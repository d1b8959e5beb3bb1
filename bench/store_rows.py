"""Rows of a ledger as a year of use leaves them, drawn by chance, and what they cost in exact numbers."""

import random
from collections.abc import Sequence
from fractions import Fraction

import apsw

from tierwise.routing.money import Price, cost, usd_per_million
from tierwise.store.tables import ACTIONS, ATTEMPTS, FATES, HITS

ACTION_NAMES = ("write_tests", "refactor", "document", "add_type_hints", "fix_diagnostic", "format")
LANGUAGES = ("python", "typescript", "go", "rust", "java")
USD_PER_MILLION = {"local": ("0", "0"), "bulk": ("1.4", "4.4"), "top": ("5.00", "25.000001")}
"""In and out, as a price list says it."""
MODELS = {"local": "qwen2.5-coder:7b", "bulk": "glm-5.1", "top": "claude-opus"}
PRICES = {
    tier: Price(input=usd_per_million(read), output=usd_per_million(written))
    for tier, (read, written) in USD_PER_MILLION.items()
}
BEHIND_START = ATTEMPTS.columns.index("started_us") + 1
TIER, INPUT, OUTPUT = (
    ATTEMPTS.columns.index(name) - BEHIND_START for name in ("tier", "input_tokens", "output_tokens")
)


def drawn_calls(n: int, chance: random.Random) -> list[tuple[int | str | None, ...]]:
    """So many calls behind `started_us` as they stand in the file: forty in a hundred local, fifty bulk, ten top."""
    tiers = chance.choices(tuple(MODELS), (40, 50, 10), k=n)
    planned = chance.choices(("first", "escalated", "fallback", "forced"), (85, 9, 4, 2), k=n)
    outcomes = chance.choices(("accepted", "rejected", "failed"), (85, 10, 5), k=n)
    read, written = chance.choices(range(200, 9000), k=n), chance.choices(range(20, 2000), k=n)
    return [
        drawn_call(*drawn, int(chance.lognormvariate(15, 0.6)))
        for drawn in zip(tiers, planned, outcomes, read, written, strict=True)
    ]


def drawn_call(
    tier: str, planned: str, outcome: str, read: int, written: int, duration_us: int
) -> tuple[int | str | None, ...]:
    """One of them."""
    price = PRICES[tier]
    head = (0, tier, "backend", MODELS[tier], planned, "standard", "", 2, read)
    prices = (price.input, price.output, None, None, "bench")
    money = cost(price, input_tokens=read, output_tokens=written)
    return (*head, *prices, outcome, "", "", read, written, 0, 0, 0, duration_us // 5, duration_us, money)


def exact_usd(tokens: dict[str, list[int]]) -> Fraction:
    """What calls cost, worked out from the price list without any of our own units; `tokens` in and out by tier."""
    prices = {tier: tuple(map(Fraction, USD_PER_MILLION[tier])) for tier in tokens}
    return (
        sum(
            (price * n for tier, counts in tokens.items() for price, n in zip(prices[tier], counts, strict=True)),
            Fraction(0),
        )
        / 10**6
    )


def write_rows(
    cursor: apsw.Cursor,
    numbers: range,
    calls: Sequence[tuple[int | str | None, ...]],
    start_us: int,
    step_us: int,
    chance: random.Random,
) -> None:
    """Write calls with their clicks, what became of these, and a hit to every fifth."""
    n = len(numbers)
    names, languages = chance.choices(ACTION_NAMES, k=n), chance.choices(LANGUAGES, k=n)
    fates, places = chance.choices(("kept", "changed", "undone"), (70, 20, 10), k=n), chance.choices(range(8), k=n)
    for place, (number, call) in enumerate(zip(numbers, calls, strict=True)):
        click, started_us = (number + 1) // 2, start_us + step_us * number
        if number % 2:
            texts = (names[place], languages[place], f"{places[place]:04x}", "bench", "applied", "")
            ACTIONS.insert(cursor, (click, f"{click:032x}", 1, started_us, *texts, started_us))
            FATES.insert(cursor, (click, click, started_us, fates[place], "bulk", "backend", MODELS["bulk"]))
        if number % 5 == 0:
            hit = ("exact", "bulk", "backend", MODELS["bulk"], 1800, 600, 5_000_000_000)
            HITS.insert(cursor, (number // 5, click, started_us, *hit))
        ATTEMPTS.insert(cursor, (number, click, 1, started_us, *call))
