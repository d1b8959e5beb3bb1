"""A planned change in which the scout's, the planner's or the workers' model has a fault, and what must hold of it."""

import json
import random
import re
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from dispatch.faulty import ACTION_S, ALL_FAULTS, CALL_S, HARMLESS, PRICES, SLACK_S, TIERS, closed_url
from dispatch.planner.test_road import block
from dispatch.project import Project
from servers.fault import FaultServer
from servers.scenarios import Call
from tierwise.dispatch import Proposal, Refusal, Task, run_action
from tierwise.store.rows import AttemptRow
from tierwise.text import Span

ROLES = {"scout": "local", "plan": "top", "work": "bulk"}
"""Whose model has the fault, and the tier it stands on."""
N_MORE = 30
BAD = "model"


@dataclass
class FaultyPlan:
    """One project; `role` has the fault. With `has_second` another model stands beside the bad one on its tier."""

    root: Path
    server: FaultServer
    fault: str
    role: str
    has_second: bool = False
    project: Project = field(init=False)

    def __post_init__(self) -> None:
        self.root.mkdir(parents=True)
        self.project = Project(self.root, settings=self._settings())
        for number in range(N_MORE):
            name = "".join(chr(ord("a") + int(digit)) for digit in str(number)) + "description"
            self.project.write(f"interesting/{name}.py", f"def more_{name}(one, two):\n    return one, common_thing\n")

    def _settings(self) -> dict[str, Any]:
        bad: dict[str, Any] = {"first_token_timeout_s": 1.0, "between_tokens_timeout_s": 0.5, "concurrency": 64}
        url = self.server.url if self.fault != "refused" else closed_url()
        bad |= {"type": "ollama", "host": url} if self.role == "scout" else {"type": "openai", "base_url": f"{url}/v1"}
        ref = f"bad/{BAD}@{self.fault}"
        models = {"local": [], "bulk": ["good/bulk-model"], "top": ["good/top-model"]}
        if self.role != "scout":
            tier = ROLES[self.role]
            models[tier] = [ref, *(models[tier] if self.has_second else ())]
        call_s = 20.0 if self.has_second else CALL_S
        priced = {"good/bulk-model": "bulk", "good/top-model": "top", ref: ROLES[self.role]}
        return {
            "backends": {"good": {"type": "openai", "base_url": self.server.openai_url, "concurrency": 64}, "bad": bad},
            "tiers": {tier: {"models": models[tier]} for tier in TIERS},
            "models": {
                name: {
                    "input_usd_per_million": PRICES[tier][0],
                    "output_usd_per_million": PRICES[tier][1],
                    "window": 16384,
                }
                for name, tier in priced.items()
            },
            "roles": {"economy": ref if self.role == "scout" else "good/bulk-model"},
            "planner": {"single_call_tokens": 0, "outline_tokens": 500},
            "limits": {"deadline_s": {**dict.fromkeys(TIERS, 20.0), ROLES[self.role]: call_s, "action": ACTION_S}},
        }

    async def run(self, seed: int) -> "RanPlan":
        """The change on files of this seed, with every server's past forgotten."""
        await self.project.runtime.forget_troubles()
        self.project.runtime.chance = random.Random(f"{self.fault} {self.role} {seed}")  # noqa: S311 - to be repeated.
        tag = f"{self.role}{ALL_FAULTS.index(self.fault)}x{seed}"
        snapshot = self.project.write(f"shapes_{tag}.py", shapes(tag))
        self.project.write(f"uses_{tag}.py", uses(tag))
        n_rows = len(list(self.project.ledger.attempt_rows()))
        task = Task(
            action_id="refactor_across_files",
            snapshot=snapshot,
            selection=Span(4, 4),
            instruction=f"rename area_{tag} to surface_{tag}, beside common_thing",
        )
        started = time.monotonic()
        outcome = await run_action(self.project.runtime, task, self.project, self.project.told.append)
        elapsed_s = time.monotonic() - started
        rows = [row for row in self.project.ledger.attempt_rows() if isinstance(row, AttemptRow)][n_rows:]
        return RanPlan(self, tag, outcome, elapsed_s, rows, self.project.ledger.spent().held)


