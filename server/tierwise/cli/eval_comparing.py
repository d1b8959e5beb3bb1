"""`tierwise eval --compare`: whether the second of two runs is better, or only looks so."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rich.text import Text

from tierwise.cli.eval_showing import interval_json, scores_of
from tierwise.cli.output import USAGE, console, print_json, refuse
from tierwise.cli.tables import printable, table
from tierwise.evals.intervals import Paired, compare_pairs
from tierwise.evals.run_files import Campaign, read_campaign
from tierwise.evals.scoring import Run, Score
from tierwise.text import Rejection

TEST = "McNemar's exact test, two-sided, on the cases both runs scored"
_SURE = 0.05


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """Two models, or one at two times."""

    first: Score
    second: Score
    paired: Paired


def compare_runs(first: Path, second: Path, *, as_json: bool) -> None:
    """Read two files of results and print how they differ."""
    one, other = _read(first, as_json), _read(second, as_json)
    rows = [_row(one, other, pair) for pair in _pairs(one, other, as_json)]
    if not any(row.paired.n for row in rows):
        refuse("nothing-shared", "the two runs have no scored case in common", as_json=as_json, exit_code=USAGE)
    is_other_set = one.plan.cases != other.plan.cases
    if as_json:
        print_json({"test": TEST, "sameCases": not is_other_set, "comparisons": [_row_json(row) for row in rows]})
        return
    out = console()
    shown = table("first", "second", "cases", "passed", "passed then", "better", "worse", "p", "")
    for row in rows:
        shown.add_row(*map(Text, _cells(row)))
    out.print(shown)
    out.print(TEST)
    if is_other_set:
        out.print("the runs are of different sets of cases; only those of the same id are compared")


def _read(path: Path, as_json: bool) -> Campaign:
    found = read_campaign(path)
    if isinstance(found, Rejection):
        refuse(found.code, found.detail, as_json=as_json, exit_code=USAGE)
    return found


def _pairs(one: Campaign, other: Campaign, as_json: bool) -> list[tuple[str, str]]:
    """Which models are held against each other: the same in both, or the only one of each."""
    first, second = ([entrant.ref for entrant in run.plan.entrants] for run in (one, other))
    if len(first) == len(second) == 1:
        return [(first[0], second[0])]
    shared = [ref for ref in first if ref in second]
    if not shared:
        words = "the two runs have no model in common, and more than one each"
        refuse("nothing-shared", words, as_json=as_json, exit_code=USAGE)
    return [(ref, ref) for ref in shared]


def _row(one: Campaign, other: Campaign, pair: tuple[str, str]) -> Row:
    scores = [{score.entrant.ref: score for score in scores_of(run)} for run in (one, other)]
    paired = compare_pairs(
        _outcomes(list(one.latest.values()), pair[0]), _outcomes(list(other.latest.values()), pair[1])
    )
    return Row(first=scores[0][pair[0]], second=scores[1][pair[1]], paired=paired)


def _outcomes(runs: Sequence[Run], model: str) -> dict[str, list[bool]]:
    found: dict[str, list[bool]] = {}
    for run in runs:
        if run.model == model and run.stage is not None and run.is_passed is not None:
            found.setdefault(run.case, []).append(run.is_passed)
    return found


def _row_json(row: Row) -> dict[str, Any]:
    paired = row.paired
    return {
        "first": row.first.entrant.ref,
        "second": row.second.entrant.ref,
        "nCases": paired.n,
        "firstPassedShare": interval_json(row.first.passed),
        "secondPassedShare": interval_json(row.second.passed),
        "difference": round(paired.difference, 4),
        "nBetter": paired.n_better,
        "nWorse": paired.n_worse,
        "pValue": paired.p_value,
        "isSure": paired.p_value < _SURE,
    }


def _cells(row: Row) -> tuple[str, ...]:
    paired = row.paired
    shares = [f"{score.passed.share:.0%}" if score.passed else "–" for score in (row.first, row.second)]
    is_sure = paired.p_value < _SURE
    verdict = "no difference that is sure" if not is_sure else "better" if 0 < paired.difference else "worse"
    names = (printable(row.first.entrant.ref), printable(row.second.entrant.ref))
    counts = (str(paired.n_better), str(paired.n_worse))
    return (*names, str(paired.n), *shares, *counts, f"{paired.p_value:.2g}", verdict)
