"""What an action would send, and where to, without sending it."""

import asyncio
import json
from dataclasses import dataclass
from typing import Any

from tierwise.backends.base import BackendError, ChatRequest, Outgoing
from tierwise.backends.origins import Origin
from tierwise.dispatch.attempt import Call, put
from tierwise.dispatch.classifying import classification_call, known_reading
from tierwise.dispatch.offers import with_reading
from tierwise.dispatch.planner.foreseeing import foresee
from tierwise.dispatch.planner.road import survey_to_plan
from tierwise.dispatch.prepare import prepare, too_long
from tierwise.dispatch.prepared import Prepared
from tierwise.dispatch.request import input_tokens_of
from tierwise.dispatch.requesting import reaches_far, reading_of, request_of
from tierwise.dispatch.runtime import Runtime
from tierwise.dispatch.sealing import Seal
from tierwise.dispatch.values import Refusal, Task, Workspace
from tierwise.routing.free_instructions import Reading
from tierwise.routing.policy import RouteRequest, choose_route
from tierwise.routing.tiers import Candidate, Reason, Tier
from tierwise.text import Rejection

_UNCLEAR = (
    "the instruction could be read two ways, so a small model is asked how hard it is; its answer may change who is"
    " asked and may make it a change over several files, which is planned; what is shown after it is what comes when it"
    " gives no answer"
)
_WHAT = {
    "edit": "",
    "classification": "a question about how hard the instruction is, ",
    "scout": "a question about which files are concerned, ",
    "plan": "the plan, ",
}
_MOST_FILES = 12


@dataclass(frozen=True, slots=True, kw_only=True)
class Outbound:
    """The first call of one candidate."""

    tier: Tier
    model: str
    """`backend/model`, as the configuration names it."""
    url: str
    is_on_this_machine: bool
    body: dict[str, Any]
    """What is sent, without the key, which travels in a header."""
    n_bytes: int
    n_tokens: int
    """About how long the prompt is."""
    files: tuple[str, ...]
    """Every file of which something is in it."""
    secrets: tuple[str, ...]
    """The kinds of secrets that were taken out."""
    form: str
    """The form the model is asked to answer in."""
    purpose: str = "edit"
    """`edit`, or what is asked before there can be one: `classification`, `scout`, `plan`."""

    @property
    def origin(self) -> str:
        """Where it goes."""
        return str(Origin.of(self.url)) if self.url.startswith("http") else self.url


@dataclass(frozen=True, slots=True, kw_only=True)
class Preview:
    """What would leave, in the order in which models would be asked.

    Of calls for the same purpose each is made only if those before it fail; `notes` say what follows their answers.
    """

    action_id: str
    outbound: tuple[Outbound, ...]
    skipped: tuple[tuple[str, str], ...]
    """Models that are not asked, with the reason."""
    native: str | None = None
    """The tool that does it first, and without sending anything."""
    notes: tuple[str, ...] = ()
    reasons: tuple[Reason, ...] = ()


async def preview(runtime: Runtime, task: Task, workspace: Workspace) -> Preview | Refusal:
    """The calls `run_action` would make, as they stand before the first answer."""
    action = runtime.action(task.action_id)
    if action is None:
        known = ", ".join(a.id for a in runtime.actions)
        words = f"there is no action {task.action_id!r}; there are {known}"
        return Refusal(action_id=task.action_id, code="unknown-action", words=words)
    prepared = await asyncio.to_thread(prepare, action, task, workspace, runtime.is_never_sent)
    if isinstance(prepared, Refusal):
        return prepared
    first, request, reading = _classified(runtime, prepared)
    survey = await survey_to_plan(runtime, prepared, workspace) if reaches_far(prepared, reading) else None
    refusal = None if survey is not None else too_long(prepared)
    if refusal is not None:
        return refusal
    asked: list[tuple[Candidate, _Put | Rejection]]
    notes: tuple[str, ...] = ()
    if survey is not None:
        foreseen = await foresee(runtime, prepared, survey)
        asked = [(call.rung.candidate, _of_call(call, foreseen.purpose)) for call in foreseen.calls]
        notes, reasons = foreseen.words, foreseen.reasons
    else:
        route = choose_route(request, runtime.candidates)
        asked = [(candidate, await _of_edit(runtime, prepared, candidate)) for candidate in route.ladder]
        reasons = route.reasons
    if first is not None:
        asked.insert(0, (first.rung.candidate, _of_call(first, "classification")))
        notes = (_UNCLEAR, *notes)
    found = [(candidate, await _outbound(runtime, candidate, put)) for candidate, put in asked]
    return Preview(
        action_id=action.id,
        outbound=tuple(one for _, one in found if isinstance(one, Outbound)),
        skipped=tuple((candidate.ref, one.detail) for candidate, one in found if isinstance(one, Rejection)),
        native=_native(runtime, prepared, workspace),
        notes=notes,
        reasons=reasons,
    )


def _classified(runtime: Runtime, prepared: Prepared) -> tuple[Call | None, RouteRequest, Reading | None]:
    """The question a small model would be asked first, and the request and reading as they stand without its answer."""
    request, reading = request_of(runtime, prepared), reading_of(prepared)
    call = None if reading is None else classification_call(runtime, prepared, reading, request)
    if call is None or reading is None:
        return None, request, reading
    known = known_reading(runtime, call, reading)
    return (call, request, reading) if known is None else (None, with_reading(request, known), known)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Put:
    """One call before it is sealed."""

    request: ChatRequest
    files: tuple[str, ...]
    form: str
    purpose: str


