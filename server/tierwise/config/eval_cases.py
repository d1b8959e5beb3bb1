"""Cases to measure models with, as they stand in files."""

from typing import Annotated, Literal

from pydantic import Field, StringConstraints, model_validator

from tierwise.config.schema_models import RelativePath, Sentence, TaskId
from tierwise.config.sections import Section

Scorer = Literal["applies", "parses", "accepted", "same-program", "exact", "tests-pass", "judge"]
Runner = Literal["python", "node", "typescript", "go", "rust", "java", "c", "bash"]
Texts = dict[RelativePath, str | None]
"""Texts by path; null for a file that is not there."""


class CaseTests(Section):
    """A program that looks at what the answer does. It runs in the sandbox, without network, on a copy."""

    runner: Runner
    """What runs it. `go` runs the tests of the program's package; the others run, or compile and run, the program."""
    run: RelativePath
    """The program, among `files` or the case's own. It ends with 0 and says `ok` last if all is as it should be; the
    tests of `go` only have to pass."""
    files: dict[RelativePath, str] = Field(default_factory=dict)
    """Texts that no model sees, laid over the answer before the program runs."""


class EvalCase(Section):
    """One case to measure models with: a request, and what a right answer must pass."""

    id: TaskId
    """Unique in its set."""
    action: Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9]*(_[a-z0-9]+)*$")]
    """The id of the action, e.g. `write_tests`."""
    language: Annotated[str, StringConstraints(min_length=1, max_length=60)]
    """The language as editors name it, e.g. `python`."""
    path: RelativePath
    """The file the cursor is in."""
    files: Annotated[dict[RelativePath, str], Field(min_length=1)]
    """The texts of the workspace by path. In the file at `path`, `$0` marks the cursor, `$0…$0` a selection."""
    instruction: str | None = None
    """The user's own words, for actions that take some."""
    diagnostic: str | None = None
    """`CODE message`, reported for the line of the cursor."""
    checks: tuple[str, ...] = ()
    """Names of checks beyond those the action has anyway."""
    scorers: tuple[Scorer, ...] = ()
    """What an answer must hold to pass. Empty: `accepted`, with `tests-pass` where there are `tests`. `same-program`
    compares with `expected`, or where there is none with the text before."""
    tests: CaseTests | None = None
    """What decides `tests-pass`. Without it, for written tests, the proof that they notice broken code decides."""
    judge: Sentence | None = None
    """What a right answer does, for the model that decides `judge`."""
    expected: Texts | None = None
    """The texts afterwards where only one answer is right, or, for `same-program`, one of those that are."""
    unwanted: tuple[Texts, ...] = ()
    """Texts afterwards that are known to be wrong; an answer that is the same program as one of them does not pass."""
    right: tuple[str, ...] = ()
    """Replies that must pass, which prove that the case can be solved."""
    wrong: tuple[str, ...] = ()
    """Replies that must not pass, which prove that the checks look."""
    tags: tuple[str, ...] = ()
    """Words to pick cases by."""

    @model_validator(mode="after")
    def _check_parts(self) -> "EvalCase":
        if self.path not in self.files:
            raise ValueError(f"the case {self.id!r} has no text for {self.path!r}")
        if self.files[self.path].count("$0") not in (1, 2):
            raise ValueError(
                f"{self.path!r} needs one '$0' for the cursor in the case {self.id!r}, or two around a selection"
            )
        if set(self.right) & set(self.wrong):
            raise ValueError(f"the case {self.id!r} calls one reply both right and wrong")
        if self.tests is not None and self.tests.run not in {*self.files, *self.tests.files}:
            raise ValueError(f"the case {self.id!r} has no text for {self.tests.run!r}, which its tests run")
        needs = {"exact": self.expected, "judge": self.judge}
        missing = next((name for name in self.scorers if name in needs and needs[name] is None), None)
        if missing is not None:
            what = {"exact": "expected", "judge": "judge"}[missing]
            raise ValueError(f"the case {self.id!r} is scored by {missing!r} and has no {what!r}")
        return self

    @property
    def scored_by(self) -> tuple[Scorer, ...]:
        """What an answer must hold, whether it was written down or goes without saying."""
        if self.scorers:
            return self.scorers
        has_tests = self.tests is not None or self.action == "write_tests"
        return ("accepted", "tests-pass") if has_tests else ("accepted",)
