"""`tierwise models`: what can be asked and what it would cost; and moments as users write them."""

import asyncio
import re
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any, Optional

import typer
from rich.table import Table
from rich.text import Text

from tierwise.cli.comparing import DEFAULT_TOKENS, compare_models
from tierwise.cli.opening import load_for
from tierwise.cli.options import JsonOption
from tierwise.cli.output import USAGE, console, print_json, refuse
from tierwise.dispatch.opening import open_runtime
from tierwise.routing.money import PICO_USD_PER_USD
from tierwise.routing.tiers import Candidate

_SINCE = re.compile(r"^(\d+)([hdw])$")
_HOURS = {"h": 1, "d": 24, "w": 168}
_CENTURY_H = 876_000


def parse_since(written: str | None, as_json: bool) -> datetime | None:
    """A length of time before now, or a date, as a moment."""
    if written is None:
        return None
    match = _SINCE.match(written.strip())
    if match is not None:
        return datetime.now(UTC) - timedelta(hours=min(_CENTURY_H, int(match[1]) * _HOURS[match[2]]))
    try:
        moment = datetime.fromisoformat(written)
    except ValueError:
        words = f"{written!r} is no time; write 12h, 30d, 4w or a date like 2026-11-01"
        refuse("usage", words, as_json=as_json, exit_code=USAGE)
    return moment if moment.tzinfo is not None else moment.replace(tzinfo=UTC)


def models(
    what: Annotated[
        Optional[str],  # noqa: UP045
        typer.Argument(help="'compare': one model for everything beside several, in money. Without it the list."),
    ] = None,
    input_tokens: Annotated[str, typer.Option("--input", help="Tokens in to compare with.")] = DEFAULT_TOKENS[0],
    output_tokens: Annotated[str, typer.Option("--output", help="Tokens out to compare with.")] = DEFAULT_TOKENS[1],
    alone: Annotated[Optional[str], typer.Option("--all", help="The model that would do everything.")] = None,  # noqa: UP045
    mix: Annotated[Optional[str], typer.Option("--mix", help="MODEL=90,MODEL=10: who would share it.")] = None,  # noqa: UP045
    as_json: JsonOption = False,
) -> None:
    """Every configured model with its tier, price, window, and whether it can be asked now."""
    if what == "compare":
        tokens = (input_tokens, output_tokens)
        compare_models(load_for(None).config, tokens=tokens, alone=alone, mix=mix, as_json=as_json)
        return
    if what is not None:
        words = f"there is nothing like {what!r} to do with models; write 'tierwise models compare'"
        refuse("usage", words, as_json=as_json, exit_code=USAGE)

    async def probed() -> tuple[Candidate, ...]:
        runtime = open_runtime(load_for(None))
        try:
            await runtime.learn()
            await runtime.probe()
            return runtime.candidates
        finally:
            await runtime.aclose()

    found = asyncio.run(probed())
    if as_json:
        print_json({"models": [_model_json(candidate) for candidate in found]})
        return
    table = Table("tier", "model", "in / out per million", "window", "state", box=None, pad_edge=False)
    for candidate in found:
        name = f"{candidate.ref} (scripted)" if candidate.is_scripted else candidate.ref
        state = str(candidate.availability)
        detail = f": {candidate.availability_detail}" if candidate.availability_detail else ""
        table.add_row(*map(Text, (candidate.tier, name, _rates(candidate), _window(candidate), state + detail)))
    console().print(table)


def _model_json(candidate: Candidate) -> dict[str, Any]:
    price = candidate.price
    return {
        "tier": str(candidate.tier),
        "model": candidate.ref,
        "scripted": candidate.is_scripted,
        "onThisMachine": candidate.is_on_this_machine,
        "availability": str(candidate.availability),
        "detail": candidate.availability_detail,
        "window": candidate.window,
        "price": None
        if price is None
        else {
            "inputPicoUsdPerToken": price.input,
            "outputPicoUsdPerToken": price.output,
            "cacheReadPicoUsdPerToken": price.cache_read,
            "source": price.source,
        },
    }


def _rates(candidate: Candidate) -> str:
    if candidate.price is None:
        return "unknown"
    if candidate.price.is_free:
        return "free"
    # A million tokens at so many pico-USD each are that many micro-USD.
    per_usd = PICO_USD_PER_USD // 10**6
    return f"${candidate.price.input / per_usd:g} / ${candidate.price.output / per_usd:g}"


def _window(candidate: Candidate) -> str:
    return "unknown" if candidate.window is None else f"{candidate.window:,}"
