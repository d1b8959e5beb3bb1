"""What of a project a plan may concern, read once and ranked."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from tierwise.context.ignore import is_listed
from tierwise.dispatch.listing import project_files
from tierwise.dispatch.planner.field import Field, field_of
from tierwise.dispatch.planner.outlines import Mention, mentions, ranked
from tierwise.dispatch.planner.surroundings import read_all
from tierwise.dispatch.prepared import Prepared, names_of
from tierwise.dispatch.runtime import Runtime
from tierwise.dispatch.values import Workspace
from tierwise.text import Snapshot


@dataclass(frozen=True, slots=True, kw_only=True)
class Survey:
    """A project as far as one change may reach."""

    field: Field
    order: tuple[str, ...]
    """The files in the scope, the likeliest first."""
    mentions: tuple[Mention, ...]
    """Where names of the instruction stand."""
    diagnostics: tuple[str, ...]
    """Reported problems, a line each."""
    notes: tuple[str, ...] = ()


def survey_of(runtime: Runtime, prepared: Prepared, workspace: Workspace) -> Survey:
    """Read the project around a task: what git tracks, without what no model may see. Slow: reads the disk."""
    root = prepared.root
    listed = project_files(root, is_trusted=workspace.is_trusted)
    local = [path for path in listed if runtime.is_local_only(names_of(root, path))]
    remote_only = frozenset(local) - {prepared.path}

    def read(path: str) -> Snapshot | None:
        if path in remote_only or any(runtime.is_never_sent(name, root) for name in names_of(root, path)):
            return None
        return workspace.read(root / path)

    wanted = [path for path in listed if _in_scope(prepared, path)]
    snapshots = read_all((prepared.path, *(path for path in wanted if path != prepared.path)), read)
    snapshots = {prepared.path: prepared.task.snapshot} | {p: s for p, s in snapshots.items() if p != prepared.path}
    name = prepared.target.name if prepared.target.symbol is not None else Path(prepared.path).stem
    texts = {path: snapshot.text for path, snapshot in snapshots.items()}
    order = ranked(texts, prepared.instruction or "", prepared.path, name)
    notes = (f"{len(remote_only)} files that may not leave this machine were left out",) if remote_only else ()
    return Survey(
        field=field_of(root, snapshots, {prepared.path: prepared.text}, listed),
        order=order,
        mentions=mentions(texts, prepared.instruction or "", name),
        diagnostics=_diagnostics(prepared),
        notes=notes,
    )


def _in_scope(prepared: Prepared, path: str) -> bool:
    return not prepared.task.scope or is_listed(path, prepared.task.scope)


def _diagnostics(prepared: Prepared) -> tuple[str, ...]:
    text = prepared.task.snapshot.text
    return tuple(
        f"{prepared.path}:{text.count(chr(10), 0, d.span.start) + 1}: {d.code} {d.message}".strip()
        for d in prepared.task.diagnostics
    )


def likely_files(survey: Survey) -> frozenset[str]:
    """The files that mention what the change is about."""
    return frozenset(path for mention in survey.mentions for path in mention.counts)


def texts_of(survey: Survey) -> Mapping[str, str]:
    """The files in the scope by path."""
    return {path: text for path in survey.order if (text := survey.field.text(path)) is not None}
