"""Work for the simulation of the cache: real commits in their real order, and what is asked for while they are made."""

import gzip
import json
import random
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache as remembered
from typing import Any

from tierwise.evals.route_cases import CASES_FILE, default_folder
from tierwise.syntax.languages import language_of
from tierwise.syntax.outline import outline

CASES = default_folder() / CASES_FILE
N_DAYS = 60
LARGEST = 20_000
SUFFIXES = (".py", ".ts", ".js", ".go")
ACTIONS = (("document", 20), ("write_tests", 25), ("refactor", 25), ("add_type_hints", 10), ("do", 20))
"""What is asked for, in a hundred; assumed."""
OF_WHAT_CHANGES = 0.7
"""So many requests are about what the commit changes; assumed."""


@dataclass(frozen=True, slots=True)
class Wish:
    """What may be asked of one symbol."""

    repo: str
    path: str
    symbol: str
    action: str
    instruction: str | None


@dataclass(slots=True)
class Sitting:
    """The work that became one commit."""

    at: datetime
    repo: str
    subject: str
    before: dict[str, str]
    after: dict[str, str]
    wishes: list[Wish] = field(default_factory=list)
    """What was asked for in it."""


def sittings(chance: random.Random) -> list[Sitting]:
    """The commits as work, each at its real weekday and hour, in their real order within sixty days."""
    with gzip.open(CASES, "rt", encoding="utf-8") as lines:
        rows: list[dict[str, Any]] = [json.loads(line) for line in lines]
    found: list[Sitting] = []
    for row in sorted(rows, key=lambda row: str(row["date"])):
        texts = {
            state: {f["path"]: f[state] for f in row["files"] if f["path"].endswith(SUFFIXES) and _fits(f.get(state))}
            for state in ("before", "after")
        }
        if any(_symbols(path, text, "")[0] for path, text in texts["before"].items()):
            made = datetime.fromisoformat(row["date"])
            found.append(Sitting(made, row["repo"], row["subject"], texts["before"], texts["after"]))
    start = datetime(2026, 3, 2, tzinfo=UTC)
    for number, one in enumerate(found):
        day = number * N_DAYS // len(found)
        shift = (one.at.weekday() - (start + timedelta(days=day)).weekday()) % 7
        minutes = one.at.hour * 60 + one.at.minute + chance.random()
        one.at = start + timedelta(days=day + shift, minutes=minutes)
    return sorted(found, key=lambda one: one.at)


def _fits(text: object) -> bool:
    return isinstance(text, str) and 0 < len(text) <= LARGEST


@remembered
def _symbols(path: str, before: str, after: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The symbols of a file, and those of them that a commit changes."""
    found = outline(before, language_of(path))
    changed = (s.path for s in found if before[s.span.start : s.span.end] not in after)
    return tuple(s.path for s in found), tuple(changed)


def new_wish(one: Sitting, chance: random.Random) -> Wish | None:
    """Something asked for the first time; mostly of what the commit changes."""
    path = chance.choice(list(one.before))
    every, changed = _symbols(path, one.before[path], one.after.get(path, ""))
    if not every:
        return None
    symbol = chance.choice(changed if changed and chance.random() < OF_WHAT_CHANGES else every)
    action = chance.choices([name for name, _ in ACTIONS], [weight for _, weight in ACTIONS])[0]
    return Wish(one.repo, path, symbol, action, one.subject if action == "do" else None)
