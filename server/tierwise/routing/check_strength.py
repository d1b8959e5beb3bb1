"""How good the checks of an action are at telling right edits from wrong ones. Pure.

A tier that is often wrong is cheap only as long as its wrong edits are caught, so the policy has to know this.
"""

import functools
from collections.abc import Iterable
from dataclasses import dataclass

from tierwise.checks import Check
from tierwise.checks.coverage import COVERAGE


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckStrength:
    """The error rates of the checks of one action in one language."""

    lets_through: float
    """Share of wrong edits that pass."""
    refuses: float = 0.0
    """Share of right edits that do not."""

    def accepts(self, chance_right: float) -> float:
        """How often an edit passes that is right with this chance."""
        return chance_right * (1 - self.refuses) + (1 - chance_right) * self.lets_through

    def right_if_accepted(self, chance_right: float) -> float:
        """The chance that an edit is right that passed."""
        accepted = self.accepts(chance_right)
        return chance_right * (1 - self.refuses) / accepted if accepted else chance_right

    def right_if_rejected(self, chance_right: float) -> float:
        """The chance that an edit was right that did not pass."""
        rejected = 1 - self.accepts(chance_right)
        return chance_right * self.refuses / rejected if rejected else chance_right


PERFECT = CheckStrength(lets_through=0.0)

CATCHES = {
    Check.SAME_PROGRAM: 0.98,
    Check.TESTS_PASS: 0.75,
    Check.DIAGNOSTIC_GONE: 0.50,
    Check.ONLY_HINTS: 0.50,
    Check.ONLY_DOCS: 0.50,
    Check.NAMES_DEFINED: 0.15,
    Check.PUBLIC_NAMES_KEPT: 0.05,
    Check.PARSES: 0.10,
    Check.NO_ELISION: 0.05,
}
"""The share of a cheap model's wrong edits that a check catches.

`make eval-policy` measures SAME_PROGRAM (203 real pairs, every change of the program caught). ONLY_DOCS and ONLY_HINTS
catch every change of the program too, but nothing that is wrong in words or types, so they are given half. The rest is
assumed, and nothing corrects it yet: nobody tells the ledger which accepted edits were wrong."""
REFUSES = {Check.SAME_PROGRAM: 0.09}
"""Share of right edits a check refuses, where `make eval-policy` sees any: of 139 real pairs that are the same program
9 % lose a comment or change more than formatters do."""


def strength_of(checks: Iterable[Check], language: str, *, can_run: bool = True) -> CheckStrength:
    """The strength of an action's checks together in one language.

    They are taken to err independently. `can_run` tells whether tests may be run at all.
    """
    return _strength_of(tuple(checks), language, can_run)


@functools.lru_cache(maxsize=512)
def _strength_of(checks: tuple[Check, ...], language: str, can_run: bool) -> CheckStrength:
    slips = passes = 1.0
    for check in checks:
        if _says_something(check, language, can_run):
            slips *= 1 - CATCHES.get(check, 0.0)
            passes *= 1 - REFUSES.get(check, 0.0)
    return CheckStrength(lets_through=slips, refuses=1 - passes)


def _says_something(check: Check, language: str, can_run: bool) -> bool:
    coverage = COVERAGE.get(language)
    if coverage is None:
        return check is Check.NO_ELISION
    if check is Check.TESTS_PASS and not can_run:
        return False
    reach = {
        Check.NAMES_DEFINED: coverage.names,
        Check.TESTS_PASS: coverage.tests,
        Check.SAME_PROGRAM: coverage.same_program,
        Check.ONLY_DOCS: coverage.docs,
        Check.ONLY_HINTS: coverage.hints,
        Check.PARSES: coverage.parses,
    }
    return reach.get(check, "yes") != "–"
