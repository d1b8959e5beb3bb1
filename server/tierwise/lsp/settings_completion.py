"""Completion in settings files, for clients that let a server say for which files alone it completes."""

import logging
from pathlib import Path

from lsprotocol import types
from pygls.exceptions import JsonRpcException

from tierwise.config import user_config_file
from tierwise.config.completing import Suggestion, suggest
from tierwise.config.files import WORKSPACE_FILE
from tierwise.lsp.carrying import Wire
from tierwise.lsp.documents import Documents
from tierwise.text.uris import path_of

logger = logging.getLogger(__name__)

_KINDS = {
    "table": types.CompletionItemKind.Module,
    "key": types.CompletionItemKind.Property,
    "value": types.CompletionItemKind.EnumMember,
}


async def register(wire: Wire) -> None:
    """Ask to be asked for completions in settings files, and in no other."""
    patterns = (f"**/{WORKSPACE_FILE}", user_config_file().as_posix())
    options = types.CompletionRegistrationOptions(
        document_selector=[types.TextDocumentFilterPattern(pattern=pattern, scheme="file") for pattern in patterns],
        trigger_characters=["[", ".", '"'],
    )
    method = types.TEXT_DOCUMENT_COMPLETION
    registration = types.Registration(id="tierwise-settings", method=method, register_options=options)
    try:
        await wire.ask(types.CLIENT_REGISTER_CAPABILITY, types.RegistrationParams(registrations=[registration]))
    except (JsonRpcException, TimeoutError) as refused:
        logger.info("settings files are not completed, the client refused: %s", type(refused).__name__)


def complete(documents: Documents, params: types.CompletionParams) -> list[types.CompletionItem]:
    """What can be written where the cursor is; nothing in files that are no settings."""
    uri, here = params.text_document.uri, params.position
    snapshot, path = documents.snapshot(uri), path_of(uri)
    if snapshot is None or path is None or not _is_settings(path):
        return []
    offset = documents.span(uri, types.Range(here, here)).start
    return [_item(n, one, here) for n, one in enumerate(suggest(snapshot.text, offset))]


def _is_settings(path: Path) -> bool:
    return path.name == WORKSPACE_FILE or path == user_config_file()


def _item(order: int, one: Suggestion, here: types.Position) -> types.CompletionItem:
    # What is replaced is a bare name or a quoted word, one unit for each character in every encoding.
    start = types.Position(here.line, here.character - one.replaces)
    return types.CompletionItem(
        label=one.label,
        kind=_KINDS[one.kind],
        documentation=one.words or None,
        filter_text=one.insert,
        sort_text=f"{order:04}",
        text_edit=types.TextEdit(types.Range(start, here), one.insert),
    )
