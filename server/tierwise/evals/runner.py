"""Run cases with models, each alone on its tier, along the same road a click takes."""

import asyncio
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from tierwise.backends.base import FailureKind
from tierwise.backends.options import ScriptedOptions
from tierwise.checks import RUNNING_CHECKS, Change, Check, verify
from tierwise.config import Config, Loaded
from tierwise.config.schema_models import EvalCase
from tierwise.config.sections import TierOptions, TiersOptions
from tierwise.dispatch import Diagnostic, FileChange, Progress, Refusal, Runtime, Task, run_action
from tierwise.dispatch.files import read_snapshot
from tierwise.dispatch.opening import open_runtime
from tierwise.evals.cases import unmarked
from tierwise.evals.scoring import Entrant, Run, Stage, stage_of_rejection
from tierwise.routing.tiers import MODEL_TIERS, Tier
from tierwise.store.ledger import Ledger
from tierwise.text import Rejection, Snapshot
from tierwise.text.lines import LineIndex

_NOT_HEARD = frozenset(
    {
        FailureKind.REFUSED,
        FailureKind.CONNECTION,
        FailureKind.TIMEOUT_CONNECT,
        FailureKind.RATE_LIMITED,
        FailureKind.OVERLOADED,
        FailureKind.SERVER_ERROR,
        FailureKind.AUTHENTICATION,
        FailureKind.NO_MODEL,
        FailureKind.BAD_REQUEST,
        FailureKind.TOO_LONG,
        FailureKind.TRUNCATED_PROMPT,
        FailureKind.NOT_CONFIGURED,
    }
)
"""Failures that say something of a server or of a window, and nothing of what the model would have answered."""
_CLIENT = "eval"
"""How the ledger names these calls."""


@dataclass(frozen=True, slots=True)
class CaseWorkspace:
    """The files of one case in a folder of their own; a case is other people's text, so it is not trusted."""

    root: Path
    max_bytes: int
    is_trusted: bool = False

    @property
    def roots(self) -> tuple[Path, ...]:
        """The one folder."""
        return (self.root,)

    def read(self, path: Path) -> Snapshot | None:
        """The file as it was written there."""
        found = read_snapshot(path, self.roots, self.max_bytes)
        return None if isinstance(found, Rejection) else found


def entrant_of(config: Config, ref: str) -> Entrant | Rejection:
    """A model by its reference, on the cheapest tier that has it; one that stands on none is asked on bulk."""
    options = config.backend_of(ref)
    if options is None or not ref.partition("/")[2]:
        known = ", ".join(config.backends)
        return Rejection(
            "unknown-model", f"{ref!r} names no configured backend; write BACKEND/MODEL with one of {known}"
        )
    tier = next((tier for tier in MODEL_TIERS if ref in config.tier(tier).models), Tier.BULK)
    return Entrant(ref=ref, tier=tier, is_scripted=isinstance(options, ScriptedOptions))


async def default_entrants(loaded: Loaded) -> tuple[Entrant, ...]:
    """On each tier the model that would be asked first now."""
    runtime = open_runtime(loaded)
    try:
        await runtime.learn()
        await runtime.probe()
        firsts = [
            next((c for c in runtime.candidates if c.tier is tier and c.can_be_tried), None) for tier in MODEL_TIERS
        ]
    finally:
        await runtime.aclose()
    return tuple(Entrant(ref=c.ref, tier=c.tier, is_scripted=c.is_scripted) for c in firsts if c is not None)


async def run_cases(
    loaded: Loaded, ledger: Ledger | None, cases: Sequence[EvalCase], entrant: Entrant, n_times: int = 1,
    tell: Callable[[str], None] = lambda _words: None,
) -> tuple[Run, ...]:  # fmt: skip
    """Every case, `n_times`, with one model; each run is one call, which is booked like any other."""
    runtime = open_runtime(_with_only(loaded, entrant), ledger=ledger)
    runs: list[Run] = []
    try:
        await runtime.learn()
        await runtime.probe()
        for case in cases:
            for repetition in range(1, n_times + 1):
                tell(f"{case.id} with {entrant.ref}")
                runs.append(await _run_case(runtime, entrant, case, repetition))
    finally:
        await runtime.aclose()
    return tuple(runs)


def _with_only(loaded: Loaded, entrant: Entrant) -> Loaded:
    """A configuration in which this model stands alone, and is asked once."""
    config = loaded.config
    tiers = {
        str(tier): config.tier(tier).model_copy(update={"models": (entrant.ref,)}) if tier is entrant.tier else _NOBODY
        for tier in MODEL_TIERS
    }
    limits = config.limits.model_copy(update={"max_attempts": 1})
    # An answer given before says nothing about a model.
    cache = config.cache.model_copy(update={"enabled": False})
    changes = {"tiers": TiersOptions(**tiers), "limits": limits, "cache": cache}
    return replace(loaded, config=config.model_copy(update=changes))