@dataclass(frozen=True)
class RanPlan:
    """What came of one run, and what the ledger has of it."""

    faulty: FaultyPlan
    tag: str
    outcome: Proposal | Refusal
    elapsed_s: float
    rows: list[AttemptRow]
    held: int

    def check(self) -> None:
        """Nothing partial accepted, over in time, every call booked, and only who has the fault is passed over."""
        fault, role, outcome = self.faulty.fault, self.faulty.role, self.outcome
        words = outcome.words if isinstance(outcome, Refusal) else outcome.summary
        told = [f"{a.tier} {a.model} {a.outcome} {a.code}" for a in outcome.attempts]
        where = f"{fault} of {role}, {self.tag}: {told}, {words}"
        assert isinstance(outcome, Proposal), where
        assert {change.path.name: change.after for change in outcome.changes} == {
            f"shapes_{self.tag}.py": shapes(self.tag).replace("area", "surface"),
            f"uses_{self.tag}.py": uses(self.tag).replace("area", "surface"),
        }, where
        assert self.elapsed_s < ACTION_S + SLACK_S, where
        asked = [a for a in outcome.attempts if a.outcome != "skipped"]
        assert sorted((r.tier, r.model, r.outcome, r.code) for r in self.rows) == sorted(
            (a.tier, a.model, a.outcome, a.code) for a in asked
        ), where
        assert outcome.cost_pico_usd == sum(row.cost_pico_usd or 0 for row in self.rows), where
        assert all(row.cost_pico_usd is not None for row in self.rows), where
        assert self.held == 0, where
        assert outcome.audit is not None, where
        assert outcome.audit.tokens == sum(a.input_tokens + a.output_tokens for a in asked), where
        if fault not in HARMLESS:
            self._check_passed_over(where)

    def _check_passed_over(self, where: str) -> None:
        role, second = self.faulty.role, self.faulty.has_second
        failed = [row for row in self.rows if row.outcome != "accepted"]
        accepted = [row for row in self.rows if row.outcome == "accepted"]
        assert failed, where
        assert all(row.model.startswith(f"{BAD}@") for row in failed), where
        assert not any(row.model.startswith(f"{BAD}@") for row in accepted), where
        plan = [row.model for row in accepted if row.reason_code == "plan"]
        assert plan == ["bulk-model" if role == "plan" and not second else "top-model"], where
        worked = [row.model for row in accepted if row.reason_code not in ("plan", "scout")]
        assert worked == ["top-model" if role == "work" and not second else "bulk-model"] * 2, where


def shapes(tag: str) -> str:
    """The file that declares the function."""
    return f"def area_{tag}(width, height):\n    return width * height\n"


def uses(tag: str) -> str:
    """The file that uses it."""
    return f"from shapes_{tag} import area_{tag}\n\n\ndef cost(room):\n    return area_{tag}(room.width, room.height)\n"


def reply(call: Call) -> str:
    """What a good scout, planner or worker says."""
    asked = str(call.messages[-1]["content"])
    found = re.search(r"rename area_(\w+) to|\(area_(\w+)\)", asked)
    if found is None:
        return "?"
    tag = found[1] or found[2]
    names = (f"shapes_{tag}.py", f"uses_{tag}.py")
    if asked.startswith("The files:"):
        return json.dumps({"files": names})
    if asked.startswith("The project:"):
        subtasks = [
            {"id": str(n), "title": f"part {n}", "files": [name], "instruction": f"Change it (area_{tag})."}
            for n, name in enumerate(names)
        ]
        return json.dumps({"subtasks": subtasks})
    return _work(asked, tag)


def _work(asked: str, tag: str) -> str:
    old, new = f"area_{tag}", f"surface_{tag}"
    if "Target: 'part 0'" in asked:
        return block(f"shapes_{tag}.py", f"def {old}(width, height):", f"def {new}(width, height):")
    return block(f"uses_{tag}.py", f"import {old}", f"import {new}") + block(
        f"uses_{tag}.py", f"return {old}(", f"return {new}("
    )
