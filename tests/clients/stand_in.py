"""A client with the capabilities another editor sends, which does with edits what that editor does."""

import contextlib
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lsprotocol import types
from pytest_lsp.client import make_test_lsp_client

from e2e.editor import Editor, environment, prepared
from e2e.loaded import tierwise
from tierwise.text.uris import path_of

FOLDER = Path(__file__).resolve().parent / "capabilities"


@dataclass(frozen=True)
class Described:
    """What is known of an editor from its sources."""

    name: str
    source: str
    client_info: dict[str, str] | None
    capabilities: dict[str, Any]
    takes: dict[str, Any]


def described() -> tuple[Described, ...]:
    """All editors there is a file for."""
    found = []
    for file in sorted(FOLDER.glob("*.json")):
        raw = json.loads(file.read_text("utf-8"))
        found.append(Described(file.stem, raw["source"], raw["clientInfo"], raw["capabilities"], raw["takes"]))
    return tuple(found)


class StandIn(Editor):
    """Applies edits as the editor it stands for does, and writes files where that editor does."""

    takes: dict[str, Any]

    def apply(self, params: types.ApplyWorkspaceEditParams) -> types.ApplyWorkspaceEditResult:
        """Hold an edit against versions only where the editor does; carry out what it says it can."""
        edit = self.client.protocol._converter.unstructure(params.edit)
        assert self.takes["creates"] or not _operations(edit), "an operation the editor does not know"
        for part in edit.get("documentChanges", ()):
            if "kind" not in part and self.takes["versions"] and self._is_stale(part["textDocument"]):
                return types.ApplyWorkspaceEditResult(applied=False, failure_reason="outdated workspace edit")
        for part in edit.get("documentChanges", ()):
            if part.get("kind") == "create":
                self._create(part)
            elif part.get("kind") == "delete":
                self._path(part["uri"]).unlink()
            elif "kind" not in part:
                self._take_part(part["textDocument"]["uri"], part["edits"])
        for uri, edits in edit.get("changes", {}).items():
            self._take_part(uri, edits)
        return types.ApplyWorkspaceEditResult(applied=True)

    def _is_stale(self, document: dict[str, Any]) -> bool:
        return document["version"] not in (None, self.versions.get(document["uri"]))

    def _create(self, part: dict[str, Any]) -> None:
        path = self._path(part["uri"])
        options = part.get("options") or {}
        if path.exists():
            assert options.get("ignoreIfExists"), "a file that is there would be emptied"
        else:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(b"")

    def _take_part(self, uri: str, edits: list[Any]) -> None:
        if uri not in self.texts:
            self.texts[uri] = self._path(uri).read_bytes().decode()
        self._edit(uri, edits)
        if uri not in self.versions:
            self._path(uri).write_bytes(self.texts.pop(uri).encode())

    @staticmethod
    def _path(uri: str) -> Path:
        path = path_of(uri)
        assert path is not None
        return path


def _operations(edit: dict[str, Any]) -> list[str]:
    return [part["kind"] for part in edit.get("documentChanges", ()) if "kind" in part]


@contextlib.asynccontextmanager
async def standing_in(root: Path, config: str, editor: Described) -> AsyncIterator[StandIn]:
    """A server on a workspace and a client that introduces itself as the editor does."""
    home = prepared(root, config)
    client = make_test_lsp_client()
    stand_in = StandIn(client, root)
    stand_in.takes = editor.takes
    await client.start_io(*tierwise("serve"), env=environment(home))
    converter = client.protocol._converter
    params: types.InitializeParams = converter.structure(
        {
            "processId": None,
            "rootUri": root.as_uri(),
            "workspaceFolders": [{"uri": root.as_uri(), "name": root.name}],
            "clientInfo": editor.client_info,
            "capabilities": editor.capabilities,
        },
        types.InitializeParams,
    )
    answer = await client.initialize_session(params)
    chosen = answer.capabilities.position_encoding
    stand_in.encoding = str(getattr(chosen, "value", chosen))
    try:
        yield stand_in
    finally:
        await client.shutdown_session()
        await client.stop()  # type: ignore[no-untyped-call]
