"""How often the real checks of each action err, on real pairs of texts. Part of `make eval-policy`.

Right edits are real commits of the kind an action makes; wrong ones are changes of the program that it must not make,
or, for actions that may change the program, one or two tokens that nobody asked for. Only checks that read texts are
asked: linters and tests would need the projects. So for actions that run something the figures are an upper bound.
"""

import gzip
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tierwise.actions import CATALOGUE, Action
from tierwise.checks import RUNNING_CHECKS, Change, verify
from tierwise.routing.check_strength import strength_of
from tierwise.syntax.languages import language_of
from tierwise.text import Rejection

LANGUAGES = {"ts": "typescript", "js": "javascript", "py": "python", "tsx": "typescriptreact", "jsx": "javascriptreact"}
RIGHT_KINDS = {
    "format": {"format_only"},
    "document": {"docstring_only", "comments_only"},
    "add_type_hints": {"type_hints"},
}
"""Kinds of commits that are what an action makes; others may change the program."""
NOT_ITS_KIND = frozenset({"nothing-documented", "no-hints-added", "public-name-lost"})
"""Refusals that say that a commit was something else than what the action is asked for."""
SHOWN = ("format", "document", "add_type_hints", "refactor", "do", "fix_diagnostic")


@dataclass(frozen=True, slots=True)
class Pair:
    """A file before and after."""

    language: str
    before: str
    after: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """How the checks of one action did."""

    action: str
    n_wrong: int
    lets_through: float | None
    n_right: int
    refuses: float | None
    assumed: float
    """What the policy takes `lets_through` to be in Python, tests and linters included."""


def measure_checks(folder: Path) -> tuple[Measured, ...]:
    """Every action whose edits are judged by reading; empty when the cases are not there."""
    try:
        pairs = list(rows(folder / "format_pairs.jsonl.gz"))
        commits = list(rows(folder / "commit_cases.jsonl.gz"))
    except OSError:
        return ()
    by_id = {action.id: action for action in CATALOGUE}
    return tuple(_measured(by_id[name], pairs, commits) for name in SHOWN)


def _fits(action: Action, pair: Pair) -> bool:
    """Whether a real commit is an edit of the kind the action makes; it may take comments away, or lose a name."""
    return _verdict(action, pair) not in NOT_ITS_KIND


def _measured(action: Action, pairs: Sequence[Any], commits: Sequence[Any]) -> Measured:
    slips = [Pair(LANGUAGES.get(r["lang"], r["lang"]), r["before"], r["after"]) for r in pairs if r["label"] is False]
    same = [Pair(LANGUAGES.get(r["lang"], r["lang"]), r["before"], r["after"]) for r in pairs if r["label"] is True]
    if action.id in RIGHT_KINDS:
        right = _of_kind(commits, RIGHT_KINDS[action.id]) + (same if action.id == "format" else [])
        wrong = slips + _behavior(commits)
    else:
        right, wrong = _behavior(commits), slips
    right = [pair for pair in right if _fits(action, pair)]
    passed = [_verdict(action, pair) == "" for pair in wrong]
    refused = [_verdict(action, pair) != "" for pair in right]
    return Measured(
        action=action.id,
        n_wrong=len(passed),
        lets_through=sum(passed) / len(passed) if passed else None,
        n_right=len(refused),
        refuses=sum(refused) / len(refused) if refused else None,
        assumed=strength_of(action.checks, "python").lets_through,
    )


def _of_kind(commits: Sequence[Any], kinds: set[str]) -> list[Pair]:
    return [pair for row in commits if row["kind"] in kinds for pair in _code(row)]


def _behavior(commits: Sequence[Any]) -> list[Pair]:
    rows_ = (row for row in commits if row["kind"] in ("single_file_behaviour", "two_file_behaviour"))
    return [pair for row in rows_ for pair in _code(row, "behaviour")]


def _code(row: Any, tag: str | None = None) -> Iterator[Pair]:
    """The code files a commit changed."""
    for file in row["files"]:
        is_code = file["type"] in ("code", "test") and file["before"] and file["after"]
        if is_code and (tag is None or tag in (file["tags"] or ())):
            yield Pair(language_of(file["path"]), file["before"], file["after"])


def _verdict(action: Action, pair: Pair) -> str:
    """The code of the rejection; empty when the pair passes."""
    checks = [check for check in action.checks if check not in RUNNING_CHECKS]
    change = Change(path="f", language=pair.language, before=pair.before, after=pair.after, allow_imports=True)
    verdict = verify(checks, change)
    return verdict.code if isinstance(verdict, Rejection) else ""


def show_checks(measured: Sequence[Measured]) -> None:
    """The table for people."""
    print("\nwrong: for the first three a change of the program; for the others one or two tokens nobody asked for")
    print("the checks of Tierwise as measured, reading only (linters and tests catch more); no row above is ours:")
    print(f"{'action':<16} {'wrong':>6} {'let through':>12} {'right':>6} {'refused':>8} {'policy assumes':>15}")
    for one in measured:
        print(
            f"{one.action:<16} {one.n_wrong:>6} {_share(one.lets_through):>12} {one.n_right:>6} "
            f"{_share(one.refuses):>8} {one.assumed:>15.0%}"
        )


def _share(value: float | None) -> str:
    return "–" if value is None else f"{value:.1%}"


def rows(file: Path) -> Iterator[dict[str, Any]]:
    """The rows of one file of cases. Raises OSError."""
    with gzip.open(file, "rt", encoding="utf-8") as lines:
        yield from map(json.loads, lines)
