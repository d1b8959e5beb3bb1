"""Up the ladder of one task: a failure falls back to the next candidate, a rejection escalates to the next tier."""

from dataclasses import dataclass, replace
from typing import TypeVar

from tierwise.backends.base import BackendError, FailureKind
from tierwise.dispatch.attempt import Attempted, Run, Rung, attempt
from tierwise.dispatch.bill import NOT_CHARGED
from tierwise.dispatch.judge import Judged
from tierwise.dispatch.offers import display_name
from tierwise.dispatch.prepared import Prepared
from tierwise.dispatch.recalling import recalling, remember
from tierwise.dispatch.refused import worth_showing
from tierwise.dispatch.refused_words import refused_words
from tierwise.dispatch.values import AttemptSummary, Refusal, total_cost
from tierwise.routing.rungs import next_rung
from tierwise.routing.tiers import Candidate, Reason, Route
from tierwise.text import Rejection

T = TypeVar("T")

_UNREACHED = frozenset(
    map(
        str,
        (
            FailureKind.REFUSED,
            FailureKind.CONNECTION,
            FailureKind.TIMEOUT_CONNECT,
            FailureKind.NO_MODEL,
            FailureKind.NOT_CONFIGURED,
            FailureKind.PAUSED,
        ),
    )
)
"""How calls end that no server has carried out, for reasons a set-up can mend."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Climbed:
    """Where a climb ended."""

    candidate: Candidate
    """Who was asked last."""
    last: Attempted[Judged]
    attempts: tuple[AttemptSummary, ...]
    recalled: tuple[Reason, ...] = ()
    """Why nobody was asked."""

    @property
    def judged(self) -> Judged | None:
        """The edit that passed; None when nobody's did."""
        return self.last.result if isinstance(self.last.result, Judged) else None


async def climb(
    run: Run, prepared: Prepared, route: Route, evidence: tuple[Rejection, ...] = (), refused: str = ""
) -> Climbed:
    """Ask one candidate of a ladder after the other until an edit passes, unless a kept answer does.

    The ladder is not empty. `evidence` is why earlier answers to the same task were refused, `refused` the last of
    them.
    """
    async with recalling(run, prepared, route, is_wanted=not evidence) as found:
        if found is not None:
            attempted = found.attempted
            return Climbed(
                candidate=found.candidate, last=attempted, attempts=attempted.summaries, recalled=(found.why,)
            )
        climbed = await _climb(run, prepared, route, _first_rung(route, evidence, refused))
        await remember(run, prepared, climbed.candidate, climbed.last)
        return climbed


async def _climb(run: Run, prepared: Prepared, route: Route, rung: Rung) -> Climbed:
    summaries: list[AttemptSummary] = []
    index = n_asked = 0
    while True:
        attempted = await attempt(run, prepared, rung)
        summaries += attempted.summaries
        n_asked += _has_run(attempted.summary)
        step = None
        if not isinstance(attempted.result, Judged) and n_asked < run.runtime.max_attempts:
            step = step_after(route, index, attempted, rung)
        if step is None:
            return Climbed(candidate=rung.candidate, last=attempted, attempts=tuple(summaries))
        index, rung = step


def _has_run(summary: AttemptSummary) -> bool:
    """Whether a call counts against `limits.max_attempts`.

    Calls that no model ran for do not, nor does the first try of one that was made twice: otherwise a server in trouble
    would use up the turns of the next one, which nobody has asked yet.
    """
    never_ran = summary.outcome == "failed" and summary.code in NOT_CHARGED and not summary.output_tokens
    return summary.outcome != "skipped" and not never_ran


def _first_rung(route: Route, evidence: tuple[Rejection, ...], refused: str) -> Rung:
    if evidence:
        why = Reason(evidence[-1].code, refused_words("the", evidence[-1].code))
        return Rung(candidate=route.ladder[0], planned="escalated", why=why, evidence=evidence, refused=refused)
    why = route.reasons[0] if route.reasons else Reason("first", "first on the ladder")
    forced = next((r for r in route.reasons if r.code == "forced"), None)
    return Rung(candidate=route.ladder[0], planned="first" if forced is None else "forced", why=forced or why)


def step_after(route: Route, index: int, attempted: Attempted[T], rung: Rung) -> tuple[int, Rung] | None:
    """Who is asked next and why; None when nobody is left."""
    name = display_name(rung.candidate)
    if isinstance(attempted.result, BackendError):
        err = attempted.result
        following = next_rung(route.ladder, index, "fallback")
        if following is None:
            return None
        why = Reason(str(err.kind), f"{name} failed ({err.kind})")
        return following, replace(rung, candidate=route.ladder[following], planned="fallback", why=why)
    if not isinstance(attempted.result, Rejection):
        return None
    rejection = attempted.result
    why = Reason(rejection.code, refused_words(str(rung.candidate.tier), rejection.code))
    again = replace(
        rung, planned="escalated", why=why, evidence=(*rung.evidence, rejection), refused=worth_showing(attempted)
    )
    following = next_rung(route.ladder, index, "escalated")
    if following is not None:
        return following, replace(again, candidate=route.ladder[following])
    # With nobody above, a free model may mend its own answer once; a paid one is not asked twice unasked.
    is_free = rung.candidate.price is not None and rung.candidate.price.is_free
    if is_free and not rung.evidence:
        return index, again
    return None


def gave_up(action_id: str, reasons: tuple[Reason, ...], climbed: Climbed) -> Refusal:
    """The sentence for a climb that nobody ended well."""
    result = climbed.last.result
    if isinstance(result, BackendError):
        code, words = str(result.kind), result.words
        refused = next((one for one in reversed(climbed.attempts) if one.outcome == "rejected"), None)
        if all(one.code in _UNREACHED for one in climbed.attempts):
            words += "; `tierwise doctor` says which models can be reached, and what would mend the others"
        elif refused is not None:
            words += f"; the answer of {refused.model} had been refused: {refused.detail or refused.code}"
    else:
        code = result.code if isinstance(result, Rejection) else "refused"
        detail = result.detail if isinstance(result, Rejection) else ""
        words = f"no answer passed the checks; the last, of {climbed.last.summary.model}, was refused: {detail}"
    return Refusal(
        action_id=action_id,
        code=code,
        words=words,
        attempts=climbed.attempts,
        reasons=reasons,
        cost_pico_usd=total_cost(climbed.attempts),
    )
