"""A campaign's results as lines of JSON, appended as they come, so that a killed one can be taken up again."""

import hashlib
import json
import os
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from tierwise.config.eval_cases import EvalCase
from tierwise.evals.scoring import Entrant, Run, Stage
from tierwise.routing.tiers import Tier
from tierwise.text import Rejection

KIND = "tierwise-eval-run"
_VERSION = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What a campaign is to do; two with the same plan can be one."""

    cases: str
    """A digest of all the cases."""
    n_cases: int
    entrants: tuple[Entrant, ...]
    repeat: int
    judge: str | None


@dataclass(frozen=True, slots=True)
class Campaign:
    """A plan and what was done of it."""

    plan: Plan
    runs: tuple[Run, ...]
    """In the order they ended; a run that was tried again stands there twice."""
    n_unreadable: int = 0

    @property
    def latest(self) -> dict[tuple[str, str, int], Run]:
        """The last try of each run."""
        return {run.key: run for run in self.runs}

    def lost_pico_usd(self, model: str) -> int:
        """What earlier tries of the same runs cost."""
        last = {id(run) for run in self.latest.values()}
        return sum(run.cost_pico_usd or 0 for run in self.runs if run.model == model and id(run) not in last)


def plan_of(cases: Sequence[EvalCase], entrants: Sequence[Entrant], repeat: int, judge: Entrant | None) -> Plan:
    """The plan for these cases and models."""
    digest = hashlib.sha256()
    for case in cases:
        digest.update(json.dumps(case.model_dump(mode="python")).encode() + b"\n")
    return Plan(
        cases=digest.hexdigest()[:32],
        n_cases=len(cases),
        entrants=tuple(entrants),
        repeat=repeat,
        judge=None if judge is None else judge.ref,
    )


def read_campaign(path: Path) -> Campaign | Rejection:
    """What a file of results holds; a last line that was cut off is not there."""
    try:
        content = path.read_bytes()
    except OSError as err:
        return Rejection("unreadable", f"the run {str(path)!r} cannot be read: {err.strerror}")
    lines = content[: content.rfind(b"\n") + 1].split(b"\n")[:-1]
    plan = _plan_in(lines[0]) if lines else None
    if plan is None:
        return Rejection("not-a-run", f"{str(path)!r} is no run of `tierwise eval`; name a file that it wrote")
    runs = [_run_in(line) for line in lines[1:]]
    good = tuple(run for run in runs if run is not None)
    return Campaign(plan, good, len(runs) - len(good))


class RunFile:
    """An open file of results. Raises OSError when it cannot be written."""

    def __init__(self, path: Path, plan: Plan) -> None:
        """Begin the file, or go on after its last whole line."""
        path.parent.mkdir(parents=True, exist_ok=True)
        self._descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
        size = os.fstat(self._descriptor).st_size
        whole = os.pread(self._descriptor, size, 0).rfind(b"\n") + 1
        os.ftruncate(self._descriptor, whole)
        os.lseek(self._descriptor, 0, os.SEEK_END)
        if not whole:
            self._write({"kind": KIND, "version": _VERSION, "plan": asdict(plan)})

    def add(self, run: Run) -> None:
        """Write one result; it is on the disk when this returns."""
        self._write({**asdict(run), "stage": None if run.stage is None else run.stage.name})

    def __enter__(self) -> Self:
        """The file itself."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close the file."""
        os.close(self._descriptor)

    def _write(self, document: dict[str, Any]) -> None:
        left = memoryview(json.dumps(document, ensure_ascii=True).encode() + b"\n")
        while left:
            left = left[os.write(self._descriptor, left) :]
        os.fsync(self._descriptor)


def _plan_in(line: bytes) -> Plan | None:
    try:
        document = json.loads(line)
        if document["kind"] != KIND or document["version"] != _VERSION:
            return None
        plan = document["plan"]
        entrants = tuple(Entrant(**{**one, "tier": Tier(one["tier"])}) for one in plan["entrants"])
        return replace(Plan(**{**plan, "entrants": ()}), entrants=entrants)
    except (ValueError, KeyError, TypeError, RecursionError):
        return None


def _run_in(line: bytes) -> Run | None:
    try:
        document = json.loads(line)
        stage = None if document["stage"] is None else Stage[document["stage"]]
        return Run(**{**document, "stage": stage, "notes": tuple(document["notes"])})
    except (ValueError, KeyError, TypeError, RecursionError):
        return None
