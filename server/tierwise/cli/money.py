"""`tierwise stats` and `tierwise models`: what was spent, and what would be."""

import asyncio
import re
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any, Optional

import typer
from rich.table import Table
from rich.text import Text

from tierwise.cli.comparing import compare_models
from tierwise.cli.opening import load_for
from tierwise.cli.output import USAGE, console, print_json, refuse
from tierwise.dispatch.opening import ledger_of, open_runtime
from tierwise.dispatch.standing import left_alone, share_words, standing_json, standings
from tierwise.dispatch.troubles import now
from tierwise.evals.headline import headline
from tierwise.routing.money import PICO_USD_PER_USD, format_money
from tierwise.routing.tiers import Candidate
from tierwise.store.stats import CallStats, Stats
from tierwise.store.stats_json import stats_json

_SINCE = re.compile(r"^(\d+)([hdw])$")
_HOURS = {"h": 1, "d": 24, "w": 168}
_CENTURY_H = 876_000
JsonOption = Annotated[bool, typer.Option("--json", help="One JSON document.")]


def stats(
    since: Annotated[Optional[str], typer.Option("--since", help="e.g. 12h, 30d, 4w, or 2026-11-01.")] = None,  # noqa: UP045
    as_json: JsonOption = False,
) -> None:
    """What was spent, by tier; the headline is the top tier's share."""
    moment = parse_since(since, as_json)
    loaded = load_for(None)
    ledger, problem = ledger_of(loaded)
    if ledger is None:
        refuse("no-ledger", problem or "there is no ledger", as_json=as_json)
    try:
        found, spent, alone = ledger.stats(moment), ledger.spent(), left_alone(ledger.breakers(), now())
    finally:
        ledger.close()
    budgets = loaded.config.budgets
    if as_json:
        print_json({**stats_json(found), "standing": standing_json(budgets, spent, alone)})
        return
    print_stats(found)
    words = [one.words for one in standings(budgets, spent)] + [one.words for one in alone]
    for line in filter(None, (share_words(budgets, spent), *words)):
        console().print(line, markup=False)


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


def print_stats(found: Stats) -> None:
    """The headline, a row a tier, and what else should be known."""
    out = console()
    out.print(headline(found), markup=False)
    table = Table(box=None, pad_edge=False)
    table.add_column("tier")
    for name in ("calls", "tokens in", "tokens out", "spent", "share", "passed", "median", "p95"):
        table.add_column(name, justify="right")
    for name, calls in found.tiers.items():
        table.add_row(name, *_cells(calls, found.total))
    table.add_row("all", *_cells(found.total, found.total), style="bold")
    out.print(table)
    for title, counts in (("escalated", found.total.escalations), ("fell back", found.total.fallbacks)):
        if counts:
            out.print(f"{title}: " + ", ".join(f"{n} × {code}" for code, n in counts.items()), markup=False)
    if found.total.n_unknown_cost:
        out.print(f"the cost of {found.total.n_unknown_cost} calls is unknown and in no figure above", markup=False)
    for notice in found.notices:
        out.print(notice, markup=False)


def _cells(calls: CallStats, total: CallStats) -> list[str]:
    share = calls.pico_usd / total.pico_usd if total.pico_usd else None
    unknown = f" + {calls.n_unknown_cost} unknown" if calls.n_unknown_cost else ""
    return [
        str(calls.n_calls),
        f"{calls.input_tokens:,}",
        f"{calls.output_tokens:,}",
        format_money(calls.pico_usd) + unknown,
        "–" if share is None else f"{share:.0%}",
        "–" if calls.pass_rate is None else f"{calls.pass_rate:.0%}",
        _seconds(calls.duration.median_s),
        _seconds(calls.duration.p95_s),
    ]


def _seconds(value: float | None) -> str:
    return "–" if value is None else f"{value:.1f} s"


def models(
    what: Annotated[
        Optional[str],  # noqa: UP045
        typer.Argument(help="'compare': one model for everything beside several, in money. Without it the list."),
    ] = None,
    input_tokens: Annotated[str, typer.Option("--input", help="Tokens in to compare with, e.g. 100M.")] = "100M",
    output_tokens: Annotated[str, typer.Option("--output", help="Tokens out to compare with, e.g. 30M.")] = "30M",
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
