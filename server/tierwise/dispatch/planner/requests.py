"""What the policy is told of the calls of a planned change: the scout's, the planner's and each subtask's."""

from zlib import crc32

from tierwise.actions import Difficulty
from tierwise.actions.refactor_across_files import ACTION
from tierwise.dispatch.planner.plan import Subtask
from tierwise.dispatch.prepared import Prepared
from tierwise.dispatch.runtime import Runtime
from tierwise.routing.check_strength import CheckStrength, strength_of
from tierwise.routing.estimate import Estimate
from tierwise.routing.policy import RouteRequest
from tierwise.routing.tiers import Tier
from tierwise.syntax.languages import language_of

SCOUT, PLAN = "scout", "plan"
"""Under these names such calls are believed in. The ledger counts them as no edits, so only what is known of a model as
a whole moves these beliefs."""
_MOST_LOCAL_TOKENS = 8000
"""From here on a piece is no work for the local tier, whatever the planner holds it for."""
_DIFFICULTIES = {"local": Difficulty.MECHANICAL, "bulk": Difficulty.STANDARD, "top": Difficulty.STANDARD}
"""Where a subtask starts. What a planner holds for top work starts on the bulk tier too: only a refused answer goes up,
with the evidence, so that a call on the top tier is one that was needed."""
_FORM_ONLY = strength_of((), "")
"""Of a scout's list or a plan only the form is checked: a bad one shows when pieces fail, and then it is paid for."""


def request_of_call(
    runtime: Runtime, prepared: Prepared, action: str, difficulty: Difficulty, estimate: Estimate
) -> RouteRequest:
    """The request of a call that is no edit; a tier asked for by name is kept to, but for a scout at the top."""
    forced = prepared.task.tier
    return RouteRequest(
        difficulty=difficulty,
        estimate=estimate,
        forced=None if action == SCOUT and forced is Tier.TOP else forced,
        is_local_only=runtime.is_local_only(prepared.seen),
        action=action,
        language=prepared.language,
        strength=_FORM_ONLY,
        outlook=runtime.outlook,
    )


def request_of_subtask(runtime: Runtime, sealed: Prepared, subtask: Subtask) -> RouteRequest:
    """The request of one subtask, in the language and with the checks of the files it writes.

    An empty piece is as good as its weakest check, so of several languages the one that lets most through counts.
    """
    is_long = _MOST_LOCAL_TOKENS < sealed.estimate.input_tokens
    return RouteRequest(
        difficulty=Difficulty.STANDARD if is_long else _DIFFICULTIES[subtask.tier],
        estimate=sealed.estimate,
        n_files=len(subtask.edited),
        forced=sealed.task.tier,
        is_local_only=runtime.is_local_only(sealed.seen),
        action=sealed.task.action_id,
        language=sealed.language,
        strength=_strength(runtime, subtask),
        outlook=runtime.outlook,
        draw=crc32(f"{subtask.id} {subtask.title}".encode("utf-8", "surrogatepass")) / 2**32,
    )


def _strength(runtime: Runtime, subtask: Subtask) -> CheckStrength:
    """What the checks on the piece and, later, on the whole catch of its wrong edits."""
    languages = {language_of(path) for path in subtask.edited}
    strengths = (strength_of(ACTION.checks, language, can_run=runtime.can_run_tests) for language in sorted(languages))
    return max(strengths, key=lambda strength: strength.lets_through)
