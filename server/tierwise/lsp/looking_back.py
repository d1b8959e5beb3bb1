"""What was done, by whom, for how much, what was sent and what was changed, as the JSON that commands answer with."""

import hashlib
import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from tierwise.actions import Action
from tierwise.dispatch import AttemptSummary, Proposal
from tierwise.dispatch.previewing import Outbound, outbound_json, outbound_text
from tierwise.lsp.memory import Memory, Remembered
from tierwise.lsp.proposals import Reviews, hunks_json
from tierwise.routing.money import format_money
from tierwise.store.ledger import Ledger
from tierwise.store.recent import RecentAction

MOST_LISTED = 500
NOTHING_YET = "nothing has been done in this session yet"
NOT_REMEMBERED = "that action is not of this session, so only the ledger knows of it"


def recorded_in(ledger: Ledger, roots: Iterable[Path], limit: int) -> tuple[RecentAction, ...]:
    """The newest actions the ledger has of these folders, newest first; reads the disk. Raises LedgerError."""
    found = [
        action
        for root in dict.fromkeys(roots)
        for action in ledger.recent_actions(limit, hashlib.sha256(str(root).encode()).hexdigest()[:16])
    ]
    return tuple(sorted(found, key=lambda action: action.started_at, reverse=True)[:limit])


def history_json(
    memory: Memory, reviews: Reviews, recorded: Iterable[RecentAction], limit: int, actions: Iterable[Action] = ()
) -> dict[str, Any]:
    """Actions, newest first: those of this session with what can be done about them, others as the ledger has them.

    The ledger knows an action's id, so the title comes from `actions`, without what it was done to.
    """
    titles = {action.id: action.title_alone for action in actions}
    by_key = {action.action_key: action for action in recorded}
    listed = [
        _of_session(entry, by_key.pop(entry.id, None)) | {"canReview": reviews.find(entry.id) is not None}
        for entry in memory
    ]
    listed += [_of_ledger(action, titles) for action in by_key.values()]
    listed.sort(key=lambda action: str(action["at"]), reverse=True)
    return {"status": "done", "actions": listed[:limit]}


def _of_session(entry: Remembered, recorded: RecentAction | None) -> dict[str, Any]:
    result, outcome = entry.result, entry.outcome
    attempts = outcome.attempts
    last = attempts[-1] if attempts else None
    tier = outcome.tier if isinstance(outcome, Proposal) else None if last is None else last.tier
    model = outcome.model if isinstance(outcome, Proposal) else None if last is None else last.model
    return {
        "id": entry.id,
        "at": entry.at.isoformat(timespec="microseconds"),
        "title": entry.title,
        "action": outcome.action_id,
        "language": entry.task.snapshot.language,
        "uri": entry.task.snapshot.uri,
        "status": result["status"],
        "code": result["code"],
        "fate": None if recorded is None else recorded.fate,
        "message": result["message"],
        "tier": None if tier is None else str(tier),
        "model": model,
        "scripted": result["scripted"],
        "cost": result["cost"],
        "costPicoUsd": result["costPicoUsd"],
        "seconds": round(sum(one.duration_s for one in attempts), 3),
        "calls": len(attempts),
        "files": [change.path.name for change in entry.changes],
        "isOfSession": True,
        "canUndo": bool(entry.made),
        "canShowChanges": bool(entry.changes),
        "canShowSent": True,
    }


def _of_ledger(action: RecentAction, titles: Mapping[str, str]) -> dict[str, Any]:
    return {
        "id": action.action_key,
        "at": action.started_at,
        "title": titles.get(action.action) or action.action.replace("_", " ").capitalize(),
        "action": action.action,
        "language": action.language,
        "uri": None,
        "status": action.outcome,
        "code": action.code,
        "fate": action.fate,
        "message": "",
        "tier": "native" if action.outcome == "native" else action.tier,
        "model": action.model,
        "scripted": False,
        "cost": format_money(action.cost_pico_usd),
        "costPicoUsd": action.cost_pico_usd,
        "seconds": round(action.seconds, 3),
        "calls": action.n_calls,
        "files": [],
        "isOfSession": False,
        "canUndo": False,
        "canShowChanges": False,
        "canShowSent": False,
        "canReview": False,
    }


def changes_json(memory: Memory, entry_id: object) -> dict[str, Any]:
    """The texts of an action's files before and after it; they are in memory only."""
    entry = _find(memory, entry_id)
    if entry is None:
        return {"status": "refused", "code": "not-remembered", "message": not_found(entry_id), "files": []}
    return {
        "status": "done",
        "id": entry.id,
        "title": entry.title,
        "files": [
            {
                "uri": change.uri,
                "before": None if change.before is None else change.before.text,
                "after": change.after,
                "hunks": hunks_json(change),
            }
            for change in entry.changes
        ],
    }


def sent_json(memory: Memory, entry_id: object) -> dict[str, Any]:
    """Every request of an action as it left, without keys, with secrets taken out; they are in memory only."""
    entry = _find(memory, entry_id)
    if entry is None:
        return {"status": "refused", "code": "not-remembered", "message": not_found(entry_id), "calls": []}
    calls = [(one, found) for one in entry.outcome.attempts if (found := _outbound(one)) is not None]
    return {
        "status": "done",
        "id": entry.id,
        "title": entry.title,
        "calls": [outbound_json(found) | {"outcome": one.outcome} for one, found in calls],
        "text": _sent_text(entry, [found for _, found in calls]),
    }


def _sent_text(entry: Remembered, calls: list[Outbound]) -> str:
    lines = [line for number, call in enumerate(calls, start=1) for line in outbound_text(number, call)]
    lines += [
        f"{one.model} was not asked: {one.detail or one.code}"
        for one in entry.outcome.attempts
        if one.outcome == "skipped"
    ]
    if any(one.is_cached for one in entry.outcome.attempts):
        lines.append("the answer was kept from an earlier call, so nothing was sent")
    elif not calls:
        lines.append("nothing was sent")
    return "\n".join(lines).rstrip("\n")


def _outbound(attempt: AttemptSummary) -> Outbound | None:
    """One request as previews have it; None: none was made."""
    outgoing = attempt.outgoing
    if outgoing is None:
        return None
    left = attempt.sent[-1] if attempt.sent else None
    text = json.dumps(outgoing.body, ensure_ascii=False, separators=(",", ":"))
    return Outbound(
        tier=attempt.tier,
        model=attempt.model,
        url=outgoing.url,
        is_on_this_machine=outgoing.is_on_this_machine,
        body=outgoing.body,
        n_bytes=len(text.encode("utf-8", "replace")),
        n_tokens=attempt.input_tokens if left is None else left.n_tokens,
        files=attempt.seen,
        secrets=attempt.secrets,
        form="",
    )


def not_found(entry_id: object) -> str:
    """Why there is no such action; without an id the newest was asked for."""
    return NOT_REMEMBERED if isinstance(entry_id, str) else NOTHING_YET


def _find(memory: Memory, entry_id: object) -> Remembered | None:
    return memory.find(entry_id if isinstance(entry_id, str) else None)
