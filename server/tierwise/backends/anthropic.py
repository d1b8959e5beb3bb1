"""Anthropic's own interface: one request, one stream, strictly read.

It is spoken over httpx2 and its reader of server-sent events. Anthropic's SDK would take 67 MB of memory and two
seconds of computing in every window (measured with 2.12: 3,286 modules, most of them for products beside the chat).
"""

import asyncio
import hashlib
import time
from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing
from typing import Any

import httpx2
from pydantic import ValidationError

from tierwise.backends.anthropic_wire import STATUS_OF_ERROR, Counts, Dialect, Event, front_of, learn, take
from tierwise.backends.base import BackendError, ChatRequest, Completion, FailureKind, Health, Outgoing
from tierwise.backends.clocks import RunningClocks
from tierwise.backends.door import Door
from tierwise.backends.draft import Draft
from tierwise.backends.drain import drain
from tierwise.backends.egress import Egress
from tierwise.backends.failures import HttpFailure, Site, error_of, failure_of_error, failure_of_status
from tierwise.backends.gate_httpx2 import client
from tierwise.backends.openai_compatible import ModelList, window_of
from tierwise.backends.options import AnthropicOptions
from tierwise.backends.origins import Origin
from tierwise.backends.probing import PROBE_S, failed_probe, probed
from tierwise.backends.turns import Turns
from tierwise.backends.wire import EVENT_STREAM

MESSAGES_PATH = "/v1/messages"
KEPT_S = 300.0
"""Seconds the provider keeps what was put into its cache; each use begins them anew."""
_MOST_FRONTS = 64


