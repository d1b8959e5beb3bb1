"""Our own work per action without the model: route, prompt, parse, check a format of 200 lines, diff, book."""

import asyncio
import json
import statistics
import tempfile
import time
from pathlib import Path

from tierwise.config import load_config
from tierwise.dispatch import Proposal, Task, run_action
from tierwise.dispatch.files import read_snapshot
from tierwise.dispatch.opening import open_runtime
from tierwise.store.ledger import open_ledger
from tierwise.text import Rejection, Snapshot, Span
from tierwise.text.diff import diff

BOUND_MS = 25.0
ROUNDS = 30
UNIT = (
    "def total_{i}(items,start=0):\n    s=start\n    for it in items:\n        s=s+it\n"
    "    # the sum\n    return s\n\n\n"
)
NEAT = (
    "def total_{i}(items, start=0):\n    s = start\n    for it in items:\n        s = s + it\n"
    "    # the sum\n    return s\n\n\n"
)
N_UNITS = 25


class Folder:
    """A workspace of one folder."""

    is_trusted = True

    def __init__(self, root: Path) -> None:
        self.roots = (root,)

    def read(self, path: Path) -> Snapshot | None:
        """The file on disk."""
        found = read_snapshot(path, self.roots, 2**20)
        return None if isinstance(found, Rejection) else found


async def measure(root: Path) -> list[float]:
    """CPU milliseconds of each round."""
    before = "".join(UNIT.format(i=i) for i in range(N_UNITS))
    after = "".join(NEAT.format(i=i) for i in range(N_UNITS))
    script = root / "script.json"
    script.write_text(json.dumps([{"when": ".", "reply": f"```python\n{after}```\n"}]), "utf-8")
    settings = {
        "backends": {"demo": {"type": "scripted", "script": str(script)}},
        "tiers": {"local": {"models": ["demo/model"]}, "bulk": {"models": []}, "top": {"models": []}},
        "native": {"enabled": False},
    }
    ledger = open_ledger(root / "ledger.sqlite3")
    runtime = open_runtime(load_config(editor_settings=settings, trusted=True, env={}), ledger=ledger)
    file = root / "sums.py"
    file.write_text(before, "utf-8")
    snapshot = Snapshot(uri=file.as_uri(), text=before, language="python", version=1)
    spent: list[float] = []
    for _ in range(ROUNDS):
        task = Task(action_id="format", snapshot=snapshot, selection=Span(0, 0))
        start = time.process_time()
        outcome = await run_action(runtime, task, Folder(root), lambda _progress: None)
        assert isinstance(outcome, Proposal), outcome
        edits = diff(before, outcome.changes[0].after or "")
        spent.append((time.process_time() - start) * 1000)
        assert edits
    await runtime.aclose()
    ledger.close()
    return spent


def main() -> int:
    """Print the figure; 1 when it is over the bound."""
    with tempfile.TemporaryDirectory() as folder:
        spent = asyncio.run(measure(Path(folder)))
    median = statistics.median(spent)
    verdict = "ok" if median <= BOUND_MS else "OVER"
    print(f"own work per action, 200 lines: median {median:.1f} ms CPU, first {spent[0]:.1f} ms, "
          f"bound {BOUND_MS:.0f} ms: {verdict}")  # fmt: skip
    return 0 if median <= BOUND_MS else 1
