"""What it takes to apply real replies, beside aider's own applier on the same replies."""

import json
import os
import subprocess
from collections.abc import Callable, Sequence
from pathlib import Path
from statistics import median
from typing import Any

from bench.aider_applier import N_RUNS
from bench.damaged_blocks import Case
from bench.eval_edits import CASES, ROOT, real_cases
from tierwise.edits.apply import apply_reply

N_ROUNDS = 4
"""How often either side has its turn, so that a busy moment of the machine falls on neither."""
PYTHON = ROOT / ".venv-peers" / "bin" / "python"


def times(cpu_ms: Callable[[Callable[[], Any], int], float]) -> list[tuple[str, float, float]] | str:
    """Name, our milliseconds and those of aider for every real reply that both apply; else why there is nothing."""
    if not (CASES / "edit_cases.jsonl.gz").is_file():
        return f"no cases in {CASES}: set TIERWISE_CASES to the folder that holds edit_cases.jsonl.gz"
    if not PYTHON.is_file():
        return "aider is not installed beside us: make .make/aider"
    cases = list(real_cases())
    rounds = [_round(cases, cpu_ms) for _ in range(N_ROUNDS)]
    return [
        (case.name, min(one[n][0] for one in rounds), min(one[n][1] for one in rounds))
        for n, case in enumerate(cases)
        if rounds[0][n][1] < float("inf")
    ]


def _round(cases: Sequence[Case], cpu_ms: Callable[[Callable[[], Any], int], float]) -> list[tuple[float, float]]:
    """Our best milliseconds and aider's for every case, measured one right after the other; infinite if it fails."""
    lines = "".join(json.dumps({"reply": case.reply, "files": dict(case.base)}) + "\n" for case in cases)
    done = subprocess.run(
        [str(PYTHON), str(Path(__file__).with_name("aider_applier.py"))],
        input=lines,
        text=True,
        stdout=subprocess.PIPE,
        check=True,
        env={**os.environ, "PYTHONPATH": ""},
    )
    theirs = [json.loads(line) for line in done.stdout.splitlines()]
    return [
        (
            cpu_ms(lambda case=case: apply_reply(case.reply, case.base), N_RUNS),
            other["ms"] if other["is_applied"] else float("inf"),
        )
        for case, other in zip(cases, theirs, strict=True)
    ]


def show(cpu_ms: Callable[[Callable[[], Any], int], float]) -> int:
    """Print sums and medians; 1 when we take longer in total."""
    found = times(cpu_ms)
    print(f"\n{'applying real replies, ms of processor time':<52} {'ours':>9} {'aider':>10} {'ratio':>7}")
    if isinstance(found, str):
        print(f"  {found}")
        return 0
    ours, theirs = [one for _, one, _ in found], [other for _, _, other in found]
    n_slower = sum(other < one for _, one, other in found)
    is_met = sum(ours) <= sum(theirs)
    print(
        f"{f'all {len(found)}':<52} {sum(ours):>9.1f} {sum(theirs):>10.1f} {sum(ours) / sum(theirs):>7.2f}  <= 1"
        f"{'' if is_met else '  MISSED'}"
    )
    print(f"{'median':<52} {median(ours):>9.2f} {median(theirs):>10.2f} {median(ours) / median(theirs):>7.2f}")
    print(f"  {n_slower} of {len(found)} take longer than with aider")
    return not is_met
