"""`tierwise replay`: old calls at other prices, and old clicks routed otherwise."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Annotated, Any, Optional

import typer
from rich.text import Text

from tierwise.cli.eval_showing import scores_of
from tierwise.cli.opening import load_for
from tierwise.cli.options import JsonOption
from tierwise.cli.output import USAGE, console, print_json, refuse
from tierwise.cli.tables import money, printable, table
from tierwise.config import Config, Loaded
from tierwise.config.prices import PriceTable
from tierwise.config.sections import ModelOverride
from tierwise.dispatch.opening import ledger_of, open_runtime
from tierwise.evals.logs import read_log
from tierwise.evals.replay import Call, PriceOf, Replay, Repriced
from tierwise.evals.replay import replay as replay_calls
from tierwise.evals.rerouting import POLICIES, Odds, Recorded, Rerouted, clicks_of, recorded, reroute
from tierwise.evals.run_files import read_campaign
from tierwise.routing.money import format_money
from tierwise.routing.outlook import Outlook
from tierwise.routing.tiers import Candidate
from tierwise.text import Rejection

_PRICES = ("input_usd_per_million", "output_usd_per_million", "cache_read_usd_per_million")


def replay(
    log: Annotated[Path, typer.Argument(help="A ledger's file, or its rows as lines of JSON.")],
    price: Annotated[
        Optional[str],  # noqa: UP045
        typer.Option("--price", help="BACKEND/MODEL: price every call as if this model had answered it."),
    ] = None,
    prices: Annotated[
        Optional[list[str]],  # noqa: UP045
        typer.Option(
            "--price-of",
            metavar="REF=IN,OUT",
            help="What if a model charged so much: BACKEND/MODEL=IN,OUT[,CACHED] in US dollars a million tokens; may"
            " be given again.",
        ),
    ] = None,
    policy: Annotated[
        Optional[list[str]],  # noqa: UP045
        typer.Option("--policy", help=f"Route every click anew: {', '.join(POLICIES)}, or all; may be given again."),
    ] = None,
    outcomes: Annotated[
        Optional[Path],  # noqa: UP045
        typer.Option("--outcomes", help="A file of results of `tierwise eval`: how often models pass, for --policy."),
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """What the calls of a log cost then, and what they would cost at other prices, or routed otherwise."""
    policies = _policies(policy, outcomes, as_json)
    loaded = _with_prices(load_for(None), prices or (), as_json)
    found = read_log(log, loaded.ledger_path)
    if isinstance(found, Rejection):
        refuse(found.code, found.detail, as_json=as_json, exit_code=USAGE)
    priced = replay_calls(found.calls, _prices(loaded.config, price, as_json))
    routed = _reroute(loaded, found.calls, policies, outcomes, as_json) if policies else None
    if as_json:
        more = {} if routed is None else _routed_json(*routed)
        print_json({**_replay_json(priced, found.n_unreadable), **more})
        return
    _print_replay(priced, found.n_unreadable)
    if routed is not None:
        _print_routed(*routed)


def _with_prices(loaded: Loaded, written: Sequence[str], as_json: bool) -> Loaded:
    """The configuration as if models charged what the command line says."""
    models = dict(loaded.config.models)
    for words in written:
        ref, _, amounts = words.rpartition("=")
        priced = _priced(models.get(ref, ModelOverride()), amounts.split(","))
        if priced is None or "/" not in ref:
            wrong = f"{words!r} is no price; write --price-of BACKEND/MODEL=IN,OUT in US dollars a million tokens"
            refuse("usage", wrong, as_json=as_json, exit_code=USAGE)
        models[ref] = priced
    return replace(loaded, config=loaded.config.model_copy(update={"models": models}))


def _priced(known: ModelOverride, amounts: Sequence[str]) -> ModelOverride | None:
    """What is known of a model, with other prices; None where they are none."""
    if len(amounts) not in (2, 3):
        return None
    rest = known.model_dump(exclude_unset=True, exclude={"price_as", *_PRICES})
    try:
        return ModelOverride.model_validate(rest | dict(zip(_PRICES, map(Decimal, amounts), strict=False)))
    except (ValueError, InvalidOperation):
        return None


def _policies(wanted: list[str] | None, outcomes: Path | None, as_json: bool) -> list[str]:
    names = list(wanted or ([POLICIES[0]] if outcomes is not None else []))
    unknown = next((name for name in names if name not in (*POLICIES, "all")), None)
    if unknown is not None:
        words = f"--policy takes one of {', '.join(POLICIES)} or all, not {unknown!r}"
        refuse("unknown-policy", words, as_json=as_json, exit_code=USAGE)
    return list(POLICIES) if "all" in names else list(dict.fromkeys(names))


def _reroute(
    loaded: Loaded, calls: Sequence[Call], policies: Sequence[str], outcomes: Path | None, as_json: bool
) -> tuple[Recorded, list[Rerouted]]:
    shares = {} if outcomes is None else _shares(outcomes, as_json)
    clicks = clicks_of(calls)
    if not clicks:
        words = "the log has no click whose edits were answered and counted, so no policy can be tried on it"
        refuse("no-clicks", words, as_json=as_json, exit_code=USAGE)
    candidates, outlook = asyncio.run(_who(loaded))
    odds = Odds(outlook=outlook, shares=shares)
    return recorded(clicks), [reroute(name, clicks, candidates, odds) for name in policies]


async def _who(loaded: Loaded) -> tuple[tuple[Candidate, ...], Outlook]:
    """Who stands on the tiers, and what is believed of them; nobody is asked."""
    ledger, _ = ledger_of(loaded)
    runtime = open_runtime(loaded, ledger=ledger)
    try:
        await runtime.learn()
        return runtime.candidates, runtime.outlook
    finally:
        await runtime.aclose()
        if ledger is not None:
            ledger.close()


def _shares(path: Path, as_json: bool) -> dict[str, float]:
    found = read_campaign(path)
    if isinstance(found, Rejection):
        refuse(found.code, found.detail, as_json=as_json, exit_code=USAGE)
    scores = scores_of(found)
    return {one.entrant.ref: one.passed.share for one in scores if one.passed is not None}


def _routed_json(then: Recorded, routed: list[Rerouted]) -> dict[str, Any]:
    return {
        "recorded": {
            "nClicks": then.n_clicks,
            "nCalls": then.n_calls,
            "nPassed": then.n_passed,
            "picoUsd": then.pico_usd,
            "nUnknownCost": then.n_unknown_cost,
        },
        "policies": [
            {
                "policy": one.policy,
                "nClicks": one.n_clicks,
                "nNotRouted": one.n_not_routed,
                "nCalls": round(one.n_calls, 3),
                "knownShare": round(one.n_known_calls / one.n_calls, 4) if one.n_calls else None,
                "nPassed": round(one.n_passed, 3),
                "picoUsd": round(one.pico_usd),
                "topShare": round(one.top_pico_usd / one.pico_usd, 4) if one.pico_usd else None,
                "nUnknownCost": round(one.n_unknown_cost, 3),
            }
            for one in routed
        ],
    }


def _print_routed(then: Recorded, routed: list[Rerouted]) -> None:
    out = console()
    shown = table("policy", "clicks", "calls", "passed", "spent", "top's part", "outcomes known")
    was = money(then.pico_usd, then.n_unknown_cost)
    shown.add_row("as it was", str(then.n_clicks), str(then.n_calls), str(then.n_passed), was, "", "100 %")
    for one in routed:
        top = f"{one.top_pico_usd / one.pico_usd:.0%}" if one.pico_usd else "–"
        known = f"{one.n_known_calls / one.n_calls:.0%}" if one.n_calls else "–"
        spent = money(round(one.pico_usd), round(one.n_unknown_cost))
        shown.add_row(one.policy, str(one.n_clicks), f"{one.n_calls:.1f}", f"{one.n_passed:.1f}", spent, top, known)
    out.print(shown)
    out.print("where the log does not know what a model did, its share of accepted edits stands in")


def _prices(config: Config, ref: str | None, as_json: bool) -> PriceOf:
    prices = PriceTable()
    prices.warm()
    if ref is None:
        return lambda called: prices.price_of(called, config)
    fixed = prices.price_of(ref, config)
    if fixed is None:
        words = f"the price of {ref!r} is unknown; set input_usd_per_million and output_usd_per_million for it"
        refuse("unknown-price", words, as_json=as_json, exit_code=USAGE)
    return lambda _called: fixed


def _replay_json(priced: Replay, n_unreadable: int) -> dict[str, Any]:
    return {
        "tiers": {name: _repriced_json(sums) for name, sums in priced.tiers.items()},
        "total": _repriced_json(priced.total),
        "unpricedModels": list(priced.unpriced),
        "nUnreadableRows": n_unreadable,
    }


def _repriced_json(sums: Repriced) -> dict[str, int]:
    return {
        "nCalls": sums.n_calls,
        "nRunning": sums.n_running,
        "thenPicoUsd": sums.then_pico_usd,
        "nUnknownThen": sums.n_unknown_then,
        "nowPicoUsd": sums.now_pico_usd,
        "nUnknownNow": sums.n_unknown_now,
        "nCompared": sums.n_compared,
        "comparedThenPicoUsd": sums.compared_then_pico_usd,
        "comparedNowPicoUsd": sums.compared_now_pico_usd,
    }


def _print_replay(priced: Replay, n_unreadable: int) -> None:
    out = console()
    total = priced.total
    then, now = format_money(total.compared_then_pico_usd), format_money(total.compared_now_pico_usd)
    out.print(f"{total.n_compared} of {total.n_calls} calls can be compared: {then} then, {now} now", markup=False)
    shown = table("tier", "calls", "spent then", "would be now")
    for name, sums in (*priced.tiers.items(), ("all", total)):
        spent, would = money(sums.then_pico_usd, sums.n_unknown_then), money(sums.now_pico_usd, sums.n_unknown_now)
        shown.add_row(*map(Text, (printable(name), str(sums.n_calls), spent, would)))
    out.print(shown)
    if priced.unpriced:
        out.print(f"without a known price now: {printable(', '.join(priced.unpriced))}", markup=False)
    for n, words in ((total.n_running, "calls have not ended"), (n_unreadable, "rows cannot be read")):
        if n:
            out.print(f"{n} {words} and are in no figure", markup=False)
