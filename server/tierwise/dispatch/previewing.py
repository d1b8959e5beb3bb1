"""What an action would send, and where to, without sending it."""

import asyncio
import json
from dataclasses import dataclass
from typing import Any

from tierwise.actions import Scope
from tierwise.backends.base import BackendError, Outgoing
from tierwise.backends.origins import Origin
from tierwise.dispatch.attempt import put
from tierwise.dispatch.prepare import prepare
from tierwise.dispatch.prepared import Prepared
from tierwise.dispatch.request import input_tokens_of
from tierwise.dispatch.requesting import request_of
from tierwise.dispatch.runtime import Runtime
from tierwise.dispatch.sealing import Seal
from tierwise.dispatch.values import Refusal, Task, Workspace
from tierwise.routing.policy import choose_route
from tierwise.routing.tiers import Candidate, Reason, Tier
from tierwise.text import Rejection

_PLANNED = (
    "a change over several files is planned first: the planner is sent names and signatures, and each part of the plan"
    " goes out in a call of its own; what is shown is the call that is made where no plan comes about"
)


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

    @property
    def origin(self) -> str:
        """Where it goes."""
        return str(Origin.of(self.url)) if self.url.startswith("http") else self.url


@dataclass(frozen=True, slots=True, kw_only=True)
class Preview:
    """What would leave, in the order in which models would be asked; each is asked only if those before it fail."""

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
    route = choose_route(request_of(runtime, prepared), runtime.candidates)
    found = [await _outbound(runtime, prepared, candidate) for candidate in route.ladder]
    return Preview(
        action_id=action.id,
        outbound=tuple(one for one in found if isinstance(one, Outbound)),
        skipped=tuple(
            (candidate.ref, one.detail)
            for candidate, one in zip(route.ladder, found, strict=True)
            if isinstance(one, Rejection)
        ),
        native=_native(runtime, prepared, workspace),
        notes=(_PLANNED,) if action.scope is Scope.FILES else (),
        reasons=route.reasons,
    )


async def _outbound(runtime: Runtime, prepared: Prepared, candidate: Candidate) -> Outbound | Rejection:
    form, request = await put(runtime, prepared, candidate)
    if isinstance(request, BackendError):
        return Rejection(str(request.kind), request.words)
    seal = Seal()
    sealed = await seal.close(request, candidate)
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
        files=prepared.seen,
        secrets=tuple(sorted(seal.vault.kinds.values())),
        form=str(form),
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
        "outbound": [
            {
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
                "body": one.body,
            }
            for one in found.outbound
        ],
        "skipped": [{"model": model, "message": words} for model, words in found.skipped],
        "notes": list(found.notes),
        "reasons": [{"code": reason.code, "words": reason.words} for reason in found.reasons],
    }


def preview_text(found: Preview) -> str:
    """A preview for people: every call with everything that is in it."""
    lines: list[str] = []
    if found.native is not None:
        lines += [f"{found.native} does this on this machine; nothing would be sent unless it fails", ""]
    for number, one in enumerate(found.outbound, start=1):
        place = "stays on this machine" if one.is_on_this_machine else "LEAVES THIS MACHINE"
        lines.append(f"{number}. {one.tier}: {one.model} at {one.origin} ({place})")
        lines.append(f"   {one.n_bytes} bytes, about {one.n_tokens} tokens, from {', '.join(one.files)}")
        if one.secrets:
            lines.append(f"   secrets replaced by placeholders: {', '.join(one.secrets)}")
        settings = {name: value for name, value in one.body.items() if name not in ("messages", "system")}
        lines.append(f"   POST {one.url} {json.dumps(settings, ensure_ascii=False)}")
        for role, text in _turns(one.body):
            lines.append(f"   --- {role}")
            lines += [f"   | {line}" for line in text.split("\n")]
        lines.append("")
    lines += [f"not asked: {model}: {words}" for model, words in found.skipped]
    lines += list(found.notes)
    if not found.outbound:
        lines += [reason.words for reason in found.reasons]
    return "\n".join(lines).rstrip("\n")


def _turns(body: dict[str, Any]) -> list[tuple[str, str]]:
    """The conversation in a body, whatever the protocol."""
    listed = [{"role": "system", "content": body["system"]}] if "system" in body else []
    listed += body.get("messages", [])
    return [(turn["role"], _text(turn["content"])) for turn in listed]


def _text(content: object) -> str:
    if isinstance(content, list):
        return "".join(str(block.get("text", "")) for block in content)
    return str(content)
