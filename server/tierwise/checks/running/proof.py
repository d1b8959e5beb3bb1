"""What is to be proved of written tests, what was observed, and the verdict on it."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from tierwise.checks.base import Accepted, Verdict
from tierwise.checks.frameworks import Framework
from tierwise.checks.running.mutant import Mutant
from tierwise.checks.running.reports import Trial
from tierwise.checks.running.runs import Limits, RunResult
from tierwise.text import Rejection

WHAT_TO_ASSERT = "assert on the exact results of the code under test for given input"
_MAX_DETAIL = 900
_NAMING = {
    Framework.PYTEST: "name functions 'test_…'",
    Framework.UNITTEST: "name methods 'test_…' in a class made from unittest.TestCase",
    Framework.VITEST: "call test('…', () => {…}) with what 'vitest' exports",
    Framework.JEST: "call test('…', () => {…})",
    Framework.NODE_TEST: "call test('…', () => {…}) with what 'node:test' exports",
    Framework.GO: "write functions 'func TestXxx(t *testing.T)'",
}
TOO_LATE = "the tests did not finish within"


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """What is tested, and by what. Paths are relative to `root`, with forward slashes."""

    framework: Framework
    root: Path
    test_path: str
    test_text: str
    old_test_text: str
    """The test file as it was; empty for a new one."""
    target_path: str
    target_text: str
    language: str
    mutants: tuple[Mutant, ...]
    reworded: str
    """The target as the same program in other words."""
    files: dict[str, bytes]
    """The project with the target and the test file in it."""
    limits: Limits


@dataclass(frozen=True, slots=True, kw_only=True)
class Proof:
    """What was seen of the tests."""

    good: Trial
    """On the code as it is."""
    broken: tuple[tuple[Mutant, Trial], ...] = ()
    """On broken versions, in the order they were tried."""
    reworded: Trial | None = None
    """On the same program in other words, tried once a broken version was noticed."""
    result: RunResult
    """The run on the good code."""


def judge(subject: Subject, proof: Proof, hints: Sequence[str] = ()) -> Verdict:
    """Whether the tests pass on the code, notice a broken version, and pass again on the same code in other words.

    Codes: `no-tests-collected`, `tests-fail`, `vacuous-tests`. `hints` say what is weak about the tests and end the
    detail where they are vacuous.
    """
    return _refusal(subject, proof) or _by_mutants(subject, proof, hints)


def _refusal(subject: Subject, proof: Proof) -> Rejection | None:
    """Why the outcomes on the code as it is are not good enough."""
    good = proof.good
    if good.is_timed_out:
        return Rejection("tests-fail", f"{TOO_LATE} {subject.limits.timeout_s:g} seconds")
    if good.failures:
        first = good.failures[0]
        words = end_of(re.sub(rf"{re.escape(str(subject.root))}/?", "", first.words))
        n_more = len(good.failures) - 1
        more = f" (and {n_more} more)" if n_more else ""
        return Rejection("tests-fail", f"{Path(first.test).name or 'the test file'}{more} fails: {words}")
    if not good.is_complete:
        return Rejection("tests-fail", why_unfinished(proof.result))
    if good.n_collected == 0:
        return Rejection("no-tests-collected", f"no test was found in the new file; {_NAMING[subject.framework]}")
    if good.n_passed == 0:
        return Rejection("vacuous-tests", "no test passes: all are skipped or expected to fail; let them run")
    return None


def _by_mutants(subject: Subject, proof: Proof, hints: Sequence[str]) -> Verdict:
    """Whether one of the broken versions was noticed, by what it does and not by how it is written."""
    n_passed = proof.good.n_passed
    tests = f"{n_passed} test{'s' if n_passed != 1 else ''}"
    if not subject.mutants:
        return Accepted((f"{tests} passed; {subject.target_path!r} has no function to break for a counter-trial",))
    noticed = next((mutant for mutant, trial in proof.broken if trial.is_noticed), None)
    if noticed is None:
        return Rejection("vacuous-tests", _why_vacuous(proof, hints))
    if proof.reworded is None or not proof.reworded.is_good:
        words = (
            "the tests fail as well when the code only has another layout, so they look at its text, or at the clock or"
            " at chance; assert on the results of the code under test"
        )
        return Rejection("vacuous-tests", words)
    return Accepted((f"{tests} passed, and failed when {noticed.words}",))


def _why_vacuous(proof: Proof, hints: Sequence[str]) -> str:
    missed = [mutant.words for mutant, trial in proof.broken if trial.is_good][:3]
    stumbled = any(not trial.is_good for _, trial in proof.broken)
    why = f"no assertion fails when the code is broken ({'; '.join(missed)})" if missed else "no assertion ever fails"
    if stumbled:
        why += ", and an error on the way to an assertion proves nothing"
    reasons = "; ".join(hints[:3])
    return end_of("; ".join(part for part in (why, reasons, WHAT_TO_ASSERT) if part))


def why_unfinished(result: RunResult) -> str:
    """Why a run has no end, in words."""
    if result.is_output_cut and result.exit_code is None:
        return "the tests print without end"
    if result.is_memory_spent:
        return "the tests take more memory than they may"
    words = end_of(result.output.decode(errors="replace"))
    return f"the test run stopped before its end: {words}" if words else "the test run stopped before its end"


def end_of(words: str) -> str:
    """The end of what a run said, without empty lines."""
    lines = [line.rstrip() for line in words.strip().splitlines() if line.strip()]
    text = "\n".join(lines)
    return text if len(text) <= _MAX_DETAIL else "…" + text[-_MAX_DETAIL:]
