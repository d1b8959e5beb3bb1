"""What the policy is told of a prepared task; the same for a route that is only shown and for one that is taken."""

from dataclasses import replace

from tierwise.actions import Scope
from tierwise.dispatch.offers import Facts, is_free, request_for
from tierwise.dispatch.prepared import Prepared
from tierwise.dispatch.runtime import Runtime
from tierwise.routing.free_instructions import Reading, read_instruction
from tierwise.routing.policy import RouteRequest


def request_of(runtime: Runtime, prepared: Prepared) -> RouteRequest:
    """The request of a task, with all that is known and believed now."""
    facts = Facts(
        estimate=prepared.estimate,
        language=prepared.language,
        n_files=len(prepared.files) if prepared.test_path is None else 1,
        is_local_only=runtime.is_local_only(prepared.seen),
        can_run_tests=runtime.can_run_tests,
        files=tuple(prepared.files.items()),
        outlook=runtime.outlook,
    )
    request = request_for(prepared.action, prepared.target, facts, prepared.task.wish)
    return replace(request, rejected_on=runtime.repeats.rejected_on(prepared))


def reading_of(prepared: Prepared) -> Reading | None:
    """What a free instruction is taken for; None for actions that are what they are."""
    if not is_free(prepared.action) or not prepared.instruction:
        return None
    return read_instruction(prepared.instruction, tuple(prepared.files.items()))


def reaches_far(prepared: Prepared, reading: Reading | None) -> bool:
    """Whether a task is work over several files; who selects code for a free instruction means what is selected."""
    if prepared.action.scope is Scope.FILES:
        return True
    selection = prepared.task.selection
    return reading is not None and reading.needs_planner and selection.start == selection.end
