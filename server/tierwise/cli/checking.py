"""`tierwise check`: the verdict the checks give on a before and an after."""

from pathlib import Path
from typing import Annotated, Any, Optional

import typer

from tierwise.actions import CATALOGUE
from tierwise.actions.base import Scope
from tierwise.checks import Accepted, Change, Check, verify
from tierwise.checks.batch import check_batch_line
from tierwise.cli.batch import run_batch
from tierwise.cli.options import BatchOption, JsonOption
from tierwise.cli.output import REFUSED, USAGE, console, print_json, refuse
from tierwise.dispatch.files import read_snapshot
from tierwise.syntax.languages import language_of
from tierwise.text import Rejection, Snapshot

_NEEDS_A_PLACE = frozenset({Check.IN_SCOPE, Check.TESTS_PASS, Check.DIAGNOSTIC_GONE, Check.NAMES_DEFINED})
"""Checks that need more than two texts: a span, a project, a tool."""


def static_checks(action_id: str) -> tuple[Check, ...]:
    """What can be said of an action's edit from the two texts alone. Raises ValueError for an unknown action."""
    for action in CATALOGUE:
        if action.id == action_id:
            # Whoever names one file means it; a change of many files brings some that nobody named.
            skipped = _NEEDS_A_PLACE if action.scope is Scope.FILES else _NEEDS_A_PLACE | {Check.NO_PROTECTED_FILE}
            return tuple(check for check in action.checks if check not in skipped)
    known = ", ".join(action.id for action in CATALOGUE)
    raise ValueError(f"there is no action {action_id!r}; there are {known}")


def check_line(line: dict[str, Any]) -> dict[str, Any]:
    """One line of the batch form."""
    return check_batch_line(line, static_checks)


def check(
    action: Annotated[Optional[str], typer.Argument(help="The action's id, e.g. format.")] = None,  # noqa: UP045
    before: Annotated[Optional[Path], typer.Argument(help="The file as it was.")] = None,  # noqa: UP045
    after: Annotated[Optional[Path], typer.Argument(help="The file as it would be.")] = None,  # noqa: UP045
    batch: BatchOption = None,
    as_json: JsonOption = False,
) -> None:
    """The verdict the checks give on an edit."""
    if batch is not None:
        n_lines = run_batch(batch[0], batch[1], check_line, as_json=as_json)
        if as_json:
            print_json({"status": "done", "lines": n_lines})
        return
    if action is None or before is None or after is None:
        refuse("usage", "name an action, the file before and the file after", as_json=as_json, exit_code=USAGE)
    try:
        checks = static_checks(action)
    except ValueError as err:
        refuse("unknown-action", str(err), as_json=as_json, exit_code=USAGE)
    old, new = (_read(path, as_json) for path in (before, after))
    language = language_of(str(before))
    change = Change(path=str(before), language=language, before=old.text, after=new.text, must_keep_comments=False)
    verdict = verify(checks, change)
    _tell(verdict, as_json)


def _read(path: Path, as_json: bool) -> Snapshot:
    found = read_snapshot(path, (path.resolve().parent,), 2**26)
    if isinstance(found, Rejection):
        refuse(found.code, found.detail, as_json=as_json, exit_code=USAGE)
    return found


def _tell(verdict: Accepted | Rejection, as_json: bool) -> None:
    if isinstance(verdict, Rejection):
        if as_json:
            print_json({"verdict": "reject", "code": verdict.code, "detail": verdict.detail})
        else:
            console().print(f"rejected: {verdict.detail} [{verdict.code}]", markup=False)
        raise typer.Exit(REFUSED)
    if as_json:
        print_json({"verdict": "accept", "notes": list(verdict.notes)})
    else:
        console().print("accepted" + "".join(f"\n  note: {note}" for note in verdict.notes), markup=False)
