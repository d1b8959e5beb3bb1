"""The finished change as a whole: what no piece of it could show alone."""

from dataclasses import dataclass, replace

from tierwise.actions import Target
from tierwise.actions.refactor_across_files import ACTION
from tierwise.checks import Change, Check, verify
from tierwise.dispatch.attempt import Run
from tierwise.dispatch.planner.field import Field
from tierwise.dispatch.planner.left_behind import Fault, left_behind
from tierwise.dispatch.prepared import Prepared
from tierwise.syntax.languages import language_of
from tierwise.text import Rejection, Span


@dataclass(frozen=True, slots=True)
class Found:
    """What the checks on the whole gave."""

    faults: tuple[Fault, ...]
    notes: tuple[str, ...]


_FILE_CHECKS = tuple(check for check in ACTION.checks if check not in (Check.NOT_EMPTIED, Check.PROJECT_TESTS))
"""What each file is asked. A body may go away in one file because it stands in another one now; each piece was checked
for that before."""


async def faults_of(run: Run, prepared: Prepared, field: Field) -> Found:
    """Check every changed file against the whole of the finished texts."""
    faults = list(left_behind(field))
    notes: list[str] = []
    whole = _whole(prepared, field)
    for path, text in field.changed().items():
        rejection = _static(path, field.base.get(path), text)
        if rejection is None and text is not None:
            ran = await run.running.run(
                replace(whole, path=path, language=language_of(path)), {path: text}, field.changed()
            )
            if isinstance(ran, Rejection):
                rejection = ran
            else:
                notes += ran.notes
        if rejection is not None:
            faults.append(Fault(path, rejection))
    if not faults:
        document = replace(whole, action=replace(ACTION, checks=(Check.PROJECT_TESTS,)))
        tried = await run.running.run(document, field.changed())
        if isinstance(tried, Rejection):
            return Found((Fault(_place_of(tried, field), tried),), ())
        notes += tried.notes
    return Found(tuple(faults), tuple(dict.fromkeys(notes)))


def _place_of(rejection: Rejection, field: Field) -> str:
    """The changed file a test's failure names last, which is where it went wrong; else the first that changed."""
    named = [path for path in field.changed() if path in rejection.detail]
    return max(named, key=rejection.detail.rindex) if named else next(iter(field.changed()))


def _whole(prepared: Prepared, field: Field) -> Prepared:
    """The change as one task over all its files."""
    return replace(
        prepared,
        action=replace(ACTION, checks=_FILE_CHECKS),
        target=Target(span=Span(0, 0), name=prepared.target.name),
        files=dict(field.base),
        snapshots=dict(field.snapshots),
        test_path=None,
    )


def _static(path: str, before: str | None, after: str | None) -> Rejection | None:
    change = Change(path=path, language=language_of(path), before=before, after=after)
    verdict = verify(_FILE_CHECKS, change)
    return verdict if isinstance(verdict, Rejection) else None
