"""The same program is accepted, another one is refused, in every language."""

from collections import Counter

import pytest

from checks import same_program_traps as traps
from checks.same_program_cases import CHANGED, SAME
from tierwise.checks import Accepted, Change, Check, verify
from tierwise.text import Rejection

_SAME = [(language, *pair) for table in (SAME, traps.SAME) for language, pairs in table.items() for pair in pairs]
_CHANGED = [
    (language, *pair) for table in (CHANGED, traps.CHANGED) for language, pairs in table.items() for pair in pairs
]
_FEW = frozenset({"plaintext", "javascriptreact", "typescriptreact", "jsonc"})
"""Languages that share their rules with others, or have none."""


def judge(language: str, before: str, after: str) -> Accepted | Rejection:
    """The verdict of the one check."""
    return verify([Check.SAME_PROGRAM], Change(f"a.{language}", language, before, after))


@pytest.mark.parametrize(("language", "before", "after"), _SAME)
def test_same(language: str, before: str, after: str) -> None:
    assert isinstance(judge(language, before, after), Accepted), judge(language, before, after)


@pytest.mark.parametrize(("language", "before", "after"), _CHANGED)
def test_changed(language: str, before: str, after: str) -> None:
    verdict = judge(language, before, after)
    assert isinstance(verdict, Rejection)
    assert verdict.detail
    assert isinstance(judge(language, after, before), Rejection) or "comments" in str(judge(language, after, before))


def test_every_language_has_a_dozen_pairs() -> None:
    n_pairs = Counter(language for language, _, _ in (*_SAME, *_CHANGED))
    assert {language: n for language, n in n_pairs.items() if n < 12 and language not in _FEW} == {}


def test_space_may_leave_the_end_of_a_docstring_but_not_come_there() -> None:
    plain, spaced = ('def f():\n    """a"""\n', 'def f():\n    """a """\n')
    assert isinstance(judge("python", spaced, plain), Accepted)
    assert isinstance(judge("python", plain, spaced), Rejection)
