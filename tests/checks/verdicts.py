"""The one way tests ask for a verdict."""

from tierwise.checks import Accepted, Change, Check, verify
from tierwise.text import Rejection


def verdict_on(check: Check, before: str | None, after: str | None, language: str = "python", **fields: object) -> str:
    """`accept`, or the code of the rejection; every rejection has to give its reason in words."""
    change = Change(path=f"a.{language}", language=language, before=before, after=after)
    verdict = verify([check], _with(change, fields))
    if isinstance(verdict, Rejection):
        assert verdict.detail
        assert not verdict.detail.endswith(".")
        return verdict.code
    assert isinstance(verdict, Accepted)
    return "accept"


def _with(change: Change, fields: dict[str, object]) -> Change:
    import dataclasses

    return dataclasses.replace(change, **fields)  # type: ignore[arg-type]
