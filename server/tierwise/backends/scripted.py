"""A backend that answers from a file of rules, for demonstrations and tests."""

import asyncio
import json
import math
import re
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError, field_validator

from tierwise.backends.base import BackendError, ChatRequest, Completion, FailureKind, Health, Outgoing, Usage
from tierwise.backends.clocks import RunningClocks
from tierwise.backends.options import ScriptedOptions

BYTES_PER_TOKEN = 4
DEFAULT_N_CHUNKS = 8


class ScriptUsage(BaseModel):
    """Token counts a rule reports instead of counted ones."""

    model_config = ConfigDict(extra="forbid", frozen=True, use_attribute_docstrings=True)

    input_tokens: int = Field(ge=0)
    """The whole prompt."""
    output_tokens: int = Field(ge=0)
    """The whole reply."""
    cached_tokens: int = Field(default=0, ge=0)
    """The part of the prompt that came from a cache."""
    reasoning_tokens: int = Field(default=0, ge=0)
    """The part of the reply that was reasoning."""


class ScriptRule(BaseModel):
    """One canned reply. The first rule that fits a request answers it."""

    model_config = ConfigDict(extra="forbid", frozen=True, use_attribute_docstrings=True)

    when: str
    """A regular expression searched in the last user message; `.` matches line breaks too."""
    model: str | None = None
    """Only for this model."""
    reply: str = ""
    """What the model says."""
    chunks: int | None = Field(default=None, ge=1)
    """In how many pieces."""
    fail: FailureKind | None = None
    """Fail in this way after the reply was streamed."""
    hold: bool = False
    """Stream the first half, then wait until the call is cancelled or its time is up."""
    usage: ScriptUsage | None = None
    """Token counts; counted as a quarter of the bytes when absent."""

    @field_validator("when")
    @classmethod
    def _check_when(cls, when: str) -> str:
        try:
            re.compile(when)
        except re.error as err:
            raise ValueError(f"{when!r} is not a regular expression: {err}") from err
        return when

    def fits(self, model: str, message: str) -> bool:
        """Whether this rule answers that message to that model."""
        return self.model in (None, model) and re.search(self.when, message, re.DOTALL | re.MULTILINE) is not None


RULES = TypeAdapter(tuple[ScriptRule, ...])


def load_script(path: Path) -> tuple[ScriptRule, ...]:
    """Read a file of rules. Raises BackendError with a sentence about the first fault in it."""
    try:
        return RULES.validate_python(json.loads(path.read_text(encoding="utf-8")))
    except OSError as err:
        words = f"the script {str(path)!r} cannot be read: {err.strerror}"
    except ValidationError as err:
        first = err.errors()[0]
        where = ".".join(str(step) for step in first["loc"])
        words = f"the script {str(path)!r} is wrong at {where!r}: {first['msg']}"
    except ValueError as err:
        words = f"the script {str(path)!r} is not JSON: {err}"
    raise BackendError(FailureKind.NOT_CONFIGURED, words)


class ScriptedBackend:
    """Answers by rule, deterministically, without any model."""

    def __init__(self, options: ScriptedOptions) -> None:
        self._options = options
        self._path = Path(options.script).expanduser()
        self._rules = load_script(self._path)

    async def complete(self, request: ChatRequest, on_text: Callable[[str], None]) -> Completion:
        """Stream the reply of the first rule that fits. Raises BackendError when none does or the rule says so."""
        rule = self._find_rule(request)
        usage = _usage_of(rule, request)
        text = rule.reply[: len(rule.reply) // 2] if rule.hold else rule.reply
        async with RunningClocks(self._options.clocks, request.deadline_s, f"the script {self._path.name!r}") as clocks:
            clocks.start()
            for piece in _split(text, rule.chunks or DEFAULT_N_CHUNKS):
                await asyncio.sleep(self._options.chunk_delay_s)
                clocks.tick()
                on_text(piece)
            if rule.hold:
                await asyncio.Event().wait()
        if rule.fail is not None:
            words = f"the script {self._path.name!r} says that this call fails with {rule.fail.value!r}"
            raise BackendError(rule.fail, words, usage=usage, n_output_chars=len(text))
        if not text:
            raise BackendError(FailureKind.EMPTY, f"the script {self._path.name!r} has an empty reply", usage=usage)
        return Completion(
            text=text,
            usage=usage,
            model=request.model,
            first_token_s=clocks.first_content_s,
            duration_s=clocks.elapsed_s,
        )

    def outgoing(self, request: ChatRequest) -> Outgoing:
        """What the rules are matched with; nothing leaves this process."""
        body = {"model": request.model, "messages": [asdict(message) for message in request.messages]}
        return Outgoing(url="scripted:", body=body, is_on_this_machine=True)

    async def probe(self, models: tuple[str, ...] = ()) -> Health:
        """Always there; any model is answered as far as the rules go."""
        del models
        return Health(is_reachable=True, version="scripted")

    async def aclose(self) -> None:
        """Nothing to close."""

    def _find_rule(self, request: ChatRequest) -> ScriptRule:
        asked = [message.content for message in request.messages if message.role == "user"]
        message = asked[-1] if asked else ""
        for rule in self._rules:
            if rule.fits(request.model, message):
                return rule
        words = f"the script {str(self._path)!r} has no rule for this request to {request.model!r}: add one"
        raise BackendError(FailureKind.EMPTY, words)


def _split(text: str, n_pieces: int) -> list[str]:
    size = max(1, math.ceil(len(text) / n_pieces))
    return [text[start : start + size] for start in range(0, len(text), size)]


def _usage_of(rule: ScriptRule, request: ChatRequest) -> Usage:
    if rule.usage is not None:
        return Usage(**rule.usage.model_dump())
    prompt = "".join(message.content for message in request.messages)
    return Usage(input_tokens=_count(prompt), output_tokens=_count(rule.reply))


def _count(text: str) -> int:
    return math.ceil(len(text.encode("utf-8", "surrogatepass")) / BYTES_PER_TOKEN)
