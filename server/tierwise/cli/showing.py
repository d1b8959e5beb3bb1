"""Offers, routes and outcomes, as JSON and as people read them."""

from pathlib import Path
from typing import Any

from rich.table import Table
from rich.text import Text

from tierwise.cli.output import console
from tierwise.dispatch import FileChange, Offer, Proposal, Refusal
from tierwise.dispatch.deciding import Decision
from tierwise.dispatch.reports import attempt_json, diff_of, reasons_json, twins_json
from tierwise.routing.money import format_money
from tierwise.routing.tiers import Route
from tierwise.text import Snapshot
from tierwise.text.lines import LineIndex


def offer_json(offer: Offer, snapshot: Snapshot) -> dict[str, Any]:
    """One entry of the menu; places count from 1."""
    index = LineIndex(snapshot.text)
    start, end = (index.position(at, "utf-32") for at in (offer.target.start, offer.target.end))
    return {
        "action": offer.action_id,
        "title": offer.title,
        "kind": offer.kind,
        "tier": None if offer.tier is None else str(offer.tier),
        "model": offer.model,
        "price": "unknown" if offer.price_pico_usd is None else format_money(offer.price_pico_usd),
        "pricePicoUsd": offer.price_pico_usd,
        "mostPicoUsd": offer.most_pico_usd,
        "needsInstruction": offer.needs_instruction,
        "range": {
            "start": {"line": start.line + 1, "column": start.character + 1},
            "end": {"line": end.line + 1, "column": end.character + 1},
        },
        "reasons": reasons_json(offer.reasons),
        "twins": twins_json(offer),
    }


def route_json(decision: Decision) -> dict[str, Any]:
    """A decision."""
    route = decision.route
    return {
        "action": decision.action_id,
        "target": decision.target,
        "tier": None if decision.tier is None else str(decision.tier),
        "native": decision.native,
        "ladder": [
            {
                "tier": str(c.tier),
                "model": c.ref,
                "scripted": c.is_scripted,
                "availability": str(c.availability),
                "price": format_money(decision.estimate.cost(c.price)),
            }
            for c in route.ladder
        ],
        "estimate": {
            "inputTokens": decision.estimate.input_tokens,
            "outputTokens": decision.estimate.output_tokens,
        },
        "expected": _expected_json(route),
        "mostPicoUsd": decision.most_pico_usd,
        "reasons": reasons_json(route.reasons),
    }


def _expected_json(route: Route) -> dict[str, Any] | None:
    """What the ladder is expected to come to, on average over such requests."""
    expected = route.expected
    if expected is None:
        return None
    return {
        "picoUsd": round(expected.pico_usd),
        "seconds": round(expected.seconds, 1),
        "right": round(expected.right, 3),
        "wrong": round(expected.wrong, 3),
    }


def change_json(change: FileChange, root: Path) -> dict[str, Any]:
    """One file, with its new text and a diff."""
    shown = {"path": str(change.path), "after": change.after, "diff": diff_of(change, (root,))}
    return shown | {"subtask": change.annotation} if change.annotation else shown


def outcome_json(outcome: Proposal | Refusal, root: Path, *, is_applied: bool, problem: str | None) -> dict[str, Any]:
    """What came of a task; `root` is the project's folder."""
    common: dict[str, Any] = {
        "action": outcome.action_id,
        "cost": format_money(outcome.cost_pico_usd),
        "costPicoUsd": outcome.cost_pico_usd,
        "attempts": [attempt_json(attempt) for attempt in outcome.attempts],
        "reasons": reasons_json(outcome.reasons),
        "audit": None if outcome.audit is None else outcome.audit.to_json(),
    }
    if isinstance(outcome, Refusal):
        return {"status": "refused", "code": outcome.code, "message": outcome.words, **common}
    if problem is not None:
        return {"status": "refused", "code": "not-written", "message": problem, **common}
    return {
        "status": "applied" if is_applied else "proposed",
        "message": outcome.summary,
        "tier": str(outcome.tier),
        "model": outcome.model,
        "scripted": outcome.is_scripted,
        "files": [change_json(change, root) for change in outcome.changes],
        "notes": list(outcome.notes),
        **common,
    }


def print_offers(found: tuple[Offer, ...]) -> None:
    """The menu, a line each."""
    if not found:
        console().print("nothing applies here")
    width = max((len(offer.action_id) for offer in found), default=0)
    for offer in found:
        console().print(f"{offer.action_id:<{width}}  {offer.title}", markup=False)
        for twin in offer.twins:
            option = f"--tier {twin.tier}"
            console().print(f"{'':<{width}}    {twin.direction}: {twin.title}   [{option}]", markup=False)


def print_route(decision: Decision) -> None:
    """The ladder and the reasons."""
    out = console()
    out.print(f"{decision.action_id} on {decision.target!r}", markup=False)
    if decision.native is not None:
        out.print(f"  native: {decision.native}, without a model", markup=False)
    table = Table("tier", "model", "price of one call", box=None, pad_edge=False)
    for candidate in decision.route.ladder:
        name = f"{candidate.ref} (scripted)" if candidate.is_scripted else candidate.ref
        table.add_row(*map(Text, (candidate.tier, name, format_money(decision.estimate.cost(candidate.price)))))
    out.print(table)
    expected = decision.route.expected
    if expected is not None and decision.route.ladder and decision.native is None:
        words = (
            f"  expected: {format_money(round(expected.pico_usd))}, {expected.seconds:.0f} s, and {expected.right:.0%} "
            f"of such requests end with a right edit; at most {format_money(decision.most_pico_usd)}"
        )
        out.print(words, markup=False)
    for reason in decision.route.reasons:
        out.print(f"  because {reason.words} [{reason.code}]", markup=False)


def print_outcome(outcome: Proposal | Refusal, root: Path, *, is_applied: bool, problem: str | None) -> None:
    """The diff, who made it, what it cost, what could not be checked."""
    out = console()
    if isinstance(outcome, Proposal):
        for change in outcome.changes:
            out.print(diff_of(change, (root,)), markup=False, end="")
    for attempt in outcome.attempts:
        scripted = " (scripted)" if attempt.is_scripted else ""
        why = f": {attempt.detail or attempt.code}" if attempt.code else ""
        money = format_money(attempt.cost_pico_usd)
        out.print(f"  {attempt.tier}: {attempt.model}{scripted} {attempt.outcome}, {money}{why}", markup=False)
    if isinstance(outcome, Refusal):
        out.print(f"refused: {outcome.words} [{outcome.code}]", markup=False)
    elif problem is not None:
        out.print(f"refused: {problem} [not-written]", markup=False)
    else:
        for note in outcome.notes:
            out.print(f"  note: {note}", markup=False)
        written = " (written)" if is_applied else " (not written; add --apply to write it)"
        tail = written if outcome.changes else ""
        out.print(f"{outcome.summary}, {format_money(outcome.cost_pico_usd)}{tail}", markup=False)
