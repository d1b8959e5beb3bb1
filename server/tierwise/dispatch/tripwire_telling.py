"""What people, programs and a webhook are told of the tripwire."""

import asyncio
import json
import logging
from collections.abc import AsyncIterator, Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from tierwise.backends.base import BackendError, FailureKind
from tierwise.config import Config
from tierwise.dispatch.tripwire_judging import Judgement
from tierwise.routing.tripwire import FALSE_ALARMS, LEARNT, CellState, TripwireCell
from tierwise.routing.tripwire_model import ModelState

if TYPE_CHECKING:
    from tierwise.backends.egress import Egress

_LOG = logging.getLogger(__name__)
_TIMEOUTS = {"connect": 10.0, "read": 10.0, "write": 10.0, "pool": 10.0}
_LONGEST_S = 20.0
"""However slowly an address takes what it is sent."""


def words_of_event(judgement: Judgement) -> str | None:
    """The sentence for an alarm or a recovery; None where neither is."""
    cell, state = judgement.sample.cell, judgement.state
    if judgement.event is None or state is None:
        return None
    what = f"{cell.ref!r} on {cell.action!r} in {cell.language}"
    if judgement.event == "recovered":
        return f"{what} agrees with {state.judge!r} as often as before, so its work starts there again"
    more = [f"{cell.action!r} in {cell.language}" for cell, _ in judgement.others]
    too = f", and so does its work on {', '.join(more)}, where it came to disagree too" if more else ""
    higher = f"its work starts one tier higher until it recovers{too} (see tierwise tripwire status)"
    return f"{what} {_apart(state)}; {higher}"


def words_of_cell(cell: TripwireCell, state: CellState) -> str:
    """One cell in a sentence, for an alarm that stands."""
    return f"tripwire: {cell.ref!r} on {cell.action!r} in {cell.language} {_apart(state)}"


def _apart(state: CellState) -> str:
    now, before = _percent(state.late_rate), _percent(state.usual_rate)
    return (
        f"came to disagree with {state.judge!r}: on {now} of the last {state.n_lately} edits compared,"
        f" {before} of {state.n_usual} before"
    )


def _percent(rate: float | None) -> str:
    return "–" if rate is None else f"{rate:.0%}"


def state_name(state: CellState) -> str:
    """`raised`, `learning` or `watching`."""
    if state.is_raised:
        return "raised"
    return "learning" if state.is_learning else "watching"


def cell_json(cell: TripwireCell, state: CellState) -> dict[str, Any]:
    """One cell with its figures."""
    since = state.raised_us
    return {
        "cell": str(cell),
        "action": cell.action,
        "language": cell.language,
        "model": cell.ref,
        "judge": state.judge,
        "state": state_name(state),
        "usualDisagreement": state.usual_rate,
        "usualSamples": state.n_usual,
        "lateDisagreement": state.late_rate,
        "lateSamples": state.n_lately,
        "score": round(state.score, 3),
        "raisedAt": None if since is None else datetime.fromtimestamp(since / 10**6, UTC).isoformat(),
        "compared": state.n_compared,
        "unjudged": state.n_unjudged,
        "seen": state.n_seen,
    }


def tripwire_json(
    config: Config,
    cells: Mapping[TripwireCell, CellState],
    spent: int | None,
    models: Mapping[str, ModelState] | None = None,
) -> dict[str, Any]:
    """Everything the tripwire knows; `spent` is today's money in pico-USD. What another judge said is left out."""
    judge = config.tripwire.judge
    own = {cell: state for cell, state in sorted(cells.items()) if state.judge == judge}
    is_alert = any(state.is_raised for state in own.values())
    return {
        "state": "off" if judge is None else "alert" if is_alert else "watching",
        "judge": judge,
        "falseAlarmsPer1000Samples": FALSE_ALARMS,
        "learntFrom": LEARNT,
        "spentTodayPicoUsd": spent,
        "cells": [cell_json(cell, state) for cell, state in own.items()],
        "models": [
            {"model": ref, "cells": len(state.cells), "usualSamples": state.n_usual, "score": round(state.score, 3)}
            for ref, state in sorted((models or {}).items())
            if state.judge == judge
        ],
    }


def status_words(config: Config, cells: Mapping[TripwireCell, CellState]) -> dict[str, Any]:
    """The state for the editor's status item, with a sentence and the figures of every cell that is raised."""
    judge = config.tripwire.judge
    raised = [(c, s) for c, s in sorted(cells.items()) if judge is not None and s.is_raised and s.judge == judge]
    return {
        "state": "off" if judge is None else "alert" if raised else "watching",
        "judge": judge,
        "raised": [words_of_cell(cell, state) for cell, state in raised],
        "alerts": [cell_json(cell, state) for cell, state in raised],
    }


def tripwire_words(config: Config, cells: Mapping[TripwireCell, CellState]) -> list[str]:
    """The state in a sentence, and one for every cell that is raised."""
    found = status_words(config, cells)
    if found["judge"] is None:
        return ["tripwire: off (tripwire.judge names no model)"]
    own = [state for state in cells.values() if state.judge == found["judge"]]
    n_learning = sum(state_name(state) == "learning" for state in own)
    counts = f"{len(own)} cells, {n_learning} of them still learning, {len(found['raised'])} raised"
    return [f"tripwire: {found['state']}; {found['judge']!r} is asked about {counts}", *found["raised"]]


class Webhook:
    """Sends events to the address the user's own file names; what goes wrong is said once."""

    def __init__(self, longest_s: float = _LONGEST_S) -> None:
        self._longest_s = longest_s
        self._is_told = False

    async def send(self, egress: "Egress", url: str, judgement: Judgement) -> str | None:
        """Send one event; the sentence for the user when it did not arrive, the first time."""
        cell, state = judgement.sample.cell, judgement.state
        if judgement.event is None or state is None:
            return None
        try:
            for one, its in ((cell, state), *judgement.others):
                async with asyncio.timeout(self._longest_s):
                    await _post(egress, url, {"event": judgement.event, **cell_json(one, its)})
        except TimeoutError:
            return self._said(f"it took over {self._longest_s:g} s; check tripwire.webhook")
        except BackendError as err:
            return self._said(err.words)
        self._is_told = False
        return None

    def _said(self, why: str) -> str | None:
        """The sentence for the user, the first time."""
        _LOG.warning("the webhook of the tripwire was not reached: %s", why)
        if self._is_told:
            return None
        self._is_told = True
        return f"the address of tripwire.webhook was not told of a change: {why}"


async def _post(egress: "Egress", url: str, document: dict[str, Any]) -> None:
    """Send one document. Raises BackendError."""
    # Connections are imported only when there is something to send.
    from tierwise.backends.door import Door  # noqa: PLC0415
    from tierwise.backends.failures import HttpFailure, Site  # noqa: PLC0415
    from tierwise.backends.origins import Origin  # noqa: PLC0415

    origin = Origin.of(url.partition("?")[0])
    remedy = "check tripwire.webhook"
    site = Site(name=f"the webhook at {origin}", when_down=remedy, when_key_refused=remedy, when_model_missing=remedy)
    body = json.dumps(document).encode()

    async def content() -> AsyncIterator[bytes]:
        yield body

    gate = egress.open(Door(origin=origin, site=site))
    headers = {"content-type": "application/json", "content-length": str(len(body))}
    try:
        answer = await gate.send("POST", url, headers, content(), _TIMEOUTS)
        await answer.aclose()
    except HttpFailure as err:
        if not 200 <= err.status < 300:
            raise BackendError(FailureKind.PROTOCOL, f"{site.name} answered with {err.status}") from err
    finally:
        await gate.aclose()
