"""The route of a task and its reasons, without sending anything."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tierwise.actions import Action, Target
from tierwise.dispatch.offers import Facts, most_cost, request_for
from tierwise.dispatch.prepare import prepare
from tierwise.dispatch.requesting import request_of
from tierwise.dispatch.runtime import Runtime
from tierwise.dispatch.values import Refusal, Task, Wish, Workspace
from tierwise.routing.estimate import Estimate, estimate_call
from tierwise.routing.file_facts import GivenFile
from tierwise.routing.policy import RouteRequest, choose_route
from tierwise.routing.tiers import Route, Tier
from tierwise.syntax.languages import language_of
from tierwise.text import Span


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """Who would be asked, and why."""

    action_id: str
    target: str
    route: Route
    estimate: Estimate
    most_pico_usd: int | None
    """What it comes to when every tier has to be asked; None: unknown, or nobody can be asked."""
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
    request = request_of(runtime, prepared)
    native = None
    if action.is_native_first and task.tier in (None, Tier.NATIVE):
        path = prepared.root / prepared.path
        formatter = runtime.formatter_for(path, prepared.language, prepared.root, workspace.is_trusted)
        native = None if formatter is None else formatter.name
    route = choose_route(request, runtime.candidates)
    return Decision(
        action_id=action.id,
        target=prepared.target.name,
        route=route,
        estimate=prepared.estimate,
        most_pico_usd=most_cost(request, route),
        native=native,
    )


def decide_line(runtime: Runtime, line: Mapping[str, Any]) -> dict[str, Any]:
    """One line of the batch form: `{"id", "action"?, "instruction"?, "files": [{"path", "text"}]}`.

    Without an action it is a free instruction over the files; a `text` of null is a file that is new. `tier` is the one
    the work is for, `ladder` who would be asked now. Raises KeyError, TypeError or ValueError for a line that is not of
    this form.
    """
    action_id = str(line.get("action") or "do")
    action = runtime.action(action_id)
    if action is None:
        raise ValueError(f"there is no action {action_id!r}")
    files = [(str(file["path"]), None if file["text"] is None else str(file["text"])) for file in line["files"]]
    request = _request(runtime, action, line.get("instruction"), files)
    route = choose_route(request, runtime.candidates)
    return {
        "id": line.get("id"),
        "tier": None if route.start is None else str(route.start),
        "difficulty": str(request.difficulty),
        "ladder": [{"tier": str(c.tier), "model": c.ref} for c in route.ladder],
        "reasons": [{"code": r.code, "words": r.words} for r in route.reasons],
    }


def _request(runtime: Runtime, action: Action, instruction: object, files: list[GivenFile]) -> RouteRequest:
    n_chars = sum(len(text or "") for _, text in files)
    first = files[0][0] if files else "nothing"
    facts = Facts(
        estimate=estimate_call(target_chars=n_chars, context_chars=0, output_ratio=action.output_ratio),
        language=language_of(first),
        n_files=max(1, len(files)),
        is_local_only=runtime.is_local_only(path for path, _ in files),
        can_run_tests=runtime.can_run_tests,
        files=files,
        outlook=runtime.outlook,
    )
    target = Target(span=Span(0, n_chars), name=Path(first).name)
    return request_for(action, target, facts, Wish(instruction=None if instruction is None else str(instruction)))
