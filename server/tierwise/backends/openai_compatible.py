"""Any server that speaks OpenAI's chat completions."""

from collections.abc import Callable
from typing import Any

from pydantic import BaseModel, ValidationError

from tierwise.backends.base import BackendError, ChatRequest, Completion, Health, Outgoing
from tierwise.backends.clocks import RunningClocks
from tierwise.backends.door import Door
from tierwise.backends.draft import Draft
from tierwise.backends.egress import Egress
from tierwise.backends.failures import HttpFailure, Site
from tierwise.backends.openai_chat import ChatClient
from tierwise.backends.openai_quirks import CHAT_PATH, Quirks
from tierwise.backends.options import OpenAIOptions
from tierwise.backends.origins import Origin
from tierwise.backends.probing import PROBE_S, failed_probe, probed
from tierwise.backends.turns import Turns
from tierwise.backends.wire import EVENT_STREAM

WINDOW_FIELDS = ("context_length", "context_window", "max_model_len", "max_input_tokens")


class ModelList(BaseModel):
    """What `/models` answers."""

    data: list[dict[str, Any]]


class OpenAIBackend:
    """A configured address with its key."""

    def __init__(self, options: OpenAIOptions, key: str | None, egress: Egress) -> None:
        origin = Origin.of(options.base_url)
        self._options = options
        self._site = site_of(options, origin)
        self._turns = Turns(options.n_concurrent, self._site.name)
        is_fixed = options.output_limit_field != "auto"
        limit_field = "max_completion_tokens" if origin.host == "api.openai.com" else "max_tokens"
        quirks = Quirks(
            limit_field=options.output_limit_field if is_fixed else limit_field,
            has_swapped_limit=is_fixed,
            extra=dict(options.extra_body),
        )
        self.first_quirks = quirks
        door = Door(
            origin=origin,
            site=self._site,
            key=key,
            chat_path=CHAT_PATH,
            stream_types=EVENT_STREAM,
            proxy=options.proxy_origin,
        )
        self._client = ChatClient(egress.open(door), options.base_url, options.connect_timeout_s, quirks)

    async def complete(self, request: ChatRequest, on_text: Callable[[str], None]) -> Completion:
        """Stream one reply. Raises BackendError."""
        clocks = RunningClocks(self._options.clocks, request.deadline_s, self._site.name)
        draft = Draft(request, clocks, on_text, self._site.name)
        with draft.accounted():
            async with clocks, self._turns.one():
                await self._client.stream(request, draft, clocks)
            if self._options.is_on_this_machine:
                draft.check_prompt_was_read()
            return draft.completion()

    def outgoing(self, request: ChatRequest) -> Outgoing:
        """What `complete` would send."""
        return Outgoing(
            url=self._options.base_url.rstrip("/") + CHAT_PATH,
            body=self._client.body(request),
            is_on_this_machine=self._options.is_on_this_machine,
        )

    async def probe(self, models: tuple[str, ...] = ()) -> Health:
        """Ask for the list of models, which costs nothing; servers without one count as reachable."""
        try:
            listed = ModelList.model_validate(await self._client.get("/models", PROBE_S))
        except (HttpFailure, BackendError, TimeoutError) as err:
            return failed_probe(self._site, err)
        except ValidationError:
            return Health(is_reachable=True)
        names = tuple(str(entry.get("id")) for entry in listed.data)
        windows = {str(entry.get("id")): window for entry in listed.data if (window := window_of(entry)) is not None}
        return probed(self._site, names, windows, [model for model in models if model not in names])

    async def aclose(self) -> None:
        """Close all connections."""
        await self._client.aclose()


def site_of(options: OpenAIOptions, origin: Origin) -> Site:
    """Who is asked, in words."""
    remote = "check the network connection and this backend's base_url"
    return Site(
        name=f"{origin.host}:{origin.port}" if origin.is_loopback else origin.host,
        when_down="start the server there or correct this backend's base_url" if origin.is_loopback else remote,
        when_key_refused=f"check {options.key_words}",
        when_model_missing="name another one in the configuration",
    )


def window_of(entry: dict[str, Any]) -> int | None:
    """The window some servers list beside a model's name."""
    for name in WINDOW_FIELDS:
        if isinstance(window := entry.get(name), int) and 0 < window:
            return window
    return None
