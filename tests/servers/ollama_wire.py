"""Ollama's `/api/chat` as bytes."""

import json
from typing import Any

from servers.scenarios import Call, Scenario

CREATED = "2026-11-22T03:00:00.000000Z"
DEFAULT_NUM_CTX = 4096
ERRORS = {
    400: "invalid request",
    401: "unauthorized",
    403: "this model requires a subscription, upgrade for access: https://ollama.com/upgrade",
    404: "model '{model}' not found",
    408: "request timed out",
    409: "conflict",
    413: "request body too large",
    429: "too many concurrent requests",
    500: "model requires more system memory (8.0 GiB) than is available (4.0 GiB)",
    503: "server busy, please try again.  maximum pending requests exceeded",
}


class OllamaWire:
    """JSON lines of `/api/chat`."""

    content_type = "application/x-ndjson"

    def __init__(self, call: Call) -> None:
        self._model = call.model

    def opening(self) -> bytes:
        """Ollama sends nothing before the first token."""
        return b""

    def text(self, piece: str) -> bytes:
        """A piece of content."""
        return self.line(self._part({"content": piece}))

    def reasoning(self, piece: str) -> bytes:
        """A piece of reasoning."""
        return self.line(self._part({"content": "", "thinking": piece}))

    def refusal(self, piece: str) -> bytes:
        """Ollama has no field for refusals; they come as text."""
        return self.text(piece)

    def heartbeat(self) -> bytes:
        """A part without content."""
        return self.line(self._part({"content": ""}))

    def ending(self, reason: str | None, usage: dict[str, Any] | None) -> bytes:
        """The last part with the counts."""
        part = self._part({"content": ""}) | {"done": True, "total_duration": 5_000_000, "load_duration": 1_000_000}
        if reason is not None:
            part["done_reason"] = reason
        return self.line(part | (usage or {}))

    def done(self) -> bytes:
        """The last part is the end."""
        return b""

    def error(self, message: str) -> bytes:
        """An error in the middle of a stream."""
        return self.line({"error": message})

    def line(self, document: Any) -> bytes:
        """A JSON document as a line."""
        return json.dumps(document, ensure_ascii=False).encode("utf-8", "surrogatepass") + b"\n"

    def usage(self, n_input: int, n_output: int, scenario: Scenario) -> dict[str, Any]:
        """Counts; Ollama names neither cached nor reasoning tokens."""
        del scenario
        return {
            "prompt_eval_count": n_input,
            "prompt_eval_duration": 2_000_000,
            "eval_count": n_output,
            "eval_duration": 3_000_000,
        }

    def _part(self, message: dict[str, str]) -> dict[str, Any]:
        return {
            "model": self._model,
            "created_at": CREATED,
            "message": {"role": "assistant", **message},
            "done": False,
        }


def error_document(scenario: Scenario, call: Call) -> dict[str, Any]:
    """The body of an error."""
    text = scenario.message or ERRORS.get(scenario.status, "error").format(model=call.model)
    return {"error": text}


def completion_document(call: Call, text: str, finish: str, usage: dict[str, Any]) -> dict[str, Any]:
    """The whole answer to a request that does not stream."""
    return {
        "model": call.model,
        "created_at": CREATED,
        "message": {"role": "assistant", "content": text},
        "done": True,
        "done_reason": finish,
        **usage,
    }


def shown_model(window: int, remote_host: str | None = None) -> dict[str, Any]:
    """What `/api/show` says."""
    remote = {} if remote_host is None else {"remote_host": remote_host, "remote_model": "the-same"}
    return remote | {
        "modelfile": "",
        "details": {"format": "gguf", "family": "qwen2", "parameter_size": "7.6B", "quantization_level": "Q4_K_M"},
        "model_info": {"general.architecture": "qwen2", "qwen2.context_length": window},
        "capabilities": ["completion"],
    }


def listed_model(name: str) -> dict[str, Any]:
    """A row of `/api/tags`."""
    return {"name": name, "model": name, "modified_at": CREATED, "size": 4_683_087_332, "digest": "0" * 64}
