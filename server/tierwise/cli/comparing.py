"""`tierwise models compare`: one model for everything, or the work divided."""

from fractions import Fraction
from typing import Any

from rich.table import Table
from rich.text import Text

from tierwise.cli.output import USAGE, console, print_json, refuse
from tierwise.config import Config
from tierwise.config.prices import PriceTable
from tierwise.evals.comparison import (
    Comparison,
    Part,
    Workload,
    bill_of_the_article,
    compare,
    session_of_the_article,
)
from tierwise.routing.money import Price, format_money
from tierwise.routing.tiers import MODEL_TIERS, Tier

DEFAULT_TOKENS = ("100M", "30M")
"""Tokens in and out, as they are written."""
_UNITS = {"k": 10**3, "m": 10**6, "g": 10**9}


def compare_models(
    config: Config, *, tokens: tuple[str, str], alone: str | None, mix: str | None, as_json: bool
) -> None:
    """Print the comparison that was asked for, or the ones of the articles the product started from."""
    if (alone is None) != (mix is None):
        words = "name both --all MODEL and --mix MODEL=SHARE,… to compare them, or neither"
        refuse("usage", words, as_json=as_json, exit_code=USAGE)
    if alone is None and tokens != DEFAULT_TOKENS:
        refuse(
            "usage", "--input and --output belong to --all and --mix; name these too", as_json=as_json, exit_code=USAGE
        )
    table = PriceTable()
    table.warm()
    if alone is None or mix is None:
        session = _session(config, table)
        found = [bill_of_the_article(), *([] if session is None else [session])]
    else:
        found = [_wanted(config, table, tokens, alone, mix, as_json=as_json)]
    if as_json:
        print_json({"comparisons": [_comparison_json(one) for one in found]})
        return
    for one in found:
        _show(one)


def _session(config: Config, table: PriceTable) -> Comparison | None:
    """The article's session on the first model of each tier whose price is known; None where a tier has none."""
    parts: dict[Tier, Part] = {}
    for tier in MODEL_TIERS:
        for ref in config.tier(tier).models:
            price = table.price_of(ref, config)
            if price is not None:
                parts[tier] = Part(ref, price, Fraction(1))
                break
    if len(parts) < len(MODEL_TIERS):
        return None
    return session_of_the_article(parts[Tier.TOP], parts[Tier.BULK], parts[Tier.LOCAL])


def _wanted(
    config: Config, table: PriceTable, tokens: tuple[str, str], alone: str, mix: str, *, as_json: bool
) -> Comparison:
    try:
        workload = Workload(input_tokens=_count(tokens[0]), output_tokens=_count(tokens[1]))
        parts = [_part(config, table, written) for written in mix.split(",")]
        return compare(workload, Part(alone, _known_price(config, table, alone), Fraction(1)), parts)
    except ValueError as err:
        refuse("usage", str(err), as_json=as_json, exit_code=USAGE)


def _part(config: Config, table: PriceTable, written: str) -> Part:
    """`MODEL=SHARE`, the share in per cent."""
    model, _, share = written.strip().rpartition("=")
    try:
        part = Fraction(share.removesuffix("%")) / 100
    except (ValueError, ZeroDivisionError):
        raise ValueError(f"{written!r} is no share of a model; write MODEL=90") from None
    if not model or part < 0:
        raise ValueError(f"{written!r} is no share of a model; write MODEL=90")
    return Part(model, _known_price(config, table, model), part)


def _known_price(config: Config, table: PriceTable, name: str) -> Price:
    """The price of a configured model, or of one by its name in the table, `provider/model` or alone."""
    price = table.price_of(name, config) or table.price_named(name)
    if price is None:
        raise ValueError(f"the price of {name!r} is unknown; name a configured model or one of the price table")
    return price


def _count(written: str) -> int:
    """`30M`, `1.5k`, `200000`."""
    digits, unit = written.strip().lower().replace("_", ""), 1
    if digits and digits[-1] in _UNITS:
        digits, unit = digits[:-1], _UNITS[digits[-1]]
    try:
        count = Fraction(digits) * unit
    except (ValueError, ZeroDivisionError):
        raise ValueError(f"{written!r} is no number of tokens; write 30M, 1.5k or 200000") from None
    if count < 0 or count.denominator != 1:
        raise ValueError(f"{written!r} is no number of tokens; write 30M, 1.5k or 200000")
    return int(count)


def _comparison_json(one: Comparison) -> dict[str, Any]:
    return {
        "title": one.title,
        "inputTokens": one.workload.input_tokens,
        "outputTokens": one.workload.output_tokens,
        "alone": _part_json(one, one.alone),
        "mixed": [_part_json(one, part) for part in one.mixed],
        "alonePicoUsd": one.alone_pico_usd,
        "mixedPicoUsd": one.mixed_pico_usd,
        "aloneCost": format_money(one.alone_pico_usd),
        "mixedCost": format_money(one.mixed_pico_usd),
        "savedPercent": None if one.saved is None else round(float(100 * one.saved), 2),
    }


def _part_json(one: Comparison, part: Part) -> dict[str, Any]:
    return {
        "model": part.model,
        "sharePercent": float(100 * part.share),
        "picoUsd": round(one.workload.cost(part.price, part.share)),
        "priceSource": part.price.source,
    }


def _show(one: Comparison) -> None:
    out = console()
    out.print(one.title, markup=False)
    table = Table(box=None, pad_edge=False)
    for name in ("", "model"):
        table.add_column(name)
    for name in ("share", "in", "out", "cost"):
        table.add_column(name, justify="right")
    table.add_column("price from")
    rows = [("alone", one.alone), *(("mixed", part) for part in one.mixed)]
    for kind, part in rows:
        amounts = one.workload.costs(part.price, part.share)
        money = [format_money(round(amount)) for amount in (*amounts, sum(amounts))]
        table.add_row(*map(Text, (kind, part.model, f"{float(100 * part.share):.0f} %", *money, part.price.source)))
    out.print(table)
    saved = "" if one.saved is None else f", {float(100 * one.saved):.0f} % less"
    words = f"{format_money(one.alone_pico_usd)} alone, {format_money(one.mixed_pico_usd)} mixed{saved}\n"
    out.print(words, markup=False)
