"""Offers become entries that the client at hand can show."""

from dataclasses import replace
from typing import Any

import pytest
from lsprotocol import types

from tierwise.actions import Diagnostic
from tierwise.dispatch import Offer
from tierwise.lsp.client import ActionSupport, Client, EditSupport
from tierwise.lsp.menu import Place, entries, is_wanted
from tierwise.routing.tiers import Tier
from tierwise.text import Span

HERE = types.Range(types.Position(1, 0), types.Position(1, 4))
THERE = types.Range(types.Position(1, 1), types.Position(1, 2))
PROBLEM = Diagnostic(span=Span(1, 2), message="unused", code="F401", source="Ruff")
REPORTED = types.Diagnostic(range=THERE, message="unused", code="F401", source="Ruff")
PLACE = Place(uri="file:///a.py", version=4, range=HERE, reported={PROBLEM: REPORTED})
FULL = Client(
    edits=EditSupport(can_apply=True, has_document_changes=True),
    actions=ActionSupport(has_literals=True, has_data=True, has_disabled=True, has_generated_tag=True),
)
OFFER = Offer(
    action_id="document",
    title="Document f · glm · ≈ 0.1 ¢",
    kind="refactor.rewrite.tierwise.document",
    target=Span(0, 9),
    diagnostics=(),
    tier=Tier.BULK,
    model="glm",
    price_pico_usd=1,
    needs_instruction=False,
    instruction=None,
    is_quick_fix=False,
    is_model=True,
    reasons=(),
)
FIX = replace(OFFER, action_id="fix_diagnostic", kind="quickfix.tierwise.fixDiagnostic", diagnostics=(PROBLEM,))


def only_entry(offer: Offer, client: Client = FULL) -> Any:
    """The one entry of an offer, or None."""
    found = entries([offer], PLACE, client, None)
    return found[0] if found else None


def test_a_model_is_tagged_and_a_native_tool_is_not() -> None:
    assert only_entry(OFFER).tags == [types.CodeActionTag.LlmGenerated]
    assert only_entry(replace(OFFER, is_model=False)).tags is None
    untagged = replace(FULL, actions=replace(FULL.actions, has_generated_tag=False))
    assert only_entry(OFFER, untagged).tags is None


def test_a_fix_carries_its_diagnostic_and_its_place() -> None:
    entry = only_entry(FIX)
    assert entry.diagnostics == [REPORTED]
    (arguments,) = entry.command.arguments
    assert arguments["range"] == THERE
    assert arguments["diagnostics"] == [REPORTED]


def test_the_same_offer_is_shown_once() -> None:
    assert len(entries([OFFER, OFFER, replace(OFFER, title="Other words"), FIX, FIX], PLACE, FULL, None)) == 2


def test_an_entry_never_claims_precedence_nor_brings_an_edit() -> None:
    entry = only_entry(OFFER)
    assert (entry.is_preferred, entry.edit) == (None, None)
    assert entry.data == entry.command.arguments[0]


@pytest.mark.parametrize(("has_box", "command"), [(True, "tierwise.do"), (False, None)])
def test_what_needs_an_instruction_needs_a_client_that_asks_for_it(has_box: bool, command: str | None) -> None:
    client = replace(FULL, has_instruction_box=has_box)
    entry = only_entry(replace(OFFER, needs_instruction=True), client)
    assert (entry.command.command if entry else None) == command


def test_an_instruction_from_a_comment_goes_along() -> None:
    entry = only_entry(replace(OFFER, instruction="sort them"))
    assert entry.command.arguments[0]["instruction"] == "sort them"


def test_what_is_not_possible_now_says_why_where_the_client_can_show_it() -> None:
    offer = replace(OFFER, disabled_reason="no model")
    assert only_entry(offer).disabled.reason == "no model"
    assert only_entry(offer).command is None
    assert only_entry(offer, replace(FULL, actions=replace(FULL.actions, has_disabled=False))) is None


def test_old_clients_get_bare_commands() -> None:
    entry = only_entry(OFFER, replace(FULL, actions=ActionSupport()))
    assert isinstance(entry, types.Command)
    assert entry.command == "tierwise.run"


def test_without_apply_edit_an_entry_is_filled_by_resolving_or_not_shown() -> None:
    resolving = replace(FULL, edits=EditSupport(), actions=replace(FULL.actions, can_resolve_edit=True))
    assert only_entry(OFFER, resolving).command is None
    assert only_entry(OFFER, resolving).data["action"] == "document"
    assert only_entry(OFFER, replace(FULL, edits=EditSupport())) is None
    assert only_entry(OFFER, Client()) is None


@pytest.mark.parametrize(
    ("only", "is_shown"),
    [(None, True), ([""], True), (["refactor"], True), (["refactor.rewrite.tierwise.document"], True),
     (["refactor.re"], False), (["quickfix", "source"], False), ([], False)],
)  # fmt: skip
def test_kinds_are_hierarchical(only: list[str] | None, is_shown: bool) -> None:
    assert is_wanted(OFFER.kind, only) is is_shown
