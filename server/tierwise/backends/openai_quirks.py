"""What a server that calls itself compatible does not take, learnt from its refusals."""

from dataclasses import dataclass, field, replace
from typing import Any

from tierwise.backends.base import ChatRequest
from tierwise.backends.failures import TOO_LONG, HttpFailure

CHAT_PATH = "/chat/completions"
LIMIT_FIELDS = ("max_tokens", "max_completion_tokens")


@dataclass(frozen=True, slots=True, kw_only=True)
class Quirks:
    """Which optional fields of a request are sent."""

    limit_field: str = "max_tokens"
    has_swapped_limit: bool = False
    takes_usage_option: bool = True
    takes_temperature: bool = True
    takes_schema: bool = True
    extra: dict[str, Any] = field(default_factory=dict)
    """Fields from the configuration, which win over ours."""

    def body(self, request: ChatRequest) -> dict[str, Any]:
        """The request as JSON."""
        body: dict[str, Any] = {
            "model": request.model,
            "messages": [{"role": message.role, "content": message.content} for message in request.messages],
            self.limit_field: request.max_output_tokens,
            "stream": True,
        }
        if self.takes_usage_option:
            body["stream_options"] = {"include_usage": True}
        if self.takes_temperature:
            body["temperature"] = request.temperature
        if self.takes_schema and request.schema is not None:
            schema = {"name": "reply", "schema": request.schema, "strict": True}
            body["response_format"] = {"type": "json_schema", "json_schema": schema}
        return body | self.extra


def learn(quirks: Quirks, failure: HttpFailure) -> Quirks | None:
    """Drop or swap the field a refusal names; None when it names none, or one that was changed already.

    A refused request costs nothing, so asking again in the server's dialect is part of the same call.
    """
    if failure.status not in (400, 422) or TOO_LONG.search(failure.error.text):
        return None
    about = failure.error.param or failure.error.text
    if quirks.takes_usage_option and "stream_options" in about:
        return replace(quirks, takes_usage_option=False)
    if quirks.takes_temperature and "temperature" in about:
        return replace(quirks, takes_temperature=False)
    if quirks.takes_schema and ("response_format" in about or "json_schema" in about):
        return replace(quirks, takes_schema=False)
    if not quirks.has_swapped_limit and quirks.limit_field in about:
        other = LIMIT_FIELDS[1 - LIMIT_FIELDS.index(quirks.limit_field)]
        return replace(quirks, limit_field=other, has_swapped_limit=True)
    return None
