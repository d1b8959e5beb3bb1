"""The last look at the names of files before anything is changed, whatever road the change has come."""

import os
from collections.abc import Iterable, Sequence
from pathlib import Path

from tierwise.checks import Change
from tierwise.checks.protected import no_protected_file
from tierwise.dispatch.prepared import names_of, root_of
from tierwise.dispatch.values import FileChange
from tierwise.text import Rejection


def unagreed(changes: Iterable[FileChange], roots: Sequence[Path]) -> Rejection | None:
    """The first protected file among them that the user has not asked for; reads the disk.

    The checks have looked at the same names, but links may have been laid since, and proposals may wait for hours.
    """
    for change in changes:
        root = root_of(change.path, roots)
        written, *real = names_of(root, Path(os.path.relpath(change.path, root)).as_posix())
        verdict = no_protected_file(
            Change(
                path=written,
                language=change.language,
                before=None if change.before is None else change.before.text,
                after=change.after,
                is_target=change.is_agreed,
                real_path=next(iter(real), None),
            )
        )
        if isinstance(verdict, Rejection):
            return verdict
    return None
