"""What the tests of the backends share: requests, small clocks, and the one way to make a call."""

import asyncio
from dataclasses import dataclass, field

from servers.fault import FaultServer
from tierwise.backends.base import Backend, BackendError, ChatMessage, ChatRequest, Completion
from tierwise.backends.options import AnthropicOptions, AnyBackendOptions, OllamaOptions, OpenAIOptions
from tierwise.backends.registry import connect

QUICK = {"connect_timeout_s": 0.5, "first_token_timeout_s": 0.3, "between_tokens_timeout_s": 0.2}
"""For tests in which a clock must run out."""
WIRES = ("openai", "ollama", "anthropic")


@dataclass
class Outcome:
    """What came of a call."""

    completion: Completion | None = None
    error: BackendError | None = None
    pieces: list[str] = field(default_factory=list)


def request(model: str = "m", text: str = "say something", **more: object) -> ChatRequest:
    """A short request."""
    messages = (ChatMessage("system", "be brief"), ChatMessage("user", text))
    given = {"max_output_tokens": 1000, "deadline_s": 20.0, **more}
    return ChatRequest(model=model, messages=messages, **given)  # type: ignore[arg-type]


def options_for(wire: str, server: FaultServer, **more: object) -> AnyBackendOptions:
    """Options of the backend that speaks a wire of the server."""
    if wire == "ollama":
        return OllamaOptions.model_validate({"type": "ollama", "host": server.url, **more})
    if wire == "anthropic":
        return AnthropicOptions.model_validate({"type": "anthropic", "base_url": server.url, **more})
    return OpenAIOptions.model_validate({"type": "openai", "base_url": server.openai_url, **more})


async def call(backend: Backend, asked: ChatRequest) -> Outcome:
    """Make a call and keep what came of it."""
    outcome = Outcome()
    try:
        outcome.completion = await backend.complete(asked, outcome.pieces.append)
    except BackendError as err:
        outcome.error = err
    return outcome


async def call_once(options: AnyBackendOptions, asked: ChatRequest, key: str | None = None) -> Outcome:
    """Connect, call, close."""
    backend = connect(options, key=key)
    try:
        return await call(backend, asked)
    finally:
        await backend.aclose()


async def cancelled(task: "asyncio.Task[Completion]") -> bool:
    """Cancel a call; whether it ended by that."""
    task.cancel()
    await asyncio.wait((task,))
    return task.cancelled()
