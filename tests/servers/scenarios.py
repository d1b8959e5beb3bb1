"""What the fault server does with a request, and what it remembers of it."""

import asyncio
import math
import re
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

BYTES_PER_TOKEN = 4
DEFAULT_WINDOW = 32_768


def count_tokens(text: str) -> int:
    """Tokens of a text to this server: a quarter of its bytes, rounded up."""
    return math.ceil(len(text.encode("utf-8", "surrogatepass")) / BYTES_PER_TOKEN)


def text_of(content: Any) -> str:
    """The text of a message, which may come in blocks."""
    return "".join(block["text"] for block in content) if isinstance(content, list) else str(content)


@dataclass(frozen=True, kw_only=True)
class Scenario:
    """How one request is served. `fault` names a function in `faults.FAULTS`, or is `status`."""

    fault: str = "normal"
    reply: str | None = None
    """What the model says; None leaves it to the rules."""
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    """Further headers of the answer, e.g. Retry-After."""
    message: str | None = None
    """The error message; None takes the usual one for the status."""
    code: str | None = None
    """The error code in OpenAI's shape."""
    delay_s: float = 0.0
    """The pause the fault makes: before the first byte, the first token, between pieces."""
    n_pieces: int = 6
    """Pieces of the reply, and how many come before a break."""
    reasoning: str = ""
    """What the model thinks before it speaks."""
    cached_tokens: int = 0
    reasoning_tokens: int = 0


@dataclass(frozen=True, kw_only=True)
class ReplyRule:
    """A canned reply for requests whose last user message matches."""

    when: str
    reply: str
    model: str | None = None

    def fits(self, model: str, message: str) -> bool:
        """Whether this rule answers."""
        return self.model in (None, model) and re.search(self.when, message, re.DOTALL | re.MULTILINE) is not None


@dataclass(kw_only=True)
class Call:
    """One request as it was served."""

    number: int
    method: str
    path: str
    headers: dict[str, str]
    body: Any
    """The parsed JSON; None when there was none."""
    scenario: str = ""
    started: float = field(default_factory=time.monotonic)
    """By the monotonic clock, which all processes of a machine share on Linux."""
    n_pieces: int = 0
    """Pieces of text sent."""
    ended: float | None = None
    has_closed_early: bool = False
    """Whether the client closed the connection before the answer was over."""

    @property
    def model(self) -> str:
        """The model that was asked, without the scenario's name behind it."""
        return str(self.body.get("model", "")).partition("@")[0] if isinstance(self.body, dict) else ""

    @property
    def messages(self) -> list[dict[str, str]]:
        """The conversation, with Anthropic's system text as its first message and its blocks as one text."""
        if not isinstance(self.body, dict):
            return []
        system = [{"role": "system", "content": self.body["system"]}] if self.body.get("system") else []
        listed = [*system, *self.body.get("messages", [])]
        return [message | {"content": text_of(message.get("content", ""))} for message in listed]

    def to_json(self) -> dict[str, Any]:
        """The call as the control endpoint shows it."""
        return asdict(self)


Reply = Callable[[Call], str]


def default_reply(call: Call) -> str:
    """What the model says when nothing else was arranged; the words vary, as some clients dislike repetition."""
    return " ".join(f"word{number}" for number in range(12)) + f" for {call.model}"


@dataclass
class Book:
    """What is arranged for the next requests, and the record of the past ones."""

    reply: Reply = default_reply
    rules: Sequence[ReplyRule] = ()
    default: Scenario = field(default_factory=Scenario)
    queue: list[Scenario] = field(default_factory=list)
    named: dict[str, Scenario] = field(default_factory=dict)
    """Scenarios that a model's `@` may name, beside the faults."""
    models: dict[str, int] | None = None
    """Windows by model; None takes any model."""
    key: str | None = None
    """The key every request must carry."""
    heeds_truncate: bool = False
    """Whether Ollama makes an error of a prompt that is too long when it is told to, as its newer releases do."""
    remote_host: str | None = None
    """The machine Ollama passes its models' calls on to."""
    fronts: dict[str, int] = field(default_factory=dict)
    """The fronts of prompts that Anthropic's cache keeps, with their tokens."""
    calls: list[Call] = field(default_factory=list)
    changed: asyncio.Condition = field(default_factory=asyncio.Condition)

    @property
    def chats(self) -> list[Call]:
        """The calls that asked a model, without lists and probes."""
        return [call for call in self.calls if call.path.endswith(("/chat/completions", "/api/chat", "/v1/messages"))]

    def window_of(self, model: str) -> int:
        """The longest window of a model."""
        return DEFAULT_WINDOW if self.models is None else self.models.get(model, DEFAULT_WINDOW)

    def has_model(self, model: str) -> bool:
        """Whether the server has a model."""
        return self.models is None or model in self.models

    def scenario_for(self, call: Call) -> Scenario:
        """The scenario named behind the model's `@`, else the next of the queue, else the default."""
        asked = call.body.get("model", "") if isinstance(call.body, dict) else ""
        _, at, name = str(asked).partition("@")
        if at and name in self.named:
            return self.named[name]
        if at:
            status = re.fullmatch(r"status-(\d{3})", name)
            return Scenario(fault="status", status=int(status[1])) if status else Scenario(fault=name)
        return self.queue.pop(0) if self.queue else self.default

    def reply_to(self, call: Call, seen: str) -> str:
        """What the model says, having seen this last message."""
        for rule in self.rules:
            if rule.fits(call.model, seen):
                return rule.reply
        return self.reply(call)

    async def note(self) -> None:
        """Wake whoever waits for a change of the record."""
        async with self.changed:
            self.changed.notify_all()

    async def wait_for(self, is_met: Callable[["Book"], bool], timeout_s: float = 10.0) -> None:
        """Wait until the record is as wanted. Raises TimeoutError."""
        async with asyncio.timeout(timeout_s), self.changed:
            await self.changed.wait_for(lambda: is_met(self))
