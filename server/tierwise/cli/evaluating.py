"""`tierwise eval` and `tierwise replay`: models on the same cases, and old calls at the prices of now."""

import asyncio
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any, Optional

import typer
from rich.table import Table
from rich.text import Text

from tierwise.cli.opening import load_for
from tierwise.cli.output import REFUSED, USAGE, console, print_json, refuse
from tierwise.config import Config, Loaded
from tierwise.config.prices import PriceTable
from tierwise.dispatch.opening import ledger_of
from tierwise.evals.cases import CaseSet, read_cases
from tierwise.evals.logs import read_log
from tierwise.evals.replay import PriceOf, Replay, Repriced
from tierwise.evals.replay import replay as replay_calls
from tierwise.evals.runner import default_entrants, entrant_of, run_cases
from tierwise.evals.scoring import Entrant, Run, Score, score
from tierwise.routing.money import format_money
from tierwise.text import Rejection

JsonOption = Annotated[bool, typer.Option("--json", help="One JSON document.")]
_MAX_SHOWN = 20


def evaluate(
    cases: Annotated[Path, typer.Argument(help="A file of cases, or a folder of such files.")],
    models: Annotated[
        Optional[str],  # noqa: UP045
        typer.Option("--models", help="BACKEND/MODEL,… Without it the first of each tier that can be asked."),
    ] = None,
    repeat: Annotated[int, typer.Option("--repeat", min=1, help="Runs of each case with each model.")] = 1,
    as_json: JsonOption = False,
) -> None:
    """Run cases with models and score the answers; the calls are real, and are booked."""
    found = read_cases(cases)
    if isinstance(found, Rejection):
        refuse(found.code, found.detail, as_json=as_json, exit_code=USAGE)
    loaded = load_for(None)
    entrants = _entrants(loaded, models, as_json)
    ledger, problem = ledger_of(loaded)
    if ledger is None:
        refuse("no-ledger", problem or "there is no ledger", as_json=as_json)

    async def ran() -> list[tuple[Score, tuple[Run, ...]]]:
        results = []
        for entrant in entrants:
            tell = _silent if as_json else _tell
            runs = await run_cases(loaded, ledger, found.cases, entrant, n_times=repeat, tell=tell)
            results.append((score(entrant, runs), runs))
        return results

    try:
        results = asyncio.run(ran())
    finally:
        ledger.close()
    if as_json:
        print_json(_scores_json(found, results))
    else:
        _print_scores(found, results)
    if not any(one.n for one, _ in results):
        raise typer.Exit(REFUSED)


def _entrants(loaded: Loaded, models: str | None, as_json: bool) -> tuple[Entrant, ...]:
    if models is None:
        found = asyncio.run(default_entrants(loaded))
        if not found:
            refuse("no-model", "no model can be asked; `tierwise doctor` says what would mend it", as_json=as_json)
        return found
    entrants = []
    for ref in dict.fromkeys(part.strip() for part in models.split(",")):
        entrant = entrant_of(loaded.config, ref)
        if isinstance(entrant, Rejection):
            refuse(entrant.code, entrant.detail, as_json=as_json, exit_code=USAGE)
        entrants.append(entrant)
    return tuple(entrants)


def _silent(_words: str) -> None:
    """Say nothing."""


def _tell(words: str) -> None:
    typer.echo(f"… {words}", err=True)


def _scores_json(found: CaseSet, results: list[tuple[Score, tuple[Run, ...]]]) -> dict[str, Any]:
    return {
        "cases": len(found.cases),
        "models": [_score_json(one) for one, _ in results],
        "runs": [_run_json(run) for _, runs in results for run in runs],
        "badCases": [asdict(bad) for bad in found.bad],
    }


