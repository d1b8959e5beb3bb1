"""Keep what an action was about, for cases made of it later; only where `ledger.keep_requests` says so.

The ledger itself never holds code. What is kept here is: texts before and after, the instruction and the diagnostic,
without the secrets in them, one file for each action in a folder beside the ledger that only the user may read.
"""

import asyncio
import contextlib
import json
import logging
import os
import secrets
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from tierwise.actions import Scope
from tierwise.context.redaction import Vault
from tierwise.context.scanner import find_secrets
from tierwise.dispatch.booking import Given
from tierwise.dispatch.prepared import Prepared
from tierwise.dispatch.prompt import block
from tierwise.dispatch.runtime import Runtime
from tierwise.dispatch.values import Proposal, Refusal
from tierwise.store.beliefs import MEASURING

_LOG = logging.getLogger(__name__)
_MOST_REPLIES = 6
_KIND, _VERSION = "tierwise-request", 1


def requests_folder(ledger: Path) -> Path:
    """Where the requests lie that belong to a ledger."""
    return ledger.with_name("requests")


async def record(
    runtime: Runtime, action_key: str, prepared: Prepared, outcome: Proposal | Refusal, given: Sequence[Given] = ()
) -> None:
    """Keep a request with its answers, unless the user did not ask for that or its files may not leave this machine.

    What cannot be written is left out; an action does not fail for it.
    """
    options, ledger = runtime.config.ledger, runtime.ledger
    if not options.keep_requests or ledger is None or not action_key or prepared.task.client == MEASURING:
        return
    if runtime.is_local_only(prepared.seen):
        return
    folder = requests_folder(ledger.path)
    try:
        await asyncio.to_thread(_write, folder, action_key, _document(prepared, outcome, given), options.max_requests)
    except OSError as err:
        _LOG.warning("the request was not kept: %s", err)


def read_request(ledger: Path, action_key: str) -> dict[str, Any] | None:
    """What was kept of an action; None where nothing was, or it cannot be read."""
    path = requests_folder(ledger) / f"{action_key}.json"
    try:
        document = json.loads(path.read_text("utf-8"))
    except (OSError, ValueError, RecursionError):
        return None
    is_ours = isinstance(document, dict) and document.get("kind") == _KIND and document.get("version") == _VERSION
    return document if is_ours else None


def kept_requests(ledger: Path) -> tuple[str, ...]:
    """The keys of actions of which something is kept, the newest first."""
    files = requests_folder(ledger).glob("*.json")
    return tuple(file.stem for file in sorted(files, key=_age, reverse=True))


def _document(prepared: Prepared, outcome: Proposal | Refusal, given: Sequence[Given]) -> dict[str, Any]:
    task, diagnostic = prepared.task, prepared.target.diagnostic
    before: dict[str, str | None] = {path: snapshot.text for path, snapshot in prepared.snapshots.items()}
    before[prepared.path] = task.snapshot.text
    after: dict[str, str | None] = {}
    if isinstance(outcome, Proposal):
        after = {change.path.relative_to(prepared.root).as_posix(): change.after for change in outcome.changes}
    return {
        "kind": _KIND,
        "version": _VERSION,
        "action": prepared.action.id,
        "language": prepared.language,
        "path": prepared.path,
        "selection": [task.selection.start, task.selection.end],
        "before": before,
        "after": after,
        "instruction": prepared.instruction,
        "diagnostic": None if diagnostic is None else f"{diagnostic.code or '-'} {diagnostic.message}",
        "refusal": outcome.code if isinstance(outcome, Refusal) else None,
        # The answers of a plan's pieces answer other questions than the one that was asked.
        "replies": [] if outcome.audit is not None else [[one.text, one.code] for one in given[-_MOST_REPLIES:]],
        "idle": _idle(prepared),
    }


def _idle(prepared: Prepared) -> str | None:
    """An answer that gives the target back as it is; None for actions over files."""
    if prepared.action.scope is Scope.FILES:
        return None
    target = prepared.text[prepared.span.start : prepared.span.end]
    return block(target, prepared.language) + "\n"


def _write(folder: Path, action_key: str, document: dict[str, Any], most: int) -> None:
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    text = json.dumps(_without_secrets(document), ensure_ascii=True)
    draft = folder / f".{action_key}.new"
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(text)
    draft.replace(folder / f"{action_key}.json")
    for old in sorted(folder.glob("*.json"), key=_age, reverse=True)[most:]:
        # One too many is no reason to fail; the next click tries again.
        with contextlib.suppress(OSError):
            old.unlink()


def _age(path: Path) -> int:
    try:
        return path.stat().st_mtime_ns
    except OSError:
        return 0


def _without_secrets(document: dict[str, Any]) -> dict[str, Any]:
    """The same with a placeholder for each secret; the selection moves along with its text."""
    vault = Vault(find_secrets, secrets.token_bytes(16))
    before, after = document["before"], document["after"]
    start, end = document["selection"]
    text = before[document["path"]] or ""
    texts = [text, text[:start], text[start:end], document["instruction"] or "", document["diagnostic"] or ""]
    replies, idle = document["replies"], document["idle"]
    texts += [one or "" for one in (*before.values(), *after.values())]
    texts += [*(reply for reply, _ in replies), idle or ""]
    # The second time every secret is known, wherever it stands.
    vault.hide(texts)
    whole, head, selected, instruction, diagnostic, *rest = vault.hide(texts)
    n_before, n_texts = len(before), len(before) + len(after)
    clean: Mapping[str, Any] = {
        "before": _with_nothing(before, rest[:n_before]),
        "after": _with_nothing(after, rest[n_before:n_texts]),
        "replies": [[clean, code] for clean, (_, code) in zip(rest[n_texts:-1], replies, strict=True)],
        "idle": None if idle is None else rest[-1],
        "instruction": None if document["instruction"] is None else instruction,
        "diagnostic": None if document["diagnostic"] is None else diagnostic,
        "selection": [min(len(head), len(whole)), min(len(head) + len(selected), len(whole))],
        "nSecrets": len(vault.kinds),
    }
    return {**document, **clean}


def _with_nothing(texts: Mapping[str, str | None], hidden: Sequence[str]) -> dict[str, str | None]:
    """Hidden texts by path, and nothing where there was nothing."""
    return {path: None if text is None else clean for (path, text), clean in zip(texts.items(), hidden, strict=True)}
