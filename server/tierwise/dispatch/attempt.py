"""One call of one model: asked, checked, timed, priced and booked."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field, replace
from typing import Generic, TypeVar

from tierwise.backends.account import Account, accounting
from tierwise.backends.base import BackendError, ChatRequest, Completion, Usage
from tierwise.dispatch.bill import Bill, not_asked, summary_of
from tierwise.dispatch.booking import Booking, Given
from tierwise.dispatch.budgets import most_of
from tierwise.dispatch.entrance import Entrance
from tierwise.dispatch.judge import Judged, judge
from tierwise.dispatch.meter import Meter
from tierwise.dispatch.prepared import Prepared
from tierwise.dispatch.request import Terms, chat_request, input_tokens_of, reply_form
from tierwise.dispatch.retrying import wait_before_retry
from tierwise.dispatch.running import RunningChecks
from tierwise.dispatch.runtime import Runtime
from tierwise.dispatch.sealing import Seal
from tierwise.dispatch.values import AttemptSummary, Report
from tierwise.edits import ReplyFormat
from tierwise.routing.tiers import Candidate, Reason, Tier
from tierwise.store.rows import AttemptEnd, AttemptStart, Planned
from tierwise.text import Rejection

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Rung:
    """Who is asked now, why, and with which evidence."""

    candidate: Candidate
    planned: Planned
    why: Reason
    evidence: tuple[Rejection, ...] = ()
    refused: str = ""
    """The answer that was refused last, as it came; empty where there is none to show."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """What the calls of one action share."""

    runtime: Runtime
    booking: Booking
    running: RunningChecks
    report: Report
    seal: Seal = field(default_factory=Seal)
    """Keeps the secrets in the action's files back from models elsewhere."""
    task: bytes = b""
    """A hash of what the user asked for, under which answers are kept; empty: of the work itself."""
    is_repeat: bool = False
    """Whether the user did not keep the answer to the same request, so that no kept one is served."""
    taken: list[AttemptSummary] = field(default_factory=list)
    """Every call as it ended, also of work that was broken off."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """One call of a model, before it is made."""

    rung: Rung
    request: ChatRequest
    n_files: int
    """How many files the model sees something of."""
    expected_tokens: int
    """About how long the reply will be, for the progress bar."""
    files: tuple[str, ...] = ()
    """Every file of which something is in the prompt, for the record of what left."""

    @property
    def account(self) -> Account:
        """On which what leaves is booked."""
        request = self.request
        return Account(
            model=request.model,
            n_tokens=input_tokens_of(request),
            files=self.files,
            must_stay=request.must_stay,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What a model said, with the secrets back in it, and how it was asked."""

    form: ReplyFormat
    text: str
    usage: Usage | None = None
    request: ChatRequest | None = None
    """None: it was asked with evidence of earlier answers beside the question."""


@dataclass(frozen=True, slots=True)
class Attempted(Generic[T]):
    """What came of one attempt."""

    summary: AttemptSummary
    result: T | Rejection | BackendError
    earlier: tuple[AttemptSummary, ...] = ()
    """The same call before, where it was made more than once."""
    reply: str = ""
    """What the model said, where it said something."""
    answer: Answer | None = None
    """What was read of an edit, with the secrets back in it; None: nothing was."""

    @property
    def summaries(self) -> tuple[AttemptSummary, ...]:
        """All calls it took."""
        return (*self.earlier, self.summary)


async def attempt(run: Run, prepared: Prepared, rung: Rung) -> Attempted[Judged]:
    """Ask, read, check and book one model. A cancel closes the call and books it at its upper bound."""
    candidate, runtime = rung.candidate, run.runtime
    form, request = await put(runtime, prepared, candidate, rung.evidence, rung.refused)
    if isinstance(request, BackendError):
        run.taken.append(not_asked(candidate, request))
        return Attempted(run.taken[-1], request)
    call = Call(
        rung=rung,
        request=request,
        n_files=max(1, len(prepared.files)),
        expected_tokens=prepared.estimate.output_tokens,
        files=prepared.seen,
    )
    answers: list[Answer] = []

    async def read(completion: Completion) -> Judged | Rejection:
        plain = None if rung.evidence else request
        answers.append(Answer(form=form, text=completion.text, usage=completion.usage, request=plain))
        verdict = await judge(prepared, completion.text, form, run.running)
        run.booking.given.append(Given(completion.text, verdict.code if isinstance(verdict, Rejection) else ""))
        return verdict

    attempted = await ask(run, call, read)
    await runtime.learnt_forms.note(candidate.ref, form, attempted.result)
    return replace(attempted, answer=answers[-1] if answers else None)


async def put(
    runtime: Runtime,
    prepared: Prepared,
    candidate: Candidate,
    evidence: tuple[Rejection, ...] = (),
    refused: str = "",
) -> tuple[ReplyFormat, ChatRequest | BackendError]:
    """How a candidate would be asked, and in which form it is to answer; or why it is not."""
    most = runtime.max_output_tokens(candidate.ref)
    counts = await runtime.learnt_forms.counts()
    form = reply_form(prepared, candidate, runtime.reply_format(candidate.ref), counts, most)
    return form, request_in(form, runtime, prepared, candidate, evidence, refused)


