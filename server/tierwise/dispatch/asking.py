"""What an answer is known by: all that a candidate is asked about a piece of work, and for whom."""

from dataclasses import replace

from tierwise.backends.base import BackendError, ChatRequest
from tierwise.dispatch.attempt import Run, request_in
from tierwise.dispatch.caching import Asked, scope_of
from tierwise.dispatch.prepared import Prepared
from tierwise.edits import ReplyFormat
from tierwise.routing.tiers import Candidate

_NO_WORDS = "…"
"""Stands in place of the instruction where all but the instruction is compared."""


def asked_of(run: Run, prepared: Prepared, candidate: Candidate, form: ReplyFormat, request: ChatRequest) -> Asked:
    """What a candidate is asked in a form."""
    return Asked(
        scope=scope_of(prepared.root),
        action=prepared.action.id,
        path=prepared.edited_path,
        target=run.runtime.site(candidate).target,
        options=run.runtime.config.backends.get(candidate.backend),
        form=form,
        request=request,
    )


def wordless(prepared: Prepared) -> Prepared:
    """The same work with another instruction: the same for every one."""
    return replace(prepared, instruction=_NO_WORDS)


def key_without_words(run: Run, prepared: Prepared, candidate: Candidate, form: ReplyFormat) -> bytes | None:
    """What an answer would be known by whatever the instruction; None when the candidate cannot be asked so."""
    plain = wordless(prepared)
    request = request_in(form, run.runtime, plain, candidate)
    if isinstance(request, BackendError):
        return None
    return asked_of(run, plain, candidate, form, request).key
