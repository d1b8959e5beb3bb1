"""The commands clients call, each with one JSON object as its argument and one as its answer."""

import asyncio
import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import cattrs
from lsprotocol import types

from tierwise.config import Loaded
from tierwise.config.doctor_json import doctor_json
from tierwise.config.trust import TrustStore, default_trust_file
from tierwise.evals.headline import headline
from tierwise.evals.report import report_of
from tierwise.lsp.from_proto import only_argument, run_request
from tierwise.lsp.keys import keyed_backends
from tierwise.lsp.looking_back import (
    MOST_LISTED,
    NOT_REMEMBERED,
    changes_json,
    history_json,
    recorded_in,
    sent_json,
)
from tierwise.lsp.menu import arguments_of
from tierwise.lsp.messages import Failed
from tierwise.lsp.reports import offer, refusal
from tierwise.lsp.session import Session
from tierwise.store.ledger import Ledger
from tierwise.store.stats_json import stats_json
from tierwise.text import Rejection

Command = Callable[[Session, types.ExecuteCommandParams, cattrs.Converter], Any]
"""Answers at once or hands back something to wait for."""

_SINCE = re.compile(r"(\d{1,6})([hdw])")
_HOURS = {"h": 1, "d": 24, "w": 168}


def execute(session: Session, params: types.ExecuteCommandParams, converter: cattrs.Converter) -> Any:
    """Run a command: its answer, or something to wait for.

    Raises Failed for a command that does not exist and for arguments that do not fit.
    """
    command = COMMANDS.get(params.command)
    if command is None:
        known = ", ".join(map(repr, COMMANDS))
        raise Failed(types.ErrorCodes.InvalidParams, f"there is no command {params.command!r}, there are {known}")
    return command(session, params, converter)


def _run(session: Session, params: types.ExecuteCommandParams, converter: cattrs.Converter) -> Any:
    request = run_request(only_argument(params), converter)
    return session.clicks.run(request, params.work_done_token)


async def _preview(session: Session, params: types.ExecuteCommandParams, converter: cattrs.Converter) -> Any:
    return await session.clicks.preview(run_request(only_argument(params), converter))


async def _actions(session: Session, params: types.ExecuteCommandParams, converter: cattrs.Converter) -> Any:
    request = run_request({"action": "any", **only_argument(params)}, converter)
    found = await session.menus.offers_for(request)
    if isinstance(found, Rejection):
        return {"status": "refused", "code": found.code, "message": found.detail, "actions": []}
    offered, place = found
    return {"status": "done", "actions": [offer(one, arguments_of(one, place)) for one in offered]}


async def _stats(session: Session, params: types.ExecuteCommandParams, _: cattrs.Converter) -> Any:
    ledger = _ledger_of(session)
    since = _start_of(only_argument(params).get("since"))
    return stats_json(await asyncio.to_thread(ledger.stats, since))


async def _report(session: Session, params: types.ExecuteCommandParams, _: cattrs.Converter) -> Any:
    ledger = _ledger_of(session)
    since = _start_of(only_argument(params).get("since"))
    return await asyncio.to_thread(_drawn, ledger, session.host.loaded, since)


def _drawn(ledger: Ledger, loaded: Loaded, since: datetime | None) -> dict[str, Any]:
    stats, html = report_of(ledger, loaded, since)
    return {"status": "done", "headline": headline(stats), "html": html}


async def _doctor(session: Session, _: types.ExecuteCommandParams, __: cattrs.Converter) -> Any:
    return doctor_json(await session.examine())


def _why(session: Session, params: types.ExecuteCommandParams, _: cattrs.Converter) -> Any:
    wanted = only_argument(params).get("id")
    entry = session.clicks.memory.find(wanted) if isinstance(wanted, str) else None
    result = entry.result if entry is not None else None if wanted else session.clicks.last_result
    if result is None and wanted:
        return refusal("", "refused", "not-remembered", NOT_REMEMBERED)
    return result or refusal("", "refused", "nothing-yet", "no action has been run in this session yet")


async def _reload(session: Session, _: types.ExecuteCommandParams, __: cattrs.Converter) -> Any:
    loaded = await session.reload(is_by_hand=True)
    return {
        "status": "done" if loaded.is_good else "refused",
        "problems": [problem.as_json() for problem in loaded.problems],
    }


