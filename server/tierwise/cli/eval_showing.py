"""What came of a campaign, as a table or as JSON, and its progress on the way."""

import contextlib
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.measure import Measurement
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn
from rich.table import Table
from rich.text import Text

from tierwise.cli.output import console
from tierwise.cli.tables import money, printable, table
from tierwise.evals.campaign import Ended, Tell
from tierwise.evals.cases import CaseSet
from tierwise.evals.costing import Forecast
from tierwise.evals.intervals import Interval
from tierwise.evals.run_files import Campaign
from tierwise.evals.scoring import Run, Score, score
from tierwise.routing.money import format_money

_MAX_SHOWN = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class EvalOutcome:
    """All there is to say of a campaign."""

    found: CaseSet
    ended: Ended
    file: Path
    forecast: Forecast
    priors: Path | None
    """The file of priors that was written."""


@contextlib.contextmanager
def progress_of(n_left: int, done: Campaign | None, *, is_shown: bool) -> Iterator[Tell]:
    """A bar on standard error, and what moves it on."""
    bar = Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TimeRemainingColumn(),
        console=Console(stderr=True, highlight=False, emoji=False),
        disable=not is_shown,
        transient=True,
    )
    spent = 0 if done is None else sum(run.whole_cost_pico_usd or 0 for run in done.runs)
    with bar:
        task = bar.add_task("begun", total=n_left)

        def tell(run: Run) -> None:
            nonlocal spent
            spent += run.whole_cost_pico_usd or 0
            mark = {True: "✓", False: "✗", None: "–"}[run.is_passed]
            words = f"{mark} {printable(run.case)} {printable(run.model)} {format_money(spent)}"
            bar.update(task, advance=1, description=words.replace("[", "\\["))

        yield tell


def scores_of(campaign: Campaign, n_left: int = 0) -> list[Score]:
    """The figures of each model of a campaign; where runs were not begun, they count as not run."""
    latest = list(campaign.latest.values())
    found = []
    for entrant in campaign.plan.entrants:
        runs = [run for run in latest if run.model == entrant.ref]
        n_missing = campaign.plan.n_cases * campaign.plan.repeat - len(runs) if n_left else 0
        found.append(score(entrant, runs, n_missing, campaign.lost_pico_usd(entrant.ref)))
    return found


def scores_json(outcome: EvalOutcome) -> dict[str, Any]:
    """The document."""
    ended = outcome.ended
    return {
        "cases": len(outcome.found.cases),
        "models": [_score_json(one) for one in scores_of(ended.campaign, ended.n_left)],
        "runs": [_run_json(run) for run in _in_order(outcome)],
        "badCases": [asdict(bad) for bad in outcome.found.bad],
        "runFile": str(outcome.file),
        "nNotBegun": ended.n_left,
        "judge": ended.campaign.plan.judge,
        "forecast": {
            "nRuns": outcome.forecast.n_runs,
            "expectedPicoUsd": outcome.forecast.expected_pico_usd,
            "mostPicoUsd": outcome.forecast.most_pico_usd,
            "nUnknown": outcome.forecast.n_unknown,
        },
        "priorsFile": None if outcome.priors is None else str(outcome.priors),
    }


def _in_order(outcome: EvalOutcome) -> list[Run]:
    """By model, case and repetition, whatever the order they ended in."""
    models = [entrant.ref for entrant in outcome.ended.campaign.plan.entrants]
    cases = {case.id: number for number, case in enumerate(outcome.found.cases)}
    runs = outcome.ended.campaign.latest.values()
    return sorted(runs, key=lambda run: (models.index(run.model), cases[run.case], run.repetition))


def interval_json(interval: Interval | None) -> dict[str, float] | None:
    """A share with its interval, rounded to what can be meant."""
    return None if interval is None else {name: round(value, 4) for name, value in asdict(interval).items()}


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
        "acceptedShare": interval_json(one.accepted),
        "passed": one.n_passed,
        "nScored": one.n_scored,
        "passedShare": interval_json(one.passed),
        "nNotJudged": one.n_not_judged,
        "expected": one.n_expected,
        "exact": one.n_exact,
        "cost": format_money(one.pico_usd),
        "costPicoUsd": one.pico_usd,
        "nUnknownCost": one.n_unknown_cost,
        "judgePicoUsd": one.judge_pico_usd,
        "picoUsdPerAccepted": one.pico_usd_per_accepted,
        "picoUsdPerPassed": one.pico_usd_per_passed,
        "inputTokens": one.input_tokens,
        "outputTokens": one.output_tokens,
        "tokensPerSecond": None if one.tokens_per_s is None else round(one.tokens_per_s, 2),
        "medianSeconds": one.median_s,
        "p95Seconds": one.p95_s,
        "refusals": dict(one.codes),
    }