class AnthropicBackend:
    """The configured address with its key."""

    def __init__(self, options: AnthropicOptions, key: str | None, egress: Egress) -> None:
        origin = Origin.of(options.base_url)
        self._options = options
        self._site = site_of(options, origin)
        self._turns = Turns(options.n_concurrent, self._site.name)
        door = Door(
            origin=origin,
            site=self._site,
            key=key,
            key_form="x-api-key",
            chat_path=MESSAGES_PATH,
            stream_types=EVENT_STREAM,
            proxy=options.proxy_origin,
        )
        self._http = client(egress.open(door), httpx2.Timeout(None, connect=options.connect_timeout_s))
        self._dialect = Dialect(effort=options.effort, extra=dict(options.extra_body))
        self._dialects: dict[str, Dialect] = {}
        self._fronts: dict[bytes, float] = {}

    async def complete(self, request: ChatRequest, on_text: Callable[[str], None]) -> Completion:
        """Stream one reply. Raises BackendError."""
        clocks = RunningClocks(self._options.clocks, request.deadline_s, self._site.name)
        draft = Draft(request, clocks, on_text, self._site.name)
        with draft.accounted():
            async with clocks, self._turns.one():
                await self._stream(request, draft, clocks)
            if self._options.is_on_this_machine:
                draft.check_prompt_was_read()
            return draft.completion()

    def outgoing(self, request: ChatRequest) -> Outgoing:
        """What `complete` would send."""
        body = self._dialect_of(request.model).body(request, is_cached=self._is_worth_caching(request, is_sent=False))
        url = self._options.base_url + MESSAGES_PATH
        return Outgoing(url=url, body=body, is_on_this_machine=self._options.is_on_this_machine)

    async def count(self, request: ChatRequest) -> int:
        """The tokens of a prompt, counted by the server without cost. Raises BackendError and HttpFailure."""
        body = self._dialect_of(request.model).body(request, is_cached=False)
        asked = {name: body[name] for name in ("model", "system", "messages", "tools", "tool_choice") if name in body}
        answer = await self._http.post(f"{self._options.base_url}{MESSAGES_PATH}/count_tokens", json=asked)
        try:
            n_tokens = answer.json()["input_tokens"]
        except (ValueError, TypeError, KeyError) as err:
            raise self._strange("a count of tokens that is none") from err
        if not isinstance(n_tokens, int):
            raise self._strange("a count of tokens that is none")
        return n_tokens

    async def probe(self, models: tuple[str, ...] = ()) -> Health:
        """Ask for the list of models, which costs nothing."""
        try:
            async with asyncio.timeout(PROBE_S):
                answer = await self._http.get(f"{self._options.base_url}/v1/models", params={"limit": 1000})
            listed = ModelList.model_validate_json(answer.content)
        except (HttpFailure, BackendError, TimeoutError) as err:
            return failed_probe(self._site, err)
        except ValidationError:
            return Health(is_reachable=True)
        names = tuple(str(entry.get("id")) for entry in listed.data)
        windows = {str(entry.get("id")): window for entry in listed.data if (window := window_of(entry)) is not None}
        windows |= {model: windows[full] for model in models if (full := _listed(model, names)) in windows}
        missing = [model for model in models if _listed(model, names) is None]
        return probed(
            self._site, (*names, *(m for m in models if m not in missing and m not in names)), windows, missing
        )

    async def aclose(self) -> None:
        """Close all connections."""
        await self._http.aclose()

    async def _stream(self, request: ChatRequest, draft: Draft, clocks: RunningClocks) -> None:
        clocks.start()
        if self._options.count_tokens:
            await self._check_fits(request)
        while True:
            dialect = self._dialect_of(request.model)
            body = dialect.body(request, is_cached=self._is_worth_caching(request))
            try:
                async with aclosing(self._events(request.model, body)) as events:
                    await _read(events, draft)
            except HttpFailure as err:
                learnt = learn(dialect, err)
                if learnt is None:
                    raise failure_of_status(self._site, request.model, err) from err
                self._dialects[request.model] = learnt
                clocks.start()
            else:
                return

    async def _check_fits(self, request: ChatRequest) -> None:
        try:
            n_tokens = await self.count(request)
        except HttpFailure as err:
            raise failure_of_status(self._site, request.model, err) from err
        if request.window is not None and request.window < n_tokens + request.max_output_tokens:
            words = (
                f"the request has {n_tokens} tokens, which with {request.max_output_tokens} for the reply do not fit"
                f" the window of {request.model!r}, {request.window}: select less code"
            )
            raise BackendError(FailureKind.TOO_LONG, words)

    async def _events(self, model: str, body: dict[str, Any]) -> AsyncGenerator[Event, None]:
        url = self._options.base_url + MESSAGES_PATH
        async with self._http.stream("POST", url, json=body, headers={"accept": "text/event-stream"}) as response:
            try:
                async for event in httpx2.EventSource(response):
                    yield self._checked(model, Event.model_validate_json(event.data))
            except ValidationError as err:
                raise self._strange("an event of an unknown shape") from err
            except httpx2.SSEError as err:
                raise self._strange("an event without an end") from err

    def _checked(self, model: str, event: Event) -> Event:
        if event.type != "error":
            return event
        error = error_of({"error": event.error})
        raise failure_of_error(self._site, model, STATUS_OF_ERROR.get(error.code, 500), error)

    def _dialect_of(self, model: str) -> Dialect:
        return self._dialects.get(model, self._dialect)

    def _is_worth_caching(self, request: ChatRequest, *, is_sent: bool = True) -> bool:
        """Whether what is paid for putting a prompt's front into the cache is likely to come back."""
        match self._options.cache:
            case "always":
                return True
            case "never":
                return False
            case "auto":
                now = time.monotonic()
                front = hashlib.blake2b(front_of(request).encode("utf-8", "surrogatepass"), digest_size=16).digest()
                seen = self._fronts.get(front)
                if is_sent:
                    self._fronts.pop(front, None)
                    self._fronts[front] = now
                while _MOST_FRONTS < len(self._fronts):
                    del self._fronts[next(iter(self._fronts))]
                return seen is not None and now - seen < KEPT_S

    def _strange(self, what: str) -> BackendError:
        return BackendError(FailureKind.PROTOCOL, f"{self._site.name} sent {what}, so its reply was not used")


async def _read(events: AsyncGenerator[Event, None], draft: Draft) -> None:
    """Fill the draft; what comes after the end is not waited for."""
    counts = Counts()
    async for event in events:
        take(event, draft, counts)
        if draft.is_ended:
            await drain(events)
            return


def _listed(model: str, names: tuple[str, ...]) -> str | None:
    """The name under which a server lists a model; a name without a date stands for its newest release."""
    if model in names:
        return model
    return next((name for name in names if name.removeprefix(f"{model}-").isdigit()), None)


def site_of(options: AnthropicOptions, origin: Origin) -> Site:
    """Who is asked, in words."""
    remote = "check the network connection and this backend's base_url"
    return Site(
        name=f"{origin.host}:{origin.port}" if origin.is_loopback else origin.host,
        when_down="start the server there or correct this backend's base_url" if origin.is_loopback else remote,
        when_key_refused=f"check {options.key_words}",
        when_model_missing="name another one in the configuration",
    )
