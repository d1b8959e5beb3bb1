"""The same program is accepted, another one is refused, in every language."""

import pytest

from checks.same_program_cases import CHANGED, SAME
from tierwise.checks import Accepted, Change, Check, verify
from tierwise.text import Rejection

_SAME = [(language, *pair) for language, pairs in SAME.items() for pair in pairs]
_CHANGED = [(language, *pair) for language, pairs in CHANGED.items() for pair in pairs]


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
