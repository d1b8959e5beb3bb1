"""`tierwise stats`: what was spent, by tier or by anything else, and what came of it."""

import hashlib
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Any, Optional

import typer

from tierwise.cli.money import parse_since
from tierwise.cli.opening import load_for
from tierwise.cli.output import USAGE, console, print_json, refuse
from tierwise.cli.stats_tables import csv_text, print_stats
from tierwise.config import Config
from tierwise.config.prices import PriceTable
from tierwise.dispatch.opening import ledger_of
from tierwise.dispatch.standing import left_alone, share_words, standing_json, standings
from tierwise.dispatch.tripwire_telling import status_words, tripwire_json
from tierwise.dispatch.troubles import now
from tierwise.evals.savings import Savings, savings, unseen
from tierwise.routing.tiers import Tier
from tierwise.store.stats import Grouped, Stats
from tierwise.store.stats_json import grouped_json, stats_json
from tierwise.store.sums import DIMENSIONS, Dimension


def stats(
    since: Annotated[Optional[str], typer.Option("--since", help="e.g. 12h, 30d, 4w, or 2026-11-01.")] = None,  # noqa: UP045
    by: Annotated[str, typer.Option("--by", help=f"One of {', '.join(DIMENSIONS)}.")] = "tier",
    baseline: Annotated[
        Optional[str],  # noqa: UP045
        typer.Option("--baseline", help="The model that would have done everything; unset: the top tier's first."),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON document.")] = False,
    as_csv: Annotated[bool, typer.Option("--csv", help="Comma-separated values, one line a group.")] = False,
) -> None:
    """What was spent, by tier; the headline is the top tier's share."""
    if as_json and as_csv:
        refuse("usage", "choose one of --json and --csv", as_json=True, exit_code=USAGE)
    dimension = _dimension(by, as_json=as_json)
    moment = parse_since(since, as_json)
    loaded = load_for(None)
    ledger, problem = ledger_of(loaded)
    if ledger is None:
        refuse("no-ledger", problem or "there is no ledger", as_json=as_json)
    try:
        found, groups = ledger.stats(moment), ledger.grouped(dimension, moment)
        spent, alone = ledger.spent(), left_alone(ledger.breakers(), now())
        watched, judging = ledger.tripwire.cells(), ledger.tripwire.spent_today()
    finally:
        ledger.close()
    if as_csv:
        typer.echo(csv_text(groups, found.total), nl=False)
        return
    saved = _savings(found, loaded.config, baseline, as_json=as_json)
    budgets = loaded.config.budgets
    if as_json:
        standing = standing_json(budgets, spent, alone)
        document = {**stats_json(found), **grouped_json(groups, found.total), **_more_json(found, saved)}
        print_json({**document, "standing": standing, "tripwire": tripwire_json(loaded.config, watched, judging)})
        return
    print_stats(found, _with_folder(groups), saved)
    words = [one.words for one in standings(budgets, spent)] + [one.words for one in alone]
    words += status_words(loaded.config, watched)["raised"]
    for line in filter(None, (share_words(budgets, spent), *words)):
        console().print(line, markup=False)


def _dimension(by: str, *, as_json: bool) -> Dimension:
    for dimension in DIMENSIONS:
        if dimension == by:
            return dimension
    words = f"nothing is added up by {by!r}; write --by with one of {', '.join(DIMENSIONS)}"
    refuse("usage", words, as_json=as_json, exit_code=USAGE)


def _savings(found: Stats, config: Config, baseline: str | None, *, as_json: bool) -> Savings | str:
    """The bill beside the baseline's, or a sentence why there is no such comparison."""
    table = PriceTable()
    table.warm()
    if baseline is not None:
        price = table.price_of(baseline, config) or table.price_named(baseline)
        if price is None:
            words = f"the price of {baseline!r} is unknown; name a configured model or one of the price table"
            refuse("usage", words, as_json=as_json, exit_code=USAGE)
        return savings(found, baseline, price)
    for ref in config.tier(Tier.TOP).models:
        price = table.price_of(ref, config)
        if price is not None:
            return savings(found, ref, price)
    return "what was saved is unknown, since no model of the top tier has a known price; name one with --baseline"


def _more_json(found: Stats, saved: Savings | str) -> dict[str, Any]:
    context = unseen(found)
    return {
        "saved": {"baseline": None, "message": saved}
        if isinstance(saved, str)
        else {
            "baseline": saved.baseline,
            "baselinePicoUsd": saved.baseline_pico_usd,
            "spentPicoUsd": saved.spent_pico_usd,
            "savedPicoUsd": saved.saved_pico_usd,
            "savedShare": saved.saved_share,
            "nUnknown": saved.n_unknown,
        },
        "neverSeenByTop": {
            "share": context.share,
            "nTokens": context.n_tokens,
            "nTopTokens": context.n_top_tokens,
            "nFiles": context.n_files,
            "nTopFiles": context.n_top_files,
        },
    }


def _with_folder(groups: Grouped) -> Grouped:
    """The ledger knows folders by their hash only; the one the user stands in can be named all the same."""
    if groups.by != "workspace":
        return groups
    here = hashlib.sha256(str(Path.cwd()).encode()).hexdigest()[:16]
    named = {f"{name} (this folder)" if name == here else name: group for name, group in groups.groups.items()}
    return replace(groups, groups=named)