def _of_call(call: Call, purpose: str) -> _Put:
    return _Put(request=call.request, files=call.files, form="json", purpose=purpose)


async def _of_edit(runtime: Runtime, prepared: Prepared, candidate: Candidate) -> _Put | Rejection:
    form, request = await put(runtime, prepared, candidate)
    if isinstance(request, BackendError):
        return Rejection(str(request.kind), request.words)
    return _Put(request=request, files=prepared.seen, form=str(form), purpose="edit")


async def _outbound(runtime: Runtime, candidate: Candidate, asked: _Put | Rejection) -> Outbound | Rejection:
    if isinstance(asked, Rejection):
        return asked
    seal = Seal()
    sealed = await seal.close(asked.request, candidate)
    try:
        backend = await runtime.backend(candidate.backend)
    except BackendError as err:
        return Rejection(str(err.kind), err.words)
    outgoing: Outgoing = backend.outgoing(sealed)
    return Outbound(
        tier=candidate.tier,
        model=candidate.ref,
        url=outgoing.url,
        is_on_this_machine=outgoing.is_on_this_machine,
        body=outgoing.body,
        n_bytes=len(json.dumps(outgoing.body, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace")),
        n_tokens=input_tokens_of(sealed),
        files=asked.files,
        secrets=tuple(sorted(seal.vault.kinds.values())),
        form=asked.form,
        purpose=asked.purpose,
    )


def _native(runtime: Runtime, prepared: Prepared, workspace: Workspace) -> str | None:
    if not prepared.action.is_native_first or prepared.task.tier not in (None, Tier.NATIVE):
        return None
    path = prepared.root / prepared.path
    formatter = runtime.formatter_for(path, prepared.language, prepared.root, workspace.is_trusted)
    return None if formatter is None else formatter.name


def preview_json(found: Preview) -> dict[str, Any]:
    """A preview for clients and programs."""
    return {
        "status": "preview",
        "action": found.action_id,
        "native": found.native,
        "outbound": [outbound_json(one) for one in found.outbound],
        "skipped": [{"model": model, "message": words} for model, words in found.skipped],
        "notes": list(found.notes),
        "reasons": [{"code": reason.code, "words": reason.words} for reason in found.reasons],
    }


def outbound_json(one: Outbound) -> dict[str, Any]:
    """One request with its body."""
    return {
        "tier": str(one.tier),
        "model": one.model,
        "origin": one.origin,
        "url": one.url,
        "onThisMachine": one.is_on_this_machine,
        "bytes": one.n_bytes,
        "tokens": one.n_tokens,
        "files": list(one.files),
        "secretsRemoved": list(one.secrets),
        "replyFormat": one.form,
        "purpose": one.purpose,
        "body": one.body,
    }


def preview_text(found: Preview) -> str:
    """A preview for people: every call with everything that is in it."""
    lines: list[str] = []
    if found.native is not None:
        lines += [f"{found.native} does this on this machine; nothing would be sent unless it fails", ""]
    for number, one in enumerate(found.outbound, start=1):
        lines += outbound_text(number, one)
    lines += [f"not asked: {model}: {words}" for model, words in found.skipped]
    lines += list(found.notes)
    if not found.outbound:
        lines += [reason.words for reason in found.reasons]
    return "\n".join(lines).rstrip("\n")


def outbound_text(number: int, one: Outbound) -> list[str]:
    """The lines of one request for people, with everything that is in it."""
    place = "stays on this machine" if one.is_on_this_machine else "LEAVES THIS MACHINE"
    about = f"   {_WHAT[one.purpose]}{one.n_bytes} bytes, about {one.n_tokens} tokens"
    lines = [f"{number}. {one.tier}: {one.model} at {one.origin} ({place})"]
    lines.append(f"{about}, from {_listed(one.files)}" if one.files else about)
    if one.secrets:
        lines.append(f"   secrets replaced by placeholders: {', '.join(one.secrets)}")
    settings = {name: value for name, value in one.body.items() if name not in ("messages", "system")}
    lines.append(f"   POST {one.url} {json.dumps(settings, ensure_ascii=False)}")
    for role, text in _turns(one.body):
        lines.append(f"   --- {role}")
        lines += [f"   | {line}" for line in text.split("\n")]
    return [*lines, ""]


def _listed(files: tuple[str, ...]) -> str:
    more = f" and {len(files) - _MOST_FILES} more" if _MOST_FILES < len(files) else ""
    return ", ".join(files[:_MOST_FILES]) + more


def _turns(body: dict[str, Any]) -> list[tuple[str, str]]:
    """The conversation in a body, whatever the protocol."""
    listed = [{"role": "system", "content": body["system"]}] if "system" in body else []
    listed += body.get("messages", [])
    return [(turn["role"], _text(turn["content"])) for turn in listed]


def _text(content: object) -> str:
    if isinstance(content, list):
        return "".join(str(block.get("text", "")) for block in content)
    return str(content)
