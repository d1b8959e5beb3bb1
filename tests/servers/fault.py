"""A model server that speaks OpenAI's, Ollama's and Anthropic's protocols and fails on demand.

In a test: `async with FaultServer() as server: …`. From the command line, with the tests folder on the path:
`python -m servers.fault --port 0 --script FILE`, which prints the address. The script is what `/_control` takes.
"""

import argparse
import asyncio
import contextlib
import json
import time
from pathlib import Path
from types import ModuleType
from typing import Any

from servers import anthropic_wire, ollama_wire, openai_wire
from servers.anthropic_wire import AnthropicWire, Caching
from servers.control import apply_control, control
from servers.exchange import Exchange, Wire
from servers.faults import FAULTS
from servers.http_wire import Listener, Request, Responder
from servers.ollama_wire import DEFAULT_NUM_CTX, OllamaWire, listed_model, shown_model
from servers.openai_wire import OpenAIWire
from servers.scenarios import BYTES_PER_TOKEN, Book, Call, Scenario, count_tokens

VERSION = "0.30.0"
CHATS = ("/v1/chat/completions", "/api/chat", "/v1/messages")


class FaultServer(Listener):
    """Serves all protocols on one loopback port; `url` is Ollama's host and Anthropic's base URL."""

    def __init__(self, book: Book | None = None, port: int = 0) -> None:
        super().__init__(self._dispatch, port)
        self.book = book or Book()

    @property
    def openai_url(self) -> str:
        """OpenAI's base URL."""
        return f"{self.url}/v1"

    async def _dispatch(self, request: Request, reader: asyncio.StreamReader, out: Responder) -> None:
        if request.path.startswith("/_control"):
            await control(self.book, request, out)
        else:
            await self._answer_watched(request, reader, out)

    async def _answer_watched(self, request: Request, reader: asyncio.StreamReader, out: Responder) -> None:
        call = Call(
            number=len(self.book.calls),
            method=request.method,
            path=request.path,
            headers=request.headers,
            body=request.document,
        )
        self.book.calls.append(call)
        await self.book.note()
        answering = asyncio.create_task(self._answer(call, out))
        watching = asyncio.create_task(reader.read(1))
        try:
            await asyncio.wait((answering, watching), return_when=asyncio.FIRST_COMPLETED)
            call.has_closed_early = not answering.done() or isinstance(answering.exception(), ConnectionError)
        finally:
            out.must_close |= watching.done()
            await _end(answering)
            await _end(watching)
            call.ended = time.monotonic()
            await self.book.note()

    async def _answer(self, call: Call, out: Responder) -> None:
        if call.path == "/health":
            await out.document(200, {"status": "ok"})
        elif self.book.key is not None and not _carries(call, self.book.key):
            await _error(call, Scenario(fault="status", status=401), out)
        elif call.path in CHATS:
            await self._chat(call, out)
        else:
            await self._document(call, out)

    async def _chat(self, call: Call, out: Responder) -> None:
        scenario = self.book.scenario_for(call)
        call.scenario = scenario.fault if scenario.fault != "status" else f"status-{scenario.status}"
        if not self.book.has_model(call.model):
            scenario = Scenario(fault="status", status=404)
        if scenario.fault == "status":
            await _error(call, scenario, out)
            return
        exchange = self._exchange(call, scenario, out)
        if isinstance(exchange, Scenario):
            await _error(call, exchange, out)
        elif call.body.get("stream", call.path == "/api/chat"):
            await FAULTS[scenario.fault](exchange)
        else:
            module = _module(call)
            await out.document(200, module.completion_document(call, exchange.text, exchange.finish, exchange.usage))

    def _exchange(self, call: Call, scenario: Scenario, out: Responder) -> Exchange | Scenario:
        seen = _see(call, self.book.window_of(call.model), heeds_truncate=self.book.heeds_truncate)
        if isinstance(seen, Scenario):
            return seen
        prompt, n_input = seen
        text = self.book.reply_to(call, prompt) if scenario.reply is None else scenario.reply
        limit = _limit(call)
        n_output = count_tokens(text)
        is_cut = limit is not None and limit < n_output
        return Exchange(
            call=call,
            scenario=scenario,
            wire=self._wire(call, n_input, scenario),
            out=out,
            note=self.book.note,
            text=_head(text, limit) if is_cut and limit is not None else text,
            n_input=n_input,
            n_output=limit if is_cut and limit is not None else n_output,
            finish="length" if is_cut else "stop",
        )

    def _wire(self, call: Call, n_input: int, scenario: Scenario) -> Wire:
        match call.path:
            case "/api/chat":
                return OllamaWire(call)
            case "/v1/messages":
                return AnthropicWire(call, n_input, scenario, Caching(call, self.book.fronts, count_tokens))
            case _:
                return OpenAIWire(call)

    async def _document(self, call: Call, out: Responder) -> None:
        names = list(self.book.models or ("qwen2.5-coder:7b",))
        asked = call.model or (call.body or {}).get("name", "")
        match call.path.partition("?")[0]:
            case "/api/version":
                await out.document(200, {"version": VERSION})
            case "/api/tags" | "/api/ps":
                await out.document(200, {"models": [listed_model(name) for name in names]})
            case "/api/show" if self.book.has_model(asked):
                await out.document(200, shown_model(self.book.window_of(asked), self.book.remote_host))
            case "/v1/models":
                rows = [{"id": name, "object": "model", "created": 1, "owned_by": "fault"} for name in names]
                if "x-api-key" in call.headers or "anthropic-version" in call.headers:
                    rows = [
                        anthropic_wire.listed_model(name, self.book.window_of(name)) | {"id": name} for name in names
                    ]
                await out.document(200, {"object": "list", "data": rows, "has_more": False})
            case "/v1/messages/count_tokens":
                n_tokens = sum(count_tokens(message["content"]) for message in call.messages)
                await out.document(200, {"input_tokens": n_tokens})
            case _:
                await _error(call, Scenario(fault="status", status=404), out)