_NOBODY = TierOptions(models=())


async def _run_case(runtime: Runtime, entrant: Entrant, case: EvalCase, repetition: int) -> Run:
    blank = Run(case=case.id, model=entrant.ref, repetition=repetition, stage=None)
    checks = _checks_of(runtime, case)
    if isinstance(checks, Rejection):
        return replace(blank, code=checks.code, detail=checks.detail)
    with tempfile.TemporaryDirectory(prefix="tierwise-eval-") as folder:
        try:
            root = await asyncio.to_thread(_lay_out, folder, _texts(case))
        except (OSError, UnicodeError) as err:
            return replace(blank, code="unwritable", detail=f"the files of the case cannot be written: {err}")
        workspace = CaseWorkspace(root, runtime.max_file_bytes)
        outcome = await run_action(runtime, _task(case, root, entrant.tier), workspace, _watch_nothing)
    seconds = sum(attempt.duration_s for attempt in outcome.attempts)
    run = replace(blank, cost_pico_usd=outcome.cost_pico_usd, duration_s=seconds)
    if isinstance(outcome, Refusal):
        return _refused(run, outcome)
    run = replace(run, notes=outcome.notes)
    return _judged(run, case, checks, {change.path.relative_to(root).as_posix(): change for change in outcome.changes})


def _watch_nothing(_progress: Progress) -> None:
    """Nobody waits for a single run."""


def _checks_of(runtime: Runtime, case: EvalCase) -> tuple[Check, ...] | Rejection:
    """The checks a case asks for beyond those its action has."""
    action = runtime.action(case.action)
    own = () if action is None else action.checks
    beyond = [name for name in case.checks if name not in own]
    known = [str(check) for check in Check if check not in RUNNING_CHECKS]
    unknown = next((name for name in beyond if name not in known), None)
    if unknown is not None:
        return Rejection(
            "unknown-check", f"a case cannot ask for the check {unknown!r}; take one of {', '.join(known)}"
        )
    return tuple(Check(name) for name in beyond)


def _lay_out(folder: str, files: Mapping[str, str]) -> Path:
    """Write the files of a case; returns the folder without symbolic links in its name."""
    root = Path(folder).resolve()
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8", newline="")
    return root


def _task(case: EvalCase, root: Path, tier: Tier) -> Task:
    text, selection = unmarked(case.files[case.path])
    diagnostics: tuple[Diagnostic, ...] = ()
    if case.diagnostic is not None:
        code, _, message = case.diagnostic.partition(" ")
        index = LineIndex(text)
        span = index.line_span(index.position(selection.start, "utf-32").line)
        source = "Ruff" if case.language == "python" else ""
        diagnostics = (Diagnostic(span=span, message=message, code=code, source=source, severity=2),)
    return Task(
        action_id=case.action,
        snapshot=Snapshot(uri=(root / case.path).as_uri(), text=text, language=case.language, version=1),
        selection=selection,
        instruction=case.instruction,
        diagnostics=diagnostics,
        tier=tier,
        client=_CLIENT,
    )


def _refused(blank: Run, refusal: Refusal) -> Run:
    run = replace(blank, code=refusal.code, detail=refusal.words)
    if not refusal.attempts:
        return run
    last = refusal.attempts[-1]
    if last.outcome == "rejected":
        return replace(run, stage=stage_of_rejection(last.code), detail=last.detail)
    return run if last.code in _NOT_HEARD else replace(run, stage=Stage.NOTHING)


def _judged(blank: Run, case: EvalCase, checks: tuple[Check, ...], changes: Mapping[str, FileChange]) -> Run:
    """An answer the action's own checks accepted, against what the case asks for beyond them."""
    run = replace(blank, stage=Stage.ACCEPTED)
    if case.expected is not None:
        before = _texts(case)
        wanted = {path: text for path, text in case.expected.items() if text != before.get(path)}
        run = replace(run, is_exact=wanted == {path: change.after for path, change in changes.items()})
    for path, change in changes.items():
        old = None if change.before is None else change.before.text
        verdict = verify(checks, Change(path=path, language=change.language, before=old, after=change.after))
        if isinstance(verdict, Rejection):
            return replace(run, stage=stage_of_rejection(verdict.code), code=verdict.code, detail=verdict.detail)
    return run


def _texts(case: EvalCase) -> dict[str, str]:
    """The files of a case without the marks in them."""
    return {**case.files, case.path: unmarked(case.files[case.path])[0]}
