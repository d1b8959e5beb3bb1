"""The route of a task and its reasons, without sending anything."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from tierwise.actions import Action, Target
from tierwise.dispatch.offers import request_for
from tierwise.dispatch.prepare import prepare
from tierwise.dispatch.runtime import Runtime
from tierwise.dispatch.values import Refusal, Task, Wish, Workspace
from tierwise.routing.estimate import Estimate, estimate_call
from tierwise.routing.policy import RouteRequest, choose_route
from tierwise.routing.tiers import Route, Tier
from tierwise.text import Span


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """Who would be asked, and why."""

    action_id: str
    target: str
    route: Route
    estimate: Estimate
    native: str | None = None
    """The tool that would do it without a model."""

    @property
    def tier(self) -> Tier | None:
        """The tier that is asked first; None: nobody can be."""
        if self.native is not None:
            return Tier.NATIVE
        return None if self.route.first is None else self.route.first.tier


def decide(runtime: Runtime, task: Task, workspace: Workspace) -> Decision | Refusal:
    """The decision for one task, as `run_action` would take it."""
    action = runtime.action(task.action_id)
    if action is None:
        known = ", ".join(a.id for a in runtime.actions)
        words = f"there is no action {task.action_id!r}; there are {known}"
        return Refusal(action_id=task.action_id, code="unknown-action", words=words)
    prepared = prepare(action, task, workspace, runtime.is_never_sent)
    if isinstance(prepared, Refusal):
        return prepared
    request = request_for(
        action,
        prepared.target,
        wish=task.wish,
        estimate=prepared.estimate,
        n_files=len(prepared.files) if prepared.test_path is None else 1,
        is_local_only=runtime.is_local_only(prepared.seen),
    )
    native = None
    if action.is_native_first and task.tier in (None, Tier.NATIVE):
        path = prepared.root / prepared.path
        formatter = runtime.formatter_for(path, prepared.language, prepared.root, workspace.is_trusted)
        native = None if formatter is None else formatter.name
    return Decision(
        action_id=action.id,
        target=prepared.target.name,
        route=choose_route(request, runtime.candidates),
        estimate=prepared.estimate,
        native=native,
    )


def decide_line(runtime: Runtime, line: Mapping[str, Any]) -> dict[str, Any]:
    """One line of the batch form: `{"id", "action"?, "instruction"?, "files": [{"path", "text"}]}`.

    Without an action it is a free instruction over the files. Raises KeyError, TypeError or ValueError for a line
    that is not of this form.
    """
    action_id = str(line.get("action") or "do")
    action = runtime.action(action_id)
    if action is None:
        raise ValueError(f"there is no action {action_id!r}")
    files = [(str(file["path"]), str(file["text"])) for file in line["files"]]
    is_local_only = runtime.is_local_only(path for path, _ in files)
    request = replace(_request(action, line.get("instruction"), files), is_local_only=is_local_only)
    route = choose_route(request, runtime.candidates)
    first = route.first
    return {
        "id": line.get("id"),
        "tier": None if first is None else str(first.tier),
        "ladder": [{"tier": str(c.tier), "model": c.ref} for c in route.ladder],
        "reasons": [{"code": r.code, "words": r.words} for r in route.reasons],
    }


def _request(action: Action, instruction: object, files: list[tuple[str, str]]) -> RouteRequest:
    n_chars = sum(len(text) for _, text in files)
    name = Path(files[0][0]).name if files else "nothing"
    target = Target(span=Span(0, n_chars), name=name)
    estimate = estimate_call(target_chars=n_chars, context_chars=0, output_ratio=action.output_ratio)
    words = None if instruction is None else str(instruction)
    return request_for(action, target, wish=Wish(instruction=words), estimate=estimate, n_files=max(1, len(files)))
