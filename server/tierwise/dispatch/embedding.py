"""Vectors for the instructions of an action: bounded in time, kept from leaving where they must, and booked."""

import asyncio
from collections.abc import Sequence

from tierwise.backends.account import Account, accounting
from tierwise.backends.base import BackendError, ChatMessage, ChatRequest, Completion, FailureKind, Usage
from tierwise.backends.vectors import Embedded, Embedder, Vector
from tierwise.dispatch.attempt import Run
from tierwise.dispatch.bill import Bill
from tierwise.dispatch.budgets import most_of
from tierwise.dispatch.entrance import Entrance
from tierwise.dispatch.meter import Meter
from tierwise.dispatch.values import Progress
from tierwise.routing.tiers import Candidate
from tierwise.store.rows import AttemptStart

_LONGEST_S = 2.0
"""Whoever does not get vectors in this time asks the model; one that is being loaded is ready next time."""
_WHY = "the instruction is compared with earlier ones about the same code"


async def vectors_of(run: Run, texts: Sequence[str], *, must_stay: bool) -> tuple[Vector, ...] | None:
    """A vector for each text, all of one model; None when there are none, whatever the reason.

    A text with a secret in it goes to no other machine, and with `must_stay` none does.
    """
    sentences, candidate = run.runtime.sentences, run.runtime.embedder
    if not sentences.is_on or not await _may_leave(run, candidate, texts, must_stay=must_stay):
        return None
    try:
        async with asyncio.timeout(min(_LONGEST_S, run.booking.left_s)):
            embedder = await sentences.embedder(candidate)
            if candidate is None or (candidate.price is not None and candidate.price.is_free):
                return (await embedder.embed(texts, must_stay=must_stay)).vectors
            return (await _paid(run, candidate, embedder, texts)).vectors
    except TimeoutError:
        late = f"{sentences.ref!r} took over {_LONGEST_S:g} s"
        sentences.note_failure(BackendError(FailureKind.TIMEOUT_TOTAL, late))
    except BackendError as err:
        sentences.note_failure(err)
    return None


async def _may_leave(run: Run, candidate: Candidate | None, texts: Sequence[str], *, must_stay: bool) -> bool:
    if candidate is None or candidate.is_on_this_machine:
        return True
    # The scanner is loaded at the first call; what it recognizes is never part of a comparison elsewhere.
    return not must_stay and await asyncio.to_thread(run.seal.vault.hide, texts) == tuple(texts)


async def _paid(run: Run, candidate: Candidate, embedder: Embedder, texts: Sequence[str]) -> Embedded:
    """The vectors, held and booked like every other call. Raises BackendError."""
    messages = tuple(ChatMessage("user", text) for text in texts)
    request = ChatRequest(model=candidate.model, messages=messages, max_output_tokens=0, deadline_s=_LONGEST_S)
    most, meter = most_of(candidate, request), Meter(candidate, _unheard, 1)
    entrance = Entrance(run.runtime, run.booking, candidate, most, meter)
    bill, account = Bill(candidate, request, meter, most), Account(model=candidate.model)
    try:
        async with entrance.turn(_start(run, candidate), "first", _LONGEST_S):
            bill.send()
            with accounting(account):
                found = await embedder.embed(texts)
    except BackendError as err:
        await entrance.settle(bill.failed(err), err)
        raise
    except BaseException:
        # Time was up, or the action was cancelled: nobody knows whether the server went on.
        await entrance.settle(bill.cut("cancelled", "cancelled"))
        raise
    n_guessed = sum(len(text.encode("utf-8", "surrogatepass")) for text in texts)
    usage = Usage(input_tokens=found.n_tokens or n_guessed, output_tokens=0, is_estimated=not found.n_tokens)
    lasted_s = bill.duration_s
    done = Completion(text="", usage=usage, model=candidate.model, first_token_s=lasted_s, duration_s=lasted_s)
    await entrance.settle(bill.ended(done, None))
    return found


def _start(run: Run, candidate: Candidate) -> AttemptStart:
    return AttemptStart(
        action_key=run.booking.key,
        tier=candidate.tier,
        backend=candidate.backend,
        model=candidate.model,
        price=candidate.price,
        planned="first",
        reason_code="embed",
        reason_words=_WHY,
    )


def _unheard(progress: Progress) -> None:
    """Nobody is told of so short a call."""
    del progress
