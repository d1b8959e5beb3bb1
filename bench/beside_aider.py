"""What it takes to apply real replies, beside aider's own applier on the same replies."""

import json
import os
import subprocess
from collections.abc import Callable
from functools import partial
from pathlib import Path
from statistics import median
from typing import Any

from bench.aider_applier import N_RUNS
from bench.damage import Case
from bench.eval_edits import CASES, ROOT, real_cases
from tierwise.edits.apply import apply_reply

N_ROUNDS = 4
"""How often the two take turns over all cases; each case is timed on one side right after the other."""
PYTHON = ROOT / ".venv-peers" / "bin" / "python"


def times(cpu_ms: Callable[[Callable[[], Any], int], float]) -> list[tuple[str, float, float]] | str:
    """Name, our milliseconds and those of aider for every real reply that both apply; else why there is nothing."""
    if not (CASES / "edit_cases.jsonl.gz").is_file():
        return f"no cases in {CASES}: set TIERWISE_CASES to the folder that holds edit_cases.jsonl.gz"
    if not PYTHON.is_file():
        return "aider is not installed beside us: make .make/aider"
    command = [str(PYTHON), str(Path(__file__).with_name("aider_applier.py"))]
    env = {**os.environ, "PYTHONPATH": ""}
    best: dict[str, tuple[float, float]] = {}
    with subprocess.Popen(command, text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=env) as aider:
        for case in [case for _ in range(N_ROUNDS) for case in real_cases()]:
            theirs = _asked(aider, case)
            ours = cpu_ms(partial(apply_reply, case.reply, case.base), N_RUNS)
            if theirs is not None:
                pair = best.get(case.name, (ours, theirs))
                best[case.name] = (min(ours, pair[0]), min(theirs, pair[1]))
    return [(name, *pair) for name, pair in best.items()]


def _asked(aider: subprocess.Popen[str], case: Case) -> float | None:
    """The milliseconds that aider takes for a case; None when it does not apply it."""
    if aider.stdin is None or aider.stdout is None:
        raise ValueError("aider was started without pipes")
    print(json.dumps({"reply": case.reply, "files": dict(case.base)}), file=aider.stdin, flush=True)
    answer = json.loads(aider.stdout.readline())
    return answer["ms"] if answer["is_applied"] else None


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
