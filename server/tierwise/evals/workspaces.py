"""The files of a case in a folder of their own, and the click on them."""

import asyncio
import contextlib
import tempfile
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from tierwise.config.eval_cases import EvalCase
from tierwise.dispatch import Diagnostic, Task
from tierwise.dispatch.files import read_snapshot
from tierwise.evals.cases import unmarked
from tierwise.routing.tiers import Tier
from tierwise.store.beliefs import MEASURING
from tierwise.text import Rejection, Snapshot
from tierwise.text.lines import LineIndex

Texts = Mapping[str, str | None]
"""Texts by path; None for a file that is not there."""
CLIENT = MEASURING
"""How the ledger names these calls."""
_SOURCES = {"python": "Ruff", "typescript": "ts"}


@dataclass(frozen=True, slots=True)
class CaseWorkspace:
    """The files of one case; a case is other people's text, so it is not trusted."""

    root: Path
    max_bytes: int
    is_trusted: bool = False

    @property
    def roots(self) -> tuple[Path, ...]:
        """The one folder."""
        return (self.root,)

    def read(self, path: Path) -> Snapshot | None:
        """The file as it was written there."""
        found = read_snapshot(path, self.roots, self.max_bytes)
        return None if isinstance(found, Rejection) else found


@contextlib.asynccontextmanager
async def workspace_of(case: EvalCase, max_bytes: int) -> AsyncIterator[CaseWorkspace | Rejection]:
    """The case on disk, gone afterwards; a rejection where its files cannot be written."""
    with tempfile.TemporaryDirectory(prefix="tierwise-eval-") as folder:
        try:
            root = await asyncio.to_thread(_lay_out, folder, texts_of(case))
        except (OSError, UnicodeError) as err:
            yield Rejection("unwritable", f"the files of the case cannot be written: {err}")
        else:
            yield CaseWorkspace(root, max_bytes)


def texts_of(case: EvalCase) -> dict[str, str]:
    """The files of a case without the marks in them."""
    return {**case.files, case.path: unmarked(case.files[case.path])[0]}


def task_of(case: EvalCase, root: Path, tier: Tier | None) -> Task:
    """The click."""
    text, selection = unmarked(case.files[case.path])
    diagnostics: tuple[Diagnostic, ...] = ()
    if case.diagnostic is not None:
        code, _, message = case.diagnostic.partition(" ")
        index = LineIndex(text)
        span = index.line_span(index.position(selection.start, "utf-32").line)
        source = _SOURCES.get(case.language, "")
        diagnostics = (Diagnostic(span=span, message=message, code=code, source=source, severity=2),)
    return Task(
        action_id=case.action,
        snapshot=Snapshot(uri=(root / case.path).as_uri(), text=text, language=case.language, version=1),
        selection=selection,
        instruction=case.instruction,
        diagnostics=diagnostics,
        tier=tier,
        client=CLIENT,
    )


def _lay_out(folder: str, files: Mapping[str, str]) -> Path:
    """Write the files of a case; returns the folder without symbolic links in its name."""
    root = Path(folder).resolve()
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8", newline="")
    return root
