"""Work that was done before: its answer is applied to the text as it is now and passes its checks again, or is dropped.

A rejected answer is never kept, so what is found was right once; whether it is right now is not taken on trust.
"""

import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace

from tierwise.backends.base import BackendError
from tierwise.dispatch.alike import Proposed, propose, remember_words
from tierwise.dispatch.asking import asked_of
from tierwise.dispatch.attempt import Attempted, Run, request_in
from tierwise.dispatch.booking import Given
from tierwise.dispatch.caching import scope_of
from tierwise.dispatch.judge import Judged, judge
from tierwise.dispatch.offers import display_name
from tierwise.dispatch.prepared import Prepared
from tierwise.dispatch.repeats import piece_of
from tierwise.dispatch.team_recalling import look_among_team, share_with_team
from tierwise.dispatch.values import AttemptSummary, Progress
from tierwise.edits import ReplyFormat
from tierwise.routing.money import format_money
from tierwise.routing.tiers import MODEL_TIERS, Candidate, Reason, Route
from tierwise.store.cache_rows import Kept
from tierwise.store.rows import CacheHit

_FORMS = {form.value: form for form in ReplyFormat}
_SHOWN_CHARS = 120
_MINUTE_S, _HOUR_S, _DAY_S = 60, 3600, 86_400


@dataclass(frozen=True, slots=True)
class Recalled:
    """An answer given before that passes its checks now."""

    candidate: Candidate
    """Who gave it."""
    attempted: Attempted[Judged]
    why: Reason


async def begin_task(run: Run, prepared: Prepared) -> None:
    """Note what an action is, and forget the answers to it when the user did not keep the last one."""
    scope = scope_of(prepared.root)
    run.runtime.replies.note_action(run.booking.key, scope, run.task)
    if run.is_repeat:
        await run.runtime.replies.forget(scope, run.task)


@asynccontextmanager
async def recalling(run: Run, prepared: Prepared, route: Route, *, is_wanted: bool) -> AsyncIterator[Recalled | None]:
    """Do one piece of work unless its answer is known; others who want the same, in this window or another, wait
    meanwhile and then know it.

    With `is_wanted` False, when an earlier answer did not hold, all of them are forgotten.
    """
    replies = run.runtime.replies
    if not replies.is_on:
        yield None
        return
    scope, piece = scope_of(prepared.root), piece_of(prepared)
    if not is_wanted or run.is_repeat:
        await replies.forget(scope, piece)
        yield None
        return

    def wait() -> None:
        run.report(Progress(message="the same is being asked already, waiting for its answer", percentage=0))

    # Whoever waits for others keeps half of the time for asking.
    async with replies.alone(piece, run.booking.left_s / 2, wait):
        kept = await replies.find(scope, piece)
        found = await _recall(run, prepared, route, kept) or await _recall_from_team(run, prepared, route, piece)
        found = found or await _recall_alike(run, prepared, route)
        if found is not None:
            yield found
            return
        async with replies.leased(scope, piece, run.booking.left_s, wait):
            # Another window may have been at it until a moment ago.
            new = tuple(one for one in await replies.find(scope, piece) if one not in kept)
            yield await _recall(run, prepared, route, new)


async def remember(run: Run, prepared: Prepared, candidate: Candidate, attempted: Attempted[Judged]) -> None:
    """Keep an answer that passed, unless it holds a secret that was kept back from the model."""
    answer = attempted.answer
    if not run.runtime.replies.is_on or answer is None or not isinstance(attempted.result, Judged):
        return
    if run.seal.is_in(answer.text):
        return
    request = answer.request
    if request is None:
        # What is looked for next time is the plain question, not one with the evidence of a ladder in it.
        found = request_in(answer.form, run.runtime, prepared, candidate)
        if isinstance(found, BackendError):
            return
        request = found
    asked = asked_of(run, prepared, candidate, answer.form, request)
    piece = piece_of(prepared)
    kept = Kept(
        key=asked.key,
        scope=asked.scope,
        piece=piece,
        task=run.task or piece,
        tier=candidate.tier,
        backend=candidate.backend,
        model=candidate.model,
        form=answer.form.value,
        text=answer.text,
        usage=answer.usage,
        cost_pico_usd=attempted.summary.cost_pico_usd,
    )
    await run.runtime.replies.keep(kept)
    await remember_words(run, prepared, candidate, kept)
    run.runtime.team.begin(share_with_team(run, prepared, candidate, kept, request))


