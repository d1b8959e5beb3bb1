"""From finished texts to the changes an editor is offered."""

from tierwise.actions.refactor_across_files import ACTION
from tierwise.dispatch.judge import with_newlines_of
from tierwise.dispatch.planner.field import Field
from tierwise.dispatch.planner.plan import Plan
from tierwise.dispatch.prepared import Prepared
from tierwise.dispatch.values import FileChange
from tierwise.syntax.languages import language_of


def changes_of(field: Field, plan: Plan, prepared: Prepared) -> tuple[FileChange, ...]:
    """Every file that is different afterwards, with the subtask it belongs to, in the plan's order."""
    titles = {path: subtask.title for subtask in plan.subtasks for path in (*subtask.touched, *subtask.edited)}
    changed = field.changed()
    ordered = [path for path in titles if path in changed]
    changes: list[FileChange] = []
    for path in sorted(ordered, key=list(titles).index):
        before, text = field.snapshots.get(path), changed[path]
        full = prepared.root / path
        changes.append(
            FileChange(
                path=full,
                uri=before.uri if before is not None else full.as_uri(),
                language=prepared.language if path == prepared.path else language_of(path),
                before=before,
                after=text if before is None or text is None else with_newlines_of(before, text),
                checks=ACTION.checks,
                annotation=titles[path],
                is_agreed=before is not None and before.uri == prepared.task.snapshot.uri,
            )
        )
    return tuple(changes)
