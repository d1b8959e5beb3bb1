"""OpenAI's chat completions as bytes."""

import json
from typing import Any

from servers.scenarios import Call, Scenario

CREATED = 1_795_000_000
ERRORS = {
    400: ("Invalid request.", "invalid_request_error", None),
    401: ("Incorrect API key provided: sk-a***.", "invalid_request_error", "invalid_api_key"),
    402: ("Insufficient Balance", "unknown_error", "invalid_request_error"),
    403: ("Country, region, or territory not supported", "request_forbidden", "unsupported_country_region_territory"),
    404: ("The model `{model}` does not exist or you do not have access to it.", "invalid_request_error",
          "model_not_found"),
    408: ("Request timed out.", "timeout", None),
    409: ("The request conflicts with another one.", "conflict", None),
    413: ("Request body too large.", "invalid_request_error", None),
    422: ("Unprocessable entity.", "invalid_request_error", None),
    429: ("Rate limit reached for {model} on requests per min (RPM): Limit 3, Used 3.", "requests",
          "rate_limit_exceeded"),
    500: ("The server had an error while processing your request.", "server_error", None),
    502: ("Bad gateway.", "server_error", None),
    503: ("The engine is currently overloaded, please try again later.", "service_unavailable", None),
    529: ("Overloaded", "overloaded_error", None),
}  # fmt: skip


class OpenAIWire:
    """Server-sent events of `/v1/chat/completions`."""

    content_type = "text/event-stream; charset=utf-8"

    def __init__(self, call: Call) -> None:
        self._model = call.model
        options = call.body.get("stream_options") if isinstance(call.body, dict) else None
        self._has_usage = bool(options and options.get("include_usage"))

    def opening(self) -> bytes:
        """The first event, which names the role and has no text."""
        return self._event({"role": "assistant", "content": ""})

    def text(self, piece: str) -> bytes:
        """A piece of content."""
        return self._event({"content": piece})

    def reasoning(self, piece: str) -> bytes:
        """A piece of reasoning."""
        return self._event({"reasoning_content": piece})

    def refusal(self, piece: str) -> bytes:
        """A piece of a refusal."""
        return self._event({"refusal": piece})

    def heartbeat(self) -> bytes:
        """A sign of life without content."""
        return b": keep-alive\n\n"

    def ending(self, reason: str | None, usage: dict[str, Any] | None) -> bytes:
        """The finish reason, then the counts when they were asked for."""
        content = self._event({}, reason)
        if usage is not None and self._has_usage:
            content += self.line(self._chunk([]) | {"usage": usage})
        return content

    def done(self) -> bytes:
        """The mark of the end."""
        return b"data: [DONE]\n\n"

    def error(self, message: str) -> bytes:
        """An error in the middle of a stream."""
        return self.line({"error": {"message": message, "type": "server_error", "param": None, "code": None}})

    def line(self, document: Any) -> bytes:
        """A JSON document as an event."""
        return b"data: " + json.dumps(document).encode() + b"\n\n"

    def usage(self, n_input: int, n_output: int, scenario: Scenario) -> dict[str, Any]:
        """Counts."""
        return {
            "prompt_tokens": n_input,
            "completion_tokens": n_output,
            "total_tokens": n_input + n_output,
            "prompt_tokens_details": {"cached_tokens": scenario.cached_tokens},
            "completion_tokens_details": {"reasoning_tokens": scenario.reasoning_tokens},
        }

    def _event(self, delta: dict[str, str], reason: str | None = None) -> bytes:
        return self.line(self._chunk([{"index": 0, "delta": delta, "logprobs": None, "finish_reason": reason}]))

    def _chunk(self, choices: list[dict[str, Any]]) -> dict[str, Any]:
        return {
            "id": "chatcmpl-fault",
            "object": "chat.completion.chunk",
            "created": CREATED,
            "model": self._model,
            "choices": choices,
        }


def error_document(scenario: Scenario, call: Call) -> dict[str, Any]:
    """The body of an error."""
    message, kind, code = ERRORS.get(scenario.status, ("Error.", "server_error", None))
    text = scenario.message or message.format(model=call.model)
    return {"error": {"message": text, "type": kind, "param": None, "code": scenario.code or code}}


def completion_document(call: Call, text: str, finish: str, usage: dict[str, Any]) -> dict[str, Any]:
    """The whole answer to a request that does not stream."""
    message = {"role": "assistant", "content": text, "refusal": None}
    return {
        "id": "chatcmpl-fault",
        "object": "chat.completion",
        "created": CREATED,
        "model": call.model,
        "choices": [{"index": 0, "message": message, "logprobs": None, "finish_reason": finish}],
        "usage": usage,
    }
