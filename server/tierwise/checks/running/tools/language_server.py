"""Asking a language server for its diagnostics of texts that it is told are in an editor."""

import asyncio
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tierwise.checks.running.tools.base import (
    TIMEOUT_S,
    Answer,
    Finding,
    Findings,
    Gravity,
    NotAsked,
    Place,
    Talk,
    Toolbox,
)
from tierwise.syntax.languages import PLAIN_TEXT, language_of

_MAX_MESSAGE = 1 << 24
_NO_SUCH_METHOD = -32601
_GRAVITY: dict[int, Gravity] = {1: "error", 2: "warning"}
"""Informations and hints are no diagnostics one would mend."""


async def ask_server(
    command: Sequence[str], place: Place, texts: Sequence[str], toolbox: Toolbox, settings: Mapping[str, Any]
) -> Answer:
    """Open the file with the first text, change it to each of the others, and ask for the diagnostics every time.

    `settings` answers the server's questions about its configuration, by section.
    """
    try:
        async with asyncio.timeout(TIMEOUT_S), toolbox.talk(command, cwd=place.root) as talk:
            return await _Session(talk, settings).ask(place, texts)
    except TimeoutError:
        return NotAsked(f"it did not answer within {TIMEOUT_S:g} s and was ended")
    except OSError as err:
        return NotAsked(f"it cannot be started ({err.strerror})")
    except (EOFError, ValueError, LookupError, TypeError):
        return NotAsked("it ended or answered with something that is not the language server protocol")


@dataclass
class _Session:
    """One conversation."""

    talk: Talk
    settings: Mapping[str, Any]
    n_requests: int = 0
    published: dict[tuple[str, int | None], list[Any]] = field(default_factory=dict)
    """Diagnostics the server sent by itself, by document and version."""
    opened: set[str] = field(default_factory=set)

    async def ask(self, place: Place, texts: Sequence[str]) -> Answer:
        root, uri = place.root.as_uri(), place.path.as_uri()
        document = {"diagnostic": {}, "publishDiagnostics": {"versionSupport": True}}
        capabilities = {"workspace": {"configuration": True, "workspaceFolders": True}, "textDocument": document}
        folders = [{"uri": root, "name": place.root.name}]
        start = {"processId": None, "rootUri": root, "workspaceFolders": folders, "capabilities": capabilities}
        await self._request("initialize", start)
        self._send({"method": "initialized", "params": {}})
        found: list[Findings] = []
        for version, text in enumerate(texts, 1):
            for path, content in {**place.beside_of(version - 1), place.path: text}.items():
                self._show(path.as_uri(), version, _language(path, place), content)
            found.append(_findings(await self._diagnostics(uri, version)))
        return tuple(found)

    def _show(self, uri: str, version: int, language: str, text: str) -> None:
        """Open a document or change all of it."""
        if uri in self.opened:
            changed = {"textDocument": {"uri": uri, "version": version}, "contentChanges": [{"text": text}]}
            self._send({"method": "textDocument/didChange", "params": changed})
        else:
            self.opened.add(uri)
            opened = {"uri": uri, "languageId": language, "version": version, "text": text}
            self._send({"method": "textDocument/didOpen", "params": {"textDocument": opened}})

    async def _diagnostics(self, uri: str, version: int) -> list[Any]:
        answer = await self._request("textDocument/diagnostic", {"textDocument": {"uri": uri}})
        if "result" in answer:
            return list(answer["result"]["items"])
        if answer["error"]["code"] != _NO_SUCH_METHOD:
            raise ValueError(answer["error"]["message"])
        # Servers from before this request send what they find when they are done.
        while (uri, version) not in self.published:
            self._take(await self._read())
        return self.published[uri, version]

    async def _request(self, method: str, params: Mapping[str, Any]) -> dict[str, Any]:
        self.n_requests += 1
        own_id = self.n_requests
        self._send({"id": own_id, "method": method, "params": params})
        while True:
            message = await self._read()
            if "method" not in message and message.get("id") == own_id:
                return message
            self._take(message)

    def _take(self, message: Mapping[str, Any]) -> None:
        """Answer what the server asks, and keep what it publishes."""
        if message.get("method") == "textDocument/publishDiagnostics":
            params = message["params"]
            self.published[params["uri"], params.get("version")] = params["diagnostics"]
        if "method" not in message or "id" not in message:
            return
        result: Any = None
        if message["method"] == "workspace/configuration":
            result = [self.settings.get(item.get("section") or "") for item in message["params"]["items"]]
        self._send({"id": message["id"], "result": result})

    def _send(self, message: Mapping[str, Any]) -> None:
        body = json.dumps({"jsonrpc": "2.0", **message}).encode()
        self.talk.writer.write(b"Content-Length: %d\r\n\r\n%b" % (len(body), body))

    async def _read(self) -> dict[str, Any]:
        size = 0
        while line := (await self.talk.reader.readuntil(b"\n")).strip():
            name, _, value = line.partition(b":")
            if name.lower() == b"content-length":
                size = int(value)
        if _MAX_MESSAGE < size:
            raise ValueError("the message is too long")
        message: dict[str, Any] = json.loads(await self.talk.reader.readexactly(size))
        return message


def _language(path: Path, place: Place) -> str:
    """The protocol's name for the language of a file, which its grammar cannot always tell."""
    named = language_of(str(path))
    return place.language if named == PLAIN_TEXT else named


def _findings(items: Sequence[Any]) -> Findings:
    return tuple(
        Finding(
            str(item.get("code") or ""),
            str(item["message"]),
            int(item["range"]["start"]["line"]) + 1,
            _GRAVITY[item.get("severity", 1)],
        )
        for item in items
        if item.get("severity", 1) in _GRAVITY
    )