def _score_json(one: Score) -> dict[str, Any]:
    return {
        "model": one.entrant.ref,
        "tier": str(one.entrant.tier),
        "scripted": one.entrant.is_scripted,
        "n": one.n,
        "nNotRun": one.n_not_run,
        "applied": one.n_applied,
        "parsed": one.n_parsed,
        "accepted": one.n_accepted,
        "expected": one.n_expected,
        "exact": one.n_exact,
        "cost": format_money(one.pico_usd),
        "costPicoUsd": one.pico_usd,
        "nUnknownCost": one.n_unknown_cost,
        "picoUsdPerAccepted": one.pico_usd_per_accepted,
        "medianSeconds": one.median_s,
        "refusals": dict(one.codes),
    }


def _run_json(run: Run) -> dict[str, Any]:
    return {
        "case": run.case,
        "model": run.model,
        "repetition": run.repetition,
        "counts": run.stage is not None,
        "stage": None if run.stage is None else run.stage.name.lower(),
        "exact": run.is_exact,
        "code": run.code,
        "detail": run.detail,
        "notes": list(run.notes),
        "costPicoUsd": run.cost_pico_usd,
        "seconds": round(run.duration_s, 3),
    }


def _print_scores(found: CaseSet, results: list[tuple[Score, tuple[Run, ...]]]) -> None:
    out = console()
    table = _table("model", "n", "applied", "parsed", "accepted", "exact", "cost", "per accepted", "median")
    for one, _ in results:
        table.add_row(*map(Text, _score_cells(one)))
    out.print(table)
    runs = [run for _, of_one in results for run in of_one]
    lines = [f"not a case: {bad.where}: {bad.words}" for bad in found.bad]
    lines += [
        f"not counted: {run.case} with {run.model}: {run.detail} [{run.code}]" for run in runs if run.stage is None
    ]
    lines += [f"note: {run.case} with {run.model}: {note}" for run in runs for note in run.notes]
    distinct = list(dict.fromkeys(lines))
    for line in distinct[:_MAX_SHOWN]:
        out.print(_printable(line), markup=False)
    if _MAX_SHOWN < len(distinct):
        out.print(f"and {len(distinct) - _MAX_SHOWN} lines more; --json has them all")


def _score_cells(one: Score) -> tuple[str, ...]:
    scripted = " (scripted)" if one.entrant.is_scripted else ""
    per_accepted = one.pico_usd_per_accepted
    nothing = "unknown" if one.n_unknown_cost and one.n_accepted else "–"
    return (
        one.entrant.ref + scripted,
        str(one.n),
        str(one.n_applied),
        str(one.n_parsed),
        str(one.n_accepted),
        f"{one.n_exact} of {one.n_expected}" if one.n_expected else "–",
        _money(one.pico_usd, one.n_unknown_cost),
        nothing if per_accepted is None else format_money(per_accepted),
        "–" if one.median_s is None else f"{one.median_s:.1f} s",
    )


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
    table = PriceTable()
    table.warm()
    if ref is None:
        return lambda called: table.price_of(called, config)
    fixed = table.price_of(ref, config)
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
    table = _table("tier", "calls", "spent then", "would be now")
    for name, sums in (*priced.tiers.items(), ("all", total)):
        spent, would = _money(sums.then_pico_usd, sums.n_unknown_then), _money(sums.now_pico_usd, sums.n_unknown_now)
        table.add_row(*map(Text, (_printable(name), str(sums.n_calls), spent, would)))
    out.print(table)
    if priced.unpriced:
        out.print(f"without a known price now: {_printable(', '.join(priced.unpriced))}", markup=False)
    for n, words in ((total.n_running, "calls have not ended"), (n_unreadable, "rows cannot be read")):
        if n:
            out.print(f"{n} {words} and are in no figure", markup=False)


def _table(first: str, *others: str) -> Table:
    table = Table(box=None, pad_edge=False)
    table.add_column(first)
    for name in others:
        table.add_column(name, justify="right")
    return table


def _money(pico_usd: int, n_unknown: int) -> str:
    return format_money(pico_usd) + (f" + {n_unknown} unknown" if n_unknown else "")


def _printable(words: str) -> str:
    """Words out of a file, without what a terminal would obey."""
    return "".join(character if character.isprintable() else "\N{REPLACEMENT CHARACTER}" for character in words)
