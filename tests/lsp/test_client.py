"""What clients say about themselves is read as they mean it."""

import json
from pathlib import Path
from typing import Any

import pytest
import pytest_lsp
from lsprotocol import converters, types

from tierwise.lsp.client import Client, EditSupport, client_of

CONVERTER = converters.get_converter()


def introduced(capabilities: Any, **more: Any) -> Client:
    """The client after its initialize request."""
    params = {"processId": None, "rootUri": None, "capabilities": capabilities, **more}
    return client_of(CONVERTER.structure(params, types.InitializeParams))


def recorded(name: str) -> Any:
    """Capabilities as a real editor sent them."""
    path = Path(pytest_lsp.__file__).parent / "clients" / f"{name}.json"
    return json.loads(path.read_text("utf-8"))["capabilities"]


def test_a_client_that_says_nothing_gets_the_least() -> None:
    assert introduced({}) == Client()


def test_vs_code_gets_everything_it_knows() -> None:
    client = introduced(recorded("visual_studio_code_v1.65.2"))
    assert client.edits.can_apply
    assert client.edits.has_document_changes
    assert client.edits.can_create
    assert client.actions.has_literals
    assert client.has_progress


def test_neovim_gets_versions_although_it_does_not_ask_for_them() -> None:
    client = introduced(recorded("neovim_v0.11.0"))
    assert client.edits.has_document_changes
    assert client.edits.can_create


@pytest.mark.parametrize(
    ("offered", "chosen"),
    [
        (None, "utf-16"),
        ([], "utf-16"),
        (["utf-8", "utf-16", "utf-32"], "utf-16"),
        (["utf-8"], "utf-8"),
        (["utf-32", "utf-8"], "utf-8"),
        (["utf-32"], "utf-32"),
        (["utf-7"], "utf-16"),
    ],
)
def test_the_encoding_every_server_shares_comes_first(offered: list[str] | None, chosen: str) -> None:
    general = {} if offered is None else {"positionEncodings": offered}
    assert introduced({"general": general}).encoding == chosen


@pytest.mark.parametrize("options", [None, 5, [], {"trusted": "yes", "settings": 3}, {"trusted": 1}])
def test_options_of_another_shape_count_as_none(options: Any) -> None:
    client = introduced({}, initializationOptions=options)
    assert not client.is_trusted
    assert client.settings == {}


def test_options_are_read() -> None:
    options = {"trusted": True, "settings": {"a": 1}, "proposals": True, "status": True, "instructionBox": True}
    client = introduced({}, initializationOptions=options)
    assert client.is_trusted
    assert client.settings == {"a": 1}
    assert client.wants_proposals
    assert client.wants_status
    assert client.has_instruction_box


def test_resource_operations_need_no_further_flag() -> None:
    client = introduced({"workspace": {"applyEdit": True, "workspaceEdit": {"resourceOperations": ["create"]}}})
    assert client.edits == EditSupport(can_apply=True, has_document_changes=True, can_create=True)