def _see(call: Call, window: int, *, heeds_truncate: bool) -> tuple[str, int] | Scenario:
    """What of the prompt the model sees and how many tokens that is; or the error for a prompt that is too long.

    Ollama keeps half of its window and two tokens of a prompt that does not fit, and says nothing.
    """
    contents = [message["content"] for message in call.messages]
    n_tokens = sum(map(count_tokens, contents))
    last = next((m["content"] for m in reversed(call.messages) if m.get("role") == "user"), "")
    if call.path != "/api/chat":
        if n_tokens + (_limit(call) or 0) <= window:
            return last, n_tokens
        if call.path == "/v1/messages":
            message = f"prompt is too long: {n_tokens} tokens > {window} maximum"
            return Scenario(fault="status", status=400, message=message)
        message = (
            f"This model's maximum context length is {window} tokens. However, you requested"
            f" {n_tokens + (_limit(call) or 0)} tokens. Please reduce the length of the messages."
        )
        return Scenario(fault="status", status=400, message=message, code="context_length_exceeded")
    num_ctx = min((call.body.get("options") or {}).get("num_ctx", DEFAULT_NUM_CTX), window)
    if n_tokens < num_ctx:
        return last, n_tokens
    if heeds_truncate and call.body.get("truncate") is False:
        return Scenario(fault="status", status=400, message="the input length exceeds the context length")
    kept = num_ctx // 2 + 2
    return last.encode()[-kept * BYTES_PER_TOKEN :].decode("utf-8", "ignore"), kept


def _limit(call: Call) -> int | None:
    if call.path == "/api/chat":
        limit = (call.body.get("options") or {}).get("num_predict")
    else:
        limit = call.body.get("max_completion_tokens", call.body.get("max_tokens"))
    return limit if isinstance(limit, int) and 0 < limit else None


def _head(text: str, n_tokens: int) -> str:
    return text.encode()[: n_tokens * BYTES_PER_TOKEN].decode("utf-8", "ignore")


def _carries(call: Call, key: str) -> bool:
    if call.path.startswith("/v1/messages"):
        return call.headers.get("x-api-key") == key
    return f"Bearer {key}" == call.headers.get("authorization") or call.headers.get("x-api-key") == key


def _module(call: Call) -> ModuleType:
    if call.path.startswith("/v1/messages"):
        return anthropic_wire
    return ollama_wire if call.path.startswith("/api/") else openai_wire


async def _error(call: Call, scenario: Scenario, out: Responder) -> None:
    await out.document(scenario.status, _module(call).error_document(scenario, call), scenario.headers)


async def _end(task: "asyncio.Task[Any]") -> None:
    task.cancel()
    await asyncio.wait((task,))
    error = None if task.cancelled() else task.exception()
    if error is not None and not isinstance(error, ConnectionError):
        raise error


async def _run(book: Book, port: int) -> None:
    async with FaultServer(book, port) as server:
        print(server.url, flush=True)
        await asyncio.Event().wait()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="A model server for tests.")
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--script", type=Path)
    given = parser.parse_args()
    arranged = Book()
    if given.script is not None:
        apply_control(arranged, json.loads(given.script.read_text(encoding="utf-8")))
    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(_run(arranged, given.port))
