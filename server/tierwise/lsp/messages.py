"""Small questions about raw protocol messages, and the error a handler may answer with."""

import math
from typing import Any

import cattrs
from lsprotocol import types
from pygls.exceptions import JsonRpcException

MessageId = int | str | float | None

_INFORMATION_ONLY = frozenset({types.PROGRESS, types.WINDOW_LOG_MESSAGE, "tierwise/status"})


class Failed(JsonRpcException):
    """Answer a request with an error whose message is meant for the user."""

    def __init__(self, code: int, message: str) -> None:
        super().__init__(message=message, code=int(code))


def is_message_id(value: Any) -> bool:
    """Whether a request may carry this id and can be answered under it."""
    if isinstance(value, bool) or not isinstance(value, int | str | float):
        return False
    return not isinstance(value, float) or math.isfinite(value)


def is_expendable(message: dict[str, Any]) -> bool:
    """Whether a client that reads slowly may miss this message: reports of progress, but not their begin and end."""
    if message.get("method") not in _INFORMATION_ONLY:
        return False
    params = message.get("params")
    value = params.get("value") if isinstance(params, dict) else None
    return not isinstance(value, dict) or value.get("kind") not in ("begin", "end")


def document_uri(raw_params: Any) -> str | None:
    """The document raw parameters speak of, as far as they have the shape."""
    document = raw_params.get("textDocument") if isinstance(raw_params, dict) else None
    uri = document.get("uri") if isinstance(document, dict) else None
    return uri if isinstance(uri, str) else None


def misfit(error: Exception) -> str:
    """What the converter complained of first: the path and the expected type, never the value."""
    return str(cattrs.transform_error(error)[0])
