"""`tierwise replay`: old calls at the prices of now."""

from pathlib import Path
from typing import Annotated, Any, Optional

import typer
from rich.text import Text

from tierwise.cli.opening import load_for
from tierwise.cli.output import USAGE, console, print_json, refuse
from tierwise.cli.tables import money, printable, table
from tierwise.config import Config
from tierwise.config.prices import PriceTable
from tierwise.evals.logs import read_log
from tierwise.evals.replay import PriceOf, Replay, Repriced
from tierwise.evals.replay import replay as replay_calls
from tierwise.routing.money import format_money
from tierwise.text import Rejection

JsonOption = Annotated[bool, typer.Option("--json", help="One JSON document.")]


def replay(
    log: Annotated[Path, typer.Argument(help="A ledger's file, or its rows as lines of JSON.")],
    price: Annotated[
        Optional[str],  # noqa: UP045
        typer.Option("--price", help="BACKEND/MODEL: price every call as if this model had answered it."),
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """What the calls of a log cost then, and what their tokens would cost at the prices of now."""
    loaded = load_for(None)
    found = read_log(log, loaded.ledger_path)
    if isinstance(found, Rejection):
        refuse(found.code, found.detail, as_json=as_json, exit_code=USAGE)
    priced = replay_calls(found.calls, _prices(loaded.config, price, as_json))
    if as_json:
        print_json(_replay_json(priced, found.n_unreadable))
    else:
        _print_replay(priced, found.n_unreadable)


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
