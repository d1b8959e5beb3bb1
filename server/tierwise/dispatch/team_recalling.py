"""What a piece of work is known by to a whole team, and which of the team's answers to it may be used here."""

import asyncio
from dataclasses import replace

from tierwise.backends.base import BackendError, ChatRequest
from tierwise.context.scanner import find_secrets
from tierwise.dispatch.asking import asked_of
from tierwise.dispatch.attempt import Run, request_in
from tierwise.dispatch.caching import digest_of
from tierwise.dispatch.prepared import Prepared
from tierwise.dispatch.repositories import repository_of
from tierwise.dispatch.team_replies import Place
from tierwise.edits import ReplyFormat
from tierwise.routing.tiers import MODEL_TIERS, Candidate, Route
from tierwise.store.cache_rows import Kept

_FORMS = {form.value: form for form in ReplyFormat}


async def look_among_team(run: Run, prepared: Prepared, route: Route, piece: bytes) -> dict[Kept, Kept]:
    """The team's answers to exactly what would be asked here, as they would stand in the file of this machine.

    The value is the answer as it stands on the server.
    """
    if not run.runtime.team.replies.is_on:
        return {}
    place = await _place_of(run, prepared)
    if place is None:
        return {}
    run.runtime.team.replies.note(run.task or piece, place)
    found: dict[Kept, Kept] = {}
    lowest = MODEL_TIERS.index(route.ladder[0].tier)
    able = [candidate for candidate in route.ladder if lowest <= MODEL_TIERS.index(candidate.tier)]
    for theirs in await run.runtime.team.replies.find(place):
        candidate = next((c for c in able if (c.backend, c.model) == (theirs.backend, theirs.model)), None)
        form = _FORMS.get(theirs.form)
        if candidate is None or form is None:
            continue
        request = request_in(form, run.runtime, prepared, candidate)
        if isinstance(request, BackendError):
            continue
        asked = asked_of(run, prepared, candidate, form, request)
        if replace(asked, scope=place[0]).key == theirs.key:
            ours = replace(theirs, key=asked.key, scope=asked.scope, piece=piece, task=run.task or piece)
            found[ours] = theirs
    return found


async def share_with_team(run: Run, prepared: Prepared, candidate: Candidate, kept: Kept, request: ChatRequest) -> None:
    """Let the team have an answer, unless its files stay on this machine or it holds what looks like a secret."""
    replies = run.runtime.team.replies
    form = _FORMS.get(kept.form)
    if not replies.is_on or form is None:
        return
    place = await _place_of(run, prepared)
    if place is None or await asyncio.to_thread(_has_secret, kept.text):
        return
    asked = replace(asked_of(run, prepared, candidate, form, request), scope=place[0])
    replies.note(kept.task, place)
    replies.note(kept.piece, place)
    task = digest_of(("task", kept.task.hex()))
    replies.share(replace(kept, key=asked.key, scope=place[0], piece=place[1], task=task))


def _has_secret(text: str) -> bool:
    # Nothing is kept back from models on this machine, so what they wrote was not looked at yet.
    return bool(find_secrets(text))


async def _place_of(run: Run, prepared: Prepared) -> Place | None:
    """Where answers to this work stand for the team; None where it is nothing to be shared."""
    if run.runtime.is_local_only(prepared.seen):
        return None
    repository = await asyncio.to_thread(repository_of, prepared.root)
    if repository is None:
        return None
    span = prepared.span
    scope = digest_of(("repository", repository))
    parts = (prepared.action.id, prepared.path, prepared.target.name, prepared.text[span.start : span.end])
    return scope, digest_of(("piece", *parts, prepared.instruction or ""))
