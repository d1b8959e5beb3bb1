"""The lightbulb's entries."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from lsprotocol import types

from tierwise.actions import Diagnostic
from tierwise.dispatch import Offer
from tierwise.lsp.client import Client

RUN, ASK = "tierwise.run", "tierwise.do"
"""Our command, and the client's own that first asks the user for an instruction."""

Entry = types.CodeAction | types.Command


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where the menu was opened."""

    uri: str
    version: int | None
    range: types.Range
    reported: Mapping[Diagnostic, types.Diagnostic]
    """The client's diagnostics by ours."""


def entries(offered: Iterable[Offer], place: Place, client: Client, only: Sequence[str] | None) -> list[Entry]:
    """One entry per offer that the client asked for and can show, and per twin of it, in menu order, none twice."""
    found: list[Entry] = []
    seen: set[tuple[object, ...]] = set()
    for offer in offered:
        key = (offer.action_id, offer.target, offer.diagnostics, offer.instruction)
        if key in seen or not is_wanted(offer.kind, only):
            continue
        seen.add(key)
        arguments = arguments_of(offer, place)
        shown = [_entry(offer, arguments, client)]
        shown += [_entry(replace(offer, title=t.title), arguments | {"tier": str(t.tier)}, client) for t in offer.twins]
        found += [entry for entry in shown if entry is not None]
    return found


def is_wanted(kind: str, only: Sequence[str] | None) -> bool:
    """Whether a kind lies under one of those asked for; kinds are hierarchical, parted by dots."""
    return only is None or any(kind == wanted or not wanted or kind.startswith(f"{wanted}.") for wanted in only)


def unavailable(why: str) -> types.CodeAction:
    """An entry that cannot be chosen and says why."""
    return types.CodeAction(
        title="Tierwise", kind="refactor.rewrite.tierwise", disabled=types.CodeActionDisabled(reason=why)
    )


def arguments_of(offer: Offer, place: Place) -> dict[str, Any]:
    """What the command of an entry is called with."""
    reported = [place.reported[one] for one in offer.diagnostics if one in place.reported]
    arguments: dict[str, Any] = {
        "action": offer.action_id,
        "uri": place.uri,
        "range": reported[0].range if reported else place.range,
        "version": place.version,
    }
    if reported:
        arguments["diagnostics"] = reported
    if offer.instruction is not None:
        arguments["instruction"] = offer.instruction
    return arguments


def _entry(offer: Offer, arguments: dict[str, Any], client: Client) -> Entry | None:
    if offer.needs_instruction and not client.has_instruction_box:
        return None
    command = types.Command(title=offer.title, command=ASK if offer.needs_instruction else RUN, arguments=[arguments])
    if not client.actions.has_literals:
        return command if client.edits.can_apply and offer.disabled_reason is None else None
    entry = types.CodeAction(
        title=offer.title,
        kind=offer.kind,
        diagnostics=arguments.get("diagnostics"),
        data=arguments if client.actions.has_data else None,
    )
    if offer.is_model and client.actions.has_generated_tag:
        entry.tags = [types.CodeActionTag.LlmGenerated]
    if offer.disabled_reason is not None:
        entry.disabled = types.CodeActionDisabled(reason=offer.disabled_reason)
        return entry if client.actions.has_disabled else None
    if client.edits.can_apply:
        entry.command = command
    elif not (client.actions.has_data and client.actions.can_resolve_edit):
        return None
    return entry
