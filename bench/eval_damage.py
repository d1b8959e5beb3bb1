"""Real replies damaged in ways that models damage replies: how many are still done exactly, and how many wrongly.

`make eval-edits` prints the table. Damage whose meaning stays clear must nearly always be seen through; after damage
that leaves several meanings, refusing is right. Never may anything else than what was meant be done.
"""

import random
from collections import Counter
from collections.abc import Iterable

from bench.damaged_blocks import Case, Damage
from tierwise.edits.apply import apply_reply
from tierwise.text import Rejection

LEAST_DONE = 0.95
MOST_WRONG = 0.006


def outcome(case: Case) -> str:
    """`done`, `refused`, or `wrong` when the files are neither as expected nor as they were."""
    result = apply_reply(case.reply, case.base, case.current)
    if isinstance(result, Rejection):
        return "refused" if case.expected != case.current else "done"
    files: dict[str, str | None] = {**case.current, **result.files}
    if {path: text for path, text in files.items() if text is not None} == case.expected:
        return "done"
    return "wrong" if result.files else "refused"


def measured(cases: Iterable[Case], damage: Damage, name: str) -> tuple[Counter[str], list[str]]:
    """Outcomes of one kind of damage, and the names of the cases that went wrong or were refused."""
    outcomes: Counter[str] = Counter()
    failed = []
    for case in cases:
        damaged = damage(case, random.Random(f"{name} {case.name}"))
        if damaged is None:
            continue
        what = outcome(damaged)
        outcomes[what] += 1
        if what != "done":
            failed.append(f"{what}: {case.name}")
    return outcomes, failed