async def _recall(run: Run, prepared: Prepared, route: Route, found: tuple[Kept, ...]) -> Recalled | None:
    """The first answer along the ladder that fits and passes; what fits and does not pass is dropped."""
    lowest = MODEL_TIERS.index(route.ladder[0].tier)
    for candidate in route.ladder:
        # A lower tier stands on a ladder for the case that the one above it cannot be reached.
        theirs = [kept for kept in found if (kept.backend, kept.model) == (candidate.backend, candidate.model)]
        if not theirs or MODEL_TIERS.index(candidate.tier) < lowest:
            continue
        for kept in theirs:
            judged = await _judge(run, prepared, candidate, kept)
            if judged is not None:
                return _served(run, candidate, kept, judged)
    return None


async def _judge(run: Run, prepared: Prepared, candidate: Candidate, kept: Kept) -> Judged | None:
    form = _FORMS.get(kept.form)
    if form is None:
        return None
    request = request_in(form, run.runtime, prepared, candidate)
    if isinstance(request, BackendError):
        return None
    if asked_of(run, prepared, candidate, form, request).key != kept.key:
        return None
    result = await judge(prepared, kept.text, form, run.running)
    if isinstance(result, Judged):
        return result
    await run.runtime.replies.drop(kept.key)
    return None


async def _recall_from_team(run: Run, prepared: Prepared, route: Route, piece: bytes) -> Recalled | None:
    """The first of the team's answers that passes here too; from then on it is kept on this machine."""
    for ours, theirs in (await look_among_team(run, prepared, route, piece)).items():
        found = await _recall(run, prepared, route, (ours,))
        if found is not None:
            await run.runtime.replies.keep(ours)
            return found
        run.runtime.team.replies.drop(theirs)
    return None


async def _recall_alike(run: Run, prepared: Prepared, route: Route) -> Recalled | None:
    """The first answer to the same instruction in other words that passes here."""
    for proposed in await propose(run, prepared, route):
        result = await judge(prepared, proposed.kept.text, _FORMS[proposed.kept.form], run.running)
        if isinstance(result, Judged):
            # If the user takes it back, it is proposed to nobody again.
            run.runtime.replies.note_action(run.booking.key, proposed.kept.scope, proposed.kept.task)
            return _served(run, proposed.candidate, proposed.kept, result, proposed)
    return None


def _served(run: Run, candidate: Candidate, kept: Kept, judged: Judged, alike: Proposed | None = None) -> Recalled:
    """Book and tell that an answer is used again."""
    hit = CacheHit(
        action_key=run.booking.key,
        kind="exact" if alike is None else "similar",
        tier=kept.tier,
        backend=kept.backend,
        model=kept.model,
        saved_pico_usd=kept.cost_pico_usd,
        usage=kept.usage,
    )
    run.booking.note_hit(hit)
    run.runtime.replies.note_hit(kept.key)
    run.booking.given.append(Given(kept.text, ""))
    name = display_name(candidate)
    words = f"{name} gave this answer {_ago(kept.stored_us)}, so nobody is asked; {_saved(kept.cost_pico_usd)}"
    if alike is not None:
        words = (
            f"an answer to: {_shortened(alike.words)!r}, given by {name}, so nobody is asked;"
            f" {_saved(kept.cost_pico_usd)}; run it again, or one tier up, to ask the model"
        )
    run.report(Progress(message=f"from the cache: {words}", tier=kept.tier, model=kept.model, percentage=95))
    summary = AttemptSummary(
        tier=kept.tier,
        model=kept.model,
        outcome="accepted",
        cost_pico_usd=0,
        is_scripted=candidate.is_scripted,
        is_cached=True,
        saved_pico_usd=kept.cost_pico_usd,
    )
    noted = replace(judged, notes=(*judged.notes, f"from the cache, and checked again: {words}"))
    code = "cached" if alike is None else "cached-alike"
    return Recalled(candidate, Attempted(summary, noted, reply=kept.text), Reason(code, words))


def _saved(pico_usd: int | None) -> str:
    return "what that saved is unknown" if pico_usd is None else f"{format_money(pico_usd)} saved"


def _shortened(words: str) -> str:
    line = " ".join(words.split())
    return line if len(line) <= _SHOWN_CHARS else line[: _SHOWN_CHARS - 1] + "…"


def _ago(stored_us: int) -> str:
    """How long ago, in one unit."""
    seconds = max(0, time.time_ns() // 1000 - stored_us) // 10**6
    for size, name in ((_DAY_S, "day"), (_HOUR_S, "hour"), (_MINUTE_S, "minute")):
        if size <= seconds:
            n = seconds // size
            return f"{n} {name}{'s' * (n != 1)} ago"
    return "a moment ago"
