"""Anthropic's messages as they travel: the request's body, what a stream's events mean, what errors stand for."""

from dataclasses import dataclass, field, replace
from typing import Any

from pydantic import BaseModel, Field

from tierwise.backends.base import ChatMessage, ChatRequest, Usage
from tierwise.backends.draft import Draft, make_usage
from tierwise.backends.failures import TOO_LONG, HttpFailure

REPLY_TOOL = "reply"
EPHEMERAL = {"type": "ephemeral"}
FINISHES = {"end_turn": "stop", "stop_sequence": "stop", "tool_use": "stop"}
"""Anthropic's reasons to stop, in the words every backend uses; those that are not named here keep their own."""
STATUS_OF_ERROR = {
    "invalid_request_error": 400,
    "authentication_error": 401,
    "billing_error": 402,
    "permission_error": 403,
    "not_found_error": 404,
    "request_too_large": 413,
    "rate_limit_error": 429,
    "api_error": 500,
    "timeout_error": 504,
    "overloaded_error": 529,
}
"""The status an error in the middle of a stream would have come with."""


class Part(BaseModel):
    """A block of content, or what is added to one."""

    type: str
    text: str | None = None
    thinking: str | None = None
    partial_json: str | None = None


class Ending(BaseModel):
    """How a message ended."""

    stop_reason: str | None = None


class Started(BaseModel):
    """The message as it begins."""

    model: str | None = None
    usage: dict[str, Any] | None = None


class Event(BaseModel):
    """One event of a stream. `ping` and kinds nobody knows yet have nothing in them that matters."""

    type: str
    message: Started | None = None
    content_block: Part | None = None
    delta: Part | Ending | None = Field(default=None, union_mode="left_to_right")
    usage: dict[str, Any] | None = None
    error: dict[str, Any] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Dialect:
    """Which optional fields of a request are sent."""

    takes_temperature: bool = True
    takes_format: bool = True
    """Whether a schema goes into `output_config`; else it is made the input of a tool the model must use."""
    effort: str | None = None
    extra: dict[str, Any] = field(default_factory=dict)
    """Fields from the configuration, which win over ours."""

    def body(self, request: ChatRequest, *, is_cached: bool) -> dict[str, Any]:
        """The request as JSON."""
        body: dict[str, Any] = {"model": request.model, "max_tokens": request.max_output_tokens, "stream": True}
        system = [message.content for message in request.messages if message.role == "system"]
        turns = [message for message in request.messages if message.role != "system"]
        if system:
            body["system"] = [{"type": "text", "text": "\n\n".join(system)}]
        body["messages"] = [{"role": turn.role, "content": _blocks(turn)} for turn in turns]
        if is_cached:
            _mark(body, turns)
        if self.takes_temperature:
            body["temperature"] = request.temperature
        config: dict[str, Any] = {} if self.effort is None else {"effort": self.effort}
        if request.schema is not None and self.takes_format:
            config["format"] = {"type": "json_schema", "schema": request.schema}
        elif request.schema is not None:
            tool = {"name": REPLY_TOOL, "description": "Give the answer", "input_schema": request.schema}
            body |= {"tools": [tool], "tool_choice": {"type": "tool", "name": REPLY_TOOL}}
        return body | ({"output_config": config} if config else {}) | self.extra


def _blocks(turn: ChatMessage) -> list[dict[str, Any]]:
    """The text of a turn, in two blocks where only its front is likely to come again."""
    cut = turn.n_stable
    texts = [turn.content[:cut], turn.content[cut:]] if 0 < cut < len(turn.content) else [turn.content]
    return [{"type": "text", "text": text} for text in texts]


def _mark(body: dict[str, Any], turns: list[ChatMessage]) -> None:
    """Mark the last block of what is likely to come again; everything before it is then cached with it."""
    stable = [at for at, turn in enumerate(turns) if turn.n_stable]
    if stable:
        block = body["messages"][stable[-1]]["content"][0]
    elif 1 < len(turns):
        block = body["messages"][-2]["content"][-1]
    elif "system" in body:
        block = body["system"][-1]
    else:
        return
    block["cache_control"] = EPHEMERAL


def front_of(request: ChatRequest) -> str:
    """What of a prompt is likely to come again, as one text."""
    front: list[str] = []
    for message in request.messages[:-1]:
        front.append(message.content)
    last = request.messages[-1]
    return "\0".join([request.model, *front, last.content[: last.n_stable]])


def learn(dialect: Dialect, failure: HttpFailure) -> Dialect | None:
    """Drop the field a refusal names; None when it names none, or one that was dropped already."""
    text = failure.error.text
    if failure.status != 400 or TOO_LONG.search(text):
        return None
    if dialect.takes_temperature and "temperature" in text:
        return replace(dialect, takes_temperature=False)
    if dialect.takes_format and ("output_config.format" in text or "json_schema" in text or "output format" in text):
        return replace(dialect, takes_format=False)
    if dialect.effort is not None and "effort" in text:
        return replace(dialect, effort=None)
    return None


class Counts:
    """Counts as they come in: a message begins with some and ends with all of them."""

    def __init__(self) -> None:
        self._counts: dict[str, Any] = {}

    def take(self, counts: dict[str, Any] | None) -> Usage | None:
        """The usage as known now; the prompt is what was read anew, read from the cache, and put there."""
        self._counts |= {name: value for name, value in (counts or {}).items() if value is not None}
        n_new, n_output = self._counts.get("input_tokens"), self._counts.get("output_tokens")
        n_read = self._counts.get("cache_read_input_tokens", 0)
        n_written = self._counts.get("cache_creation_input_tokens", 0)
        details = self._counts.get("output_tokens_details")
        n_thinking = details.get("thinking_tokens") if isinstance(details, dict) else 0
        if not all(isinstance(n, int) and 0 <= n for n in (n_new, n_read, n_written)):
            return None
        return make_usage(n_new + n_read + n_written, n_output, n_read, n_thinking, n_written)


def take(event: Event, draft: Draft, counts: Counts) -> None:
    """Put one event into the draft."""
    if event.message is not None:
        draft.model = event.message.model or draft.model
        draft.usage = counts.take(event.message.usage) or draft.usage
    if event.usage is not None:
        draft.usage = counts.take(event.usage) or draft.usage
    part = event.content_block or event.delta
    if isinstance(part, Part):
        draft.add_reasoning(part.thinking or "")
        draft.add(part.text or part.partial_json or "")
    elif isinstance(part, Ending) and part.stop_reason is not None:
        draft.finish = FINISHES.get(part.stop_reason, part.stop_reason)
    if event.type == "message_stop":
        draft.is_ended = True
