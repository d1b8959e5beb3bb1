"""Anthropic's messages as bytes."""

import json
from typing import Any

from servers.scenarios import Call, Scenario

ERRORS = {
    400: ("invalid_request_error", "messages: at least one message is required"),
    401: ("authentication_error", "invalid x-api-key"),
    402: ("billing_error", "Your credit balance is too low to access the Anthropic API."),
    403: ("permission_error", "Your API key does not have permission to use the specified resource."),
    404: ("not_found_error", "model: {model}"),
    408: ("timeout_error", "Request timed out"),
    409: ("invalid_request_error", "The request conflicts with another one."),
    413: ("request_too_large", "Request exceeds the maximum size"),
    422: ("invalid_request_error", "Unprocessable entity"),
    429: ("rate_limit_error", "This request would exceed your organization's rate limit of 50 requests per minute."),
    500: ("api_error", "Internal server error"),
    502: ("api_error", "Bad gateway"),
    503: ("api_error", "Service is overloaded, try again later"),
    529: ("overloaded_error", "Overloaded"),
}
STOPS = {"stop": "end_turn", "length": "max_tokens", "content_filter": "refusal"}
LEAST_CACHED = 1024
"""Tokens a prompt's front must have to be cached."""


class AnthropicWire:
    """Server-sent events of `/v1/messages`."""

    content_type = "text/event-stream; charset=utf-8"

    def __init__(self, call: Call, n_input: int, scenario: Scenario, caching: "Caching") -> None:
        self._call = call
        self._n_input = n_input
        self._scenario = scenario
        self._caching = caching
        self._has_text = False
        self._index = 0
        self._is_refused = False

    def opening(self) -> bytes:
        """The message with its first counts, and a sign of life."""
        message = {
            "id": "msg_fault",
            "type": "message",
            "role": "assistant",
            "model": self._call.model,
            "content": [],
            "stop_reason": None,
            "stop_sequence": None,
        }
        if not self._scenario.fault.startswith("usage"):
            message["usage"] = self.usage(self._n_input, 1, self._scenario)
        return self._event({"type": "message_start", "message": message}) + self.heartbeat()

    def text(self, piece: str) -> bytes:
        """A piece of content: text, or JSON where a tool must be used."""
        is_tool = "tool_choice" in self._call.body
        start = b""
        if not self._has_text:
            self._has_text = True
            tool = {"type": "tool_use", "id": "toolu_fault", "name": "reply", "input": {}}
            block: dict[str, Any] = tool if is_tool else {"type": "text", "text": ""}
            start = self._event({"type": "content_block_start", "index": self._index, "content_block": block})
        delta = (
            {"type": "input_json_delta", "partial_json": piece} if is_tool else {"type": "text_delta", "text": piece}
        )
        return start + self._event({"type": "content_block_delta", "index": self._index, "delta": delta})

    def reasoning(self, piece: str) -> bytes:
        """A block of reasoning."""
        index, self._index = self._index, self._index + 1
        block = {"type": "thinking", "thinking": "", "signature": ""}
        return (
            self._event({"type": "content_block_start", "index": index, "content_block": block})
            + self._delta(index, {"type": "thinking_delta", "thinking": piece})
            + self._delta(index, {"type": "signature_delta", "signature": "c2ln"})
            + self._event({"type": "content_block_stop", "index": index})
        )

    def refusal(self, piece: str) -> bytes:
        """The words before a refusal, which is told by the reason to stop."""
        self._is_refused = True
        return self.text(piece)

    def heartbeat(self) -> bytes:
        """A sign of life without content."""
        return self._event({"type": "ping"})

    def ending(self, reason: str | None, usage: dict[str, Any] | None) -> bytes:
        """The reason to stop with the final counts."""
        closing = self._event({"type": "content_block_stop", "index": self._index}) if self._has_text else b""
        stop = "refusal" if self._is_refused else STOPS.get(reason or "", reason)
        delta = {"stop_reason": stop, "stop_sequence": None}
        event: dict[str, Any] = {"type": "message_delta", "delta": delta}
        return closing + self._event(event | ({} if usage is None else {"usage": usage}))

    def done(self) -> bytes:
        """The mark of the end."""
        return self._event({"type": "message_stop"})

    def error(self, message: str) -> bytes:
        """An error in the middle of a stream."""
        return self._event({"type": "error", "error": {"type": "api_error", "message": message}})

    def line(self, document: Any) -> bytes:
        """A JSON document as an event."""
        return b"event: message\ndata: " + json.dumps(document).encode() + b"\n\n"

    def usage(self, n_input: int, n_output: int, scenario: Scenario) -> dict[str, Any]:
        """Counts: what was read anew, read from the cache and put there are told apart."""
        n_read, n_written = self._caching.n_read + scenario.cached_tokens, self._caching.n_written
        counts: dict[str, Any] = {
            "input_tokens": n_input - n_read - n_written,
            "cache_creation_input_tokens": n_written,
            "cache_read_input_tokens": n_read,
            "output_tokens": n_output,
        }
        if scenario.reasoning_tokens:
            counts["output_tokens_details"] = {"thinking_tokens": scenario.reasoning_tokens}
        return counts

    def _delta(self, index: int, delta: dict[str, Any]) -> bytes:
        return self._event({"type": "content_block_delta", "index": index, "delta": delta})

    def _event(self, document: dict[str, Any]) -> bytes:
        return f"event: {document['type']}\ndata: {json.dumps(document)}\n\n".encode()


class Caching:
    """What of one prompt the server's cache has, or is to keep."""

    def __init__(self, call: Call, kept: dict[str, int], count: Any) -> None:
        self.n_read = self.n_written = 0
        front = front_of(call)
        n_tokens = 0 if front is None else count(front)
        if front is None or n_tokens < LEAST_CACHED:
            return
        if front in kept:
            self.n_read = n_tokens
        else:
            kept[front] = self.n_written = n_tokens


def front_of(call: Call) -> str | None:
    """The text of a prompt up to its last mark for the cache; None when it has none."""
    texts: list[str] = []
    end = None
    turns = [call.body.get("system") or [], *(message["content"] for message in call.body.get("messages", []))]
    for content in turns:
        for block in content if isinstance(content, list) else [{"text": content}]:
            texts.append(block["text"])
            end = len(texts) if "cache_control" in block else end
    return None if end is None else "".join(texts[:end])


def error_document(scenario: Scenario, call: Call) -> dict[str, Any]:
    """The body of an error."""
    kind, message = ERRORS.get(scenario.status, ("api_error", "Error"))
    text = scenario.message or message.format(model=call.model)
    return {"type": "error", "error": {"type": scenario.code or kind, "message": text}, "request_id": "req_fault"}


def completion_document(call: Call, text: str, finish: str, usage: dict[str, Any]) -> dict[str, Any]:
    """The whole answer to a request that does not stream."""
    return {
        "id": "msg_fault",
        "type": "message",
        "role": "assistant",
        "model": call.model,
        "content": [{"type": "text", "text": text}],
        "stop_reason": STOPS.get(finish, finish),
        "stop_sequence": None,
        "usage": usage,
    }


def listed_model(name: str, window: int) -> dict[str, Any]:
    """What Anthropic's list of models says beside OpenAI's."""
    return {"type": "model", "display_name": name, "created_at": "2026-02-01T00:00:00Z", "max_input_tokens": window}