def _run_json(run: Run) -> dict[str, Any]:
    return {
        "case": run.case,
        "model": run.model,
        "repetition": run.repetition,
        "counts": run.stage is not None,
        "stage": None if run.stage is None else run.stage.name.lower(),
        "passed": run.is_passed,
        "failedScorer": run.failed_scorer or None,
        "exact": run.is_exact,
        "code": run.code,
        "detail": run.detail,
        "notes": list(run.notes),
        "costPicoUsd": run.cost_pico_usd,
        "judgePicoUsd": run.judge_pico_usd,
        "inputTokens": run.input_tokens,
        "outputTokens": run.output_tokens,
        "seconds": round(run.duration_s, 3),
    }


_HEADS = (
    *("model", "n", "applied", "parsed", "accepted", "passed", "95 %", "exact"),
    *("cost", "per passed", "tokens/s", "median", "p95"),
)
_N_QUALITY = 8
"""So many of the columns speak of quality, the others of money and time."""
_ANY_WIDTH = 1000


def print_scores(outcome: EvalOutcome) -> None:
    """The table, and what did not count."""
    out, ended = console(), outcome.ended
    cells = [_score_cells(one) for one in scores_of(ended.campaign, ended.n_left)]
    for columns in _fitting(out, cells):
        out.print(_table_of(cells, columns))
    runs = _in_order(outcome)
    lines = [f"not a case: {bad.where}: {bad.words}" for bad in outcome.found.bad]
    lines += [
        f"not counted: {run.case} with {run.model}: {run.detail} [{run.code}]" for run in runs if run.stage is None
    ]
    lines += [f"not judged: {run.case} with {run.model}: {run.detail}" for run in runs if run.code == "not-judged"]
    lines += [f"note: {run.case} with {run.model}: {note}" for run in runs for note in run.notes]
    distinct = list(dict.fromkeys(lines))
    for line in distinct[:_MAX_SHOWN]:
        out.print(printable(line), markup=False)
    if _MAX_SHOWN < len(distinct):
        out.print(f"and {len(distinct) - _MAX_SHOWN} lines more; --json has them all")
    if ended.n_left:
        out.print(f"{ended.n_left} runs were not begun, because they might have cost more than --budget has left")
    if ended.campaign.plan.judge is not None:
        judged = sum(one.judge_pico_usd for one in scores_of(ended.campaign))
        out.print(f"judged by {printable(ended.campaign.plan.judge)} for {format_money(judged)}", markup=False)
    if outcome.priors is not None:
        out.print(f"the router now starts from these results: {outcome.priors}", markup=False)
    out.print(f"results: {outcome.file}", markup=False)


def _fitting(out: Console, cells: Sequence[tuple[str, ...]]) -> tuple[tuple[int, ...], ...]:
    """The columns of one table, or of two beside the models' names where the terminal is too narrow for one."""
    whole = tuple(range(len(_HEADS)))
    needed = Measurement.get(out, out.options.update(max_width=_ANY_WIDTH), _table_of(cells, whole)).maximum
    return (whole,) if needed <= out.width else (whole[:_N_QUALITY], (0, *whole[_N_QUALITY:]))


def _table_of(cells: Sequence[tuple[str, ...]], columns: Sequence[int]) -> Table:
    shown = table(*(_HEADS[column] for column in columns))
    for row in cells:
        shown.add_row(*(Text(printable(row[column])) for column in columns))
    return shown


def _score_cells(one: Score) -> tuple[str, ...]:
    scripted = " (scripted)" if one.entrant.is_scripted else ""
    per_passed = one.pico_usd_per_passed
    nothing = "unknown" if one.n_unknown_cost and one.n_passed else "–"
    return (
        one.entrant.ref + scripted,
        str(one.n),
        str(one.n_applied),
        str(one.n_parsed),
        str(one.n_accepted),
        str(one.n_passed),
        "–" if one.passed is None else f"{one.passed.low:.0%}–{one.passed.high:.0%}",
        f"{one.n_exact} of {one.n_expected}" if one.n_expected else "–",
        money(one.pico_usd, one.n_unknown_cost),
        nothing if per_passed is None else format_money(per_passed),
        "–" if one.tokens_per_s is None else f"{one.tokens_per_s:.0f}",
        "–" if one.median_s is None else f"{one.median_s:.1f} s",
        "–" if one.p95_s is None else f"{one.p95_s:.1f} s",
    )