def _backends(session: Session, _: types.ExecuteCommandParams, __: cattrs.Converter) -> Any:
    return {"backends": keyed_backends(session.host.loaded.config, session.host.editor_keys)}


async def _restore(session: Session, _: types.ExecuteCommandParams, __: cattrs.Converter) -> Any:
    return await session.clicks.restore()


async def _accept(session: Session, params: types.ExecuteCommandParams, _: cattrs.Converter) -> Any:
    return await session.results.accept(only_argument(params))


def _dismiss(session: Session, params: types.ExecuteCommandParams, _: cattrs.Converter) -> Any:
    return session.results.dismiss(only_argument(params))


async def _review(session: Session, params: types.ExecuteCommandParams, _: cattrs.Converter) -> Any:
    return await session.results.review(only_argument(params))


async def _undo(session: Session, params: types.ExecuteCommandParams, _: cattrs.Converter) -> Any:
    return await session.results.undo(only_argument(params))


async def _again(session: Session, params: types.ExecuteCommandParams, _: cattrs.Converter) -> Any:
    return await session.results.again(only_argument(params), params.work_done_token)


async def _history(session: Session, params: types.ExecuteCommandParams, _: cattrs.Converter) -> Any:
    limit = only_argument(params).get("limit", 50)
    if not isinstance(limit, int) or isinstance(limit, bool) or not 1 <= limit <= MOST_LISTED:
        raise Failed(types.ErrorCodes.InvalidParams, f"the argument 'limit' must be a number from 1 to {MOST_LISTED}")
    roots, ledger = session.workspace.roots, session.host.ledger
    recorded = () if ledger is None else await asyncio.to_thread(recorded_in, ledger, roots, limit)
    clicks, actions = session.clicks, session.host.runtime.actions
    return history_json(clicks.memory, clicks.reviews, recorded, limit, actions)


def _changes(session: Session, params: types.ExecuteCommandParams, _: cattrs.Converter) -> Any:
    return changes_json(session.clicks.memory, only_argument(params).get("id"))


def _sent(session: Session, params: types.ExecuteCommandParams, _: cattrs.Converter) -> Any:
    return sent_json(session.clicks.memory, only_argument(params).get("id"))


async def _trust(session: Session, _: types.ExecuteCommandParams, __: cattrs.Converter) -> Any:
    store = TrustStore(default_trust_file())
    roots = session.workspace.roots
    standings = await asyncio.to_thread(lambda: [store.standing(root) for root in roots])
    folders = [{"path": str(root), "standing": found} for root, found in zip(roots, standings, strict=True)]
    return {"status": "done", "isTrusted": session.workspace.is_trusted, "folders": folders}


COMMANDS: dict[str, Command] = {
    "tierwise.run": _run,
    "tierwise.preview": _preview,
    "tierwise.actions": _actions,
    "tierwise.stats": _stats,
    "tierwise.report": _report,
    "tierwise.doctor": _doctor,
    "tierwise.why": _why,
    "tierwise.reload": _reload,
    "tierwise.backends": _backends,
    "tierwise.restore": _restore,
    "tierwise.accept": _accept,
    "tierwise.dismiss": _dismiss,
    "tierwise.review": _review,
    "tierwise.undo": _undo,
    "tierwise.again": _again,
    "tierwise.history": _history,
    "tierwise.changes": _changes,
    "tierwise.sent": _sent,
    "tierwise.trust": _trust,
}


def _ledger_of(session: Session) -> Ledger:
    ledger = session.host.ledger
    if ledger is None:
        raise Failed(types.LSPErrorCodes.RequestFailed, session.host.runtime.ledger_problem or "there is no ledger")
    return ledger


def _start_of(since: object) -> datetime | None:
    """`24h`, `7d` or `4w` before now; None for everything."""
    if since is None:
        return None
    found = _SINCE.fullmatch(since) if isinstance(since, str) else None
    if found is None:
        raise Failed(types.ErrorCodes.InvalidParams, "the argument 'since' must be like '24h', '7d' or '4w'")
    return datetime.now(UTC) - timedelta(hours=int(found.group(1)) * _HOURS[found.group(2)])
