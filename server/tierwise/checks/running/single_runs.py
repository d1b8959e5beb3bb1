"""Proves tests by one run of the sandbox for each version of the code: nothing a test leaves reaches the next."""

import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field, replace

from tierwise.checks.base import Verdict
from tierwise.checks.running.mutant import Mutant
from tierwise.checks.running.proof import Proof, Subject, judge, why_unfinished
from tierwise.checks.running.reports import Report, Trial
from tierwise.checks.running.runs import RunResult
from tierwise.text import Rejection

_FORGED = Rejection("forged-report", "the tests wrote into the report of their own outcome")


@dataclass(frozen=True, slots=True, kw_only=True)
class Version:
    """The target as one run finds it."""

    target_text: str
    files: Mapping[str, str] = field(default_factory=dict)
    """Files beside it, by name."""
    is_good: bool = False
    """Whether it is the code as it is, on which older tests are run too."""
    timeout_s: float


Run = Callable[[Version], Awaitable[tuple[RunResult, Report | None]]]


async def prove_by_runs(subject: Subject, run: Run, is_new: Callable[[str], bool]) -> Verdict:
    """The verdict on tests that `run` can run on one version at a time.

    `is_new` tells whether a test, by its name in the report, was written now: others prove nothing of it. All runs
    together take at most three times the time that is allowed for one.
    """
    started = time.monotonic()
    timeout_s = subject.limits.timeout_s
    result, report = await run(Version(target_text=subject.target_text, is_good=True, timeout_s=timeout_s))
    if report is None:
        return _FORGED
    if not report.has_runner:
        return Rejection("tests-not-run", report.words)
    if not report.trials and not result.is_timed_out:
        return Rejection("tests-fail", why_unfinished(result))
    good = report.trials[0] if report.trials else _NOTHING
    proof = Proof(good=replace(good, is_timed_out=result.is_timed_out), result=result)
    if not proof.good.is_good or not good.n_passed:
        return judge(subject, proof)
    short_s = min(timeout_s, 2 + 5 * (time.monotonic() - started))
    broken: list[tuple[Mutant, Trial]] = []
    for mutant in subject.mutants:
        if 2 * timeout_s < time.monotonic() - started:
            break
        trial = await _try(run, Version(target_text=mutant.text, files=mutant.files, timeout_s=short_s), is_new)
        if trial is None:
            return _FORGED
        broken.append((mutant, trial))
        if trial.is_noticed:
            break
    proof = replace(proof, broken=tuple(broken))
    if broken and broken[-1][1].is_noticed:
        reworded = await _try(run, Version(target_text=subject.reworded, timeout_s=timeout_s), is_new)
        proof = replace(proof, reworded=reworded)
    return judge(subject, proof)


_NOTHING = Trial(n_collected=0, n_passed=0, n_skipped=0, failures=(), is_timed_out=False, is_complete=False)


async def _try(run: Run, version: Version, is_new: Callable[[str], bool]) -> Trial | None:
    """One trial, in which only new tests count as noticing; None when its report was forged."""
    result, report = await run(version)
    if report is None:
        return None
    trial = report.trials[0] if report.trials else _NOTHING
    failures = tuple(replace(f, is_assertion=f.is_assertion and is_new(f.test)) for f in trial.failures)
    return replace(trial, failures=failures, is_timed_out=result.is_timed_out)