def request_in(
    form: ReplyFormat,
    runtime: Runtime,
    prepared: Prepared,
    candidate: Candidate,
    evidence: tuple[Rejection, ...] = (),
    refused: str = "",
) -> ChatRequest | BackendError:
    """How a candidate would be asked to answer in a form; or why it is not."""
    terms = Terms(
        max_output_tokens=runtime.max_output_tokens(candidate.ref),
        deadline_s=runtime.deadline_s(candidate.tier),
        must_stay=runtime.is_local_only(prepared.seen),
    )
    return chat_request(prepared, candidate, form, evidence, terms, refused)


async def ask(run: Run, call: Call, read: Callable[[Completion], Awaitable[T | Rejection]]) -> Attempted[T]:
    """Make one call, once more where that is safe and there is time, read its reply with `read` and book it.

    A cancel closes the call and books its upper bound. A call that may not be made is not booked: its summary is
    `skipped` and its result says why.
    """
    earlier: list[AttemptSummary] = []
    while True:
        attempted, wait_s = await _ask_once(run, call, read, len(earlier) + 1)
        run.taken.append(attempted.summary)
        if wait_s is None:
            return replace(attempted, earlier=tuple(earlier))
        earlier.append(attempted.summary)
        Meter(call.rung.candidate, run.report, call.expected_tokens).waiting(wait_s)
        await asyncio.sleep(wait_s)


async def _ask_once(
    run: Run, call: Call, read: Callable[[Completion], Awaitable[T | Rejection]], n_tries: int
) -> tuple[Attempted[T], float | None]:
    """One try, and how long to wait before the next; None: there is none."""
    candidate, most = call.rung.candidate, most_of(call.rung.candidate, call.request)
    meter = Meter(candidate, run.report, call.expected_tokens, call.rung.why.words)
    entrance = Entrance(run.runtime, run.booking, candidate, most, meter)
    bill, account = Bill(candidate, call.request, meter, most), call.account
    try:
        async with entrance.turn(_start(run.booking, call), call.rung.planned, call.request.deadline_s):
            meter.asking(call.rung.why.words if call.rung.planned in ("fallback", "escalated") else "")
            backend = await run.runtime.backend(candidate.backend)
            sealed = _in_time(await run.seal.close(call.request, candidate), run.booking.left_s)
            bill.outgoing = backend.outgoing(sealed)
            bill.send()
            with accounting(account):
                completion = bill.completion = await backend.complete(sealed, meter.take)
        meter.checking()
        result = await _opened(run.seal, call.request, completion, read)
    except BackendError as err:
        if not entrance.is_entered:
            return Attempted(not_asked(candidate, err), err), None
        wait_s = wait_before_retry(err, n_tries, run.booking.left_s, run.runtime.chance)
        end = bill.failed(err)
        await entrance.settle(end, err, is_tried_again=wait_s is not None)
        return Attempted(_summary(run, bill, account, end), err), wait_s
    except asyncio.CancelledError:
        end = bill.cut("cancelled", "cancelled")
        if entrance.is_entered:
            run.taken.append(_summary(run, bill, account, end))
        await entrance.settle(end)
        raise
    except BaseException:
        # A fault of ours in a check must not leave a paid call without its bill.
        await entrance.settle(bill.cut("failed", "internal"))
        raise
    end = bill.ended(completion, result)
    await entrance.settle(end, served_by=completion.model)
    return Attempted(_summary(run, bill, account, end), result, reply=completion.text), None


def _in_time(request: ChatRequest, left_s: float) -> ChatRequest:
    """Whatever took its time until here, the action ends when it was said to end."""
    return replace(request, deadline_s=max(0.001, min(request.deadline_s, left_s)))


def _summary(run: Run, bill: Bill, account: Account, end: AttemptEnd) -> AttemptSummary:
    """A call with what left for it."""
    secrets = () if bill.outgoing is None else tuple(sorted(run.seal.vault.kinds.values()))
    told = summary_of(bill.candidate, end)
    return replace(told, sent=tuple(account.sent), outgoing=bill.outgoing, secrets=secrets, seen=account.files)


async def _opened(
    seal: Seal, request: ChatRequest, completion: Completion, read: Callable[[Completion], Awaitable[T | Rejection]]
) -> T | Rejection:
    """Read a reply with the secrets back in it."""
    text = seal.open(completion.text, request)
    if isinstance(text, Rejection):
        return text
    result = await read(replace(completion, text=text))
    moved = seal.check(result) if isinstance(result, Judged) else None
    return moved if isinstance(moved, Rejection) else result


def _start(booking: Booking, call: Call) -> AttemptStart:
    rung = call.rung
    return AttemptStart(
        action_key=booking.key,
        tier=Tier.JUDGE if rung.planned == "tripwire" else rung.candidate.tier,
        backend=rung.candidate.backend,
        model=rung.candidate.model,
        price=rung.candidate.price,
        planned=rung.planned,
        reason_code=rung.why.code,
        reason_words=rung.why.words,
        prompt_files=call.n_files,
        estimated_input_tokens=input_tokens_of(call.request),
    )
