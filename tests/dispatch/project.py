"""One small project, a scripted model on each tier, a ledger: the dispatcher without an editor."""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tierwise.config import load_config
from tierwise.dispatch import Diagnostic, Progress, Proposal, Refusal, Runtime, Task, run_action
from tierwise.dispatch.files import read_snapshot
from tierwise.dispatch.opening import open_runtime
from tierwise.routing.tiers import Tier
from tierwise.store.cache import cache_beside
from tierwise.store.ledger import Ledger, open_ledger
from tierwise.text import Rejection, Snapshot, Span

CODE = "def add(a, b):\n    return a + b\n\n\ndef sub(a, b):\n    return a - b\n"
DOCUMENTED = 'def add(a, b):\n    """Return the sum of a and b."""\n    return a + b\n'
BROKEN = 'def add(a, b):\n    """Return the sum of a and b."""\n    return a - b\n'
PRICES = {"bulk": (1, 4), "top": (5, 25)}


@dataclass
class Project:
    """A folder with files and the scripted models that answer for it."""

    root: Path
    rules: Sequence[dict[str, Any]] = ()
    settings: dict[str, Any] = field(default_factory=dict)
    own_file: str = ""
    """The user's own settings file, for what only that may say."""
    is_trusted: bool = True
    told: list[Progress] = field(default_factory=list)

    def __post_init__(self) -> None:
        (self.root / "script.json").write_text(json.dumps(list(self.rules)), "utf-8")
        self.work = self.root / "work"
        self.work.mkdir(exist_ok=True)
        self.ledger: Ledger = open_ledger(self.root / "ledger.sqlite3")
        own = self.root / "config.toml"
        own.write_text(self.own_file, "utf-8")
        loaded = load_config(user_file=own, editor_settings=self._settings(), trusted=True, env={})
        self.runtime: Runtime = open_runtime(loaded, ledger=self.ledger)

    @property
    def roots(self) -> tuple[Path, ...]:
        """The workspace's one folder."""
        return (self.work,)

    @property
    def cache_file(self) -> Path:
        """Where answers are kept."""
        return cache_beside(self.ledger.path)

    def _settings(self) -> dict[str, Any]:
        base: dict[str, Any] = {
            "backends": {"demo": {"type": "scripted", "script": str(self.root / "script.json")}},
            "tiers": {tier: {"models": [f"demo/{tier}-model"]} for tier in ("local", "bulk", "top")},
            "models": {
                f"demo/{tier}-model": {"input_usd_per_million": price[0], "output_usd_per_million": price[1]}
                for tier, price in PRICES.items()
            },
        }
        return base | self.settings

    def read(self, path: Path) -> Snapshot | None:
        """The file on disk."""
        found = read_snapshot(path, self.roots, 2**20)
        return None if isinstance(found, Rejection) else found

    def write(self, name: str, text: str) -> Snapshot:
        """Put a file into the folder and look at it as an editor would."""
        path = self.work / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8", newline="")
        snapshot = self.read(path)
        assert snapshot is not None
        return Snapshot(uri=snapshot.uri, text=snapshot.text, language=snapshot.language, version=1)

    async def act(
        self,
        action: str,
        snapshot: Snapshot,
        at: str = "",
        *,
        instruction: str | None = None,
        tier: Tier | None = None,
        diagnostics: tuple[Diagnostic, ...] = (),
        scope: tuple[str, ...] = (),
    ) -> Proposal | Refusal:
        """Run one action with the cursor at the first place that has these words."""
        offset = snapshot.text.index(at)
        task = Task(
            action_id=action,
            snapshot=snapshot,
            selection=Span(offset, offset),
            instruction=instruction,
            tier=tier,
            diagnostics=diagnostics,
            scope=scope,
            client="test",
        )
        return await run_action(self.runtime, task, self, self.told.append)

    async def close(self) -> None:
        """End everything."""
        await self.runtime.aclose()
        self.ledger.close()


def fenced(code: str, language: str = "python") -> str:
    """A reply of one code block."""
    return f"Here it is.\n\n```{language}\n{code}```\n"


Make = Callable[..., Project]


def outcomes(outcome: Proposal | Refusal) -> list[tuple[str, str, str]]:
    """Tier, outcome and code of each attempt."""
    return [(str(a.tier), a.outcome, a.code) for a in outcome.attempts]
