"""The contract between the dispatcher and a model server."""

from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Literal, Protocol


@dataclass(frozen=True, slots=True)
class ChatMessage:
    """One turn of a conversation."""

    role: Literal["system", "user", "assistant"]
    content: str
    n_stable: int = 0
    """Characters at the beginning of `content` that further calls about the same code are likely to repeat, so that a
    provider's cache may serve them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ChatRequest:
    """One call of a model."""

    model: str
    messages: tuple[ChatMessage, ...]
    max_output_tokens: int
    deadline_s: float
    """Seconds the whole call may take; the fourth clock."""
    temperature: float = 0.0
    window: int | None = None
    """Tokens of prompt and reply together the server is to set aside (Ollama's `num_ctx`); None: the server's own."""
    schema: dict[str, Any] | None = None
    """A JSON Schema the reply must follow, where the server can enforce one."""
    must_stay: bool = False
    """Whether nothing of it may leave this machine, not even by way of a server that passes it on."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Usage:
    """Tokens a call took, as the server counted them."""

    input_tokens: int
    """The whole prompt, cached part included."""
    output_tokens: int
    """The whole reply, reasoning included."""
    cached_tokens: int = 0
    """The part of the prompt the provider took from its cache."""
    reasoning_tokens: int = 0
    cache_write_tokens: int = 0
    """The part of the prompt the provider put into its cache, for which some charge more."""
    is_estimated: bool = False
    """Whether the server gave no counts and these were guessed from the lengths, on the dear side."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Completion:
    """A reply that ended as it should; anything else is a BackendError."""

    text: str
    usage: Usage
    model: str
    """The model's name as the server gave it."""
    first_token_s: float
    """Seconds from the call to the first content token."""
    duration_s: float


class FailureKind(StrEnum):
    """What went wrong with a call; decides whether another try can help."""

    REFUSED = "connection-refused"
    CONNECTION = "connection-lost"
    TIMEOUT_CONNECT = "timeout-connect"
    TIMEOUT_FIRST_TOKEN = "timeout-first-token"  # noqa: S105
    TIMEOUT_BETWEEN_TOKENS = "timeout-between-tokens"
    TIMEOUT_TOTAL = "timeout-total"
    RATE_LIMITED = "rate-limited"
    OVERLOADED = "overloaded"
    SERVER_ERROR = "server-error"
    AUTHENTICATION = "authentication"
    NO_MODEL = "no-model"
    BAD_REQUEST = "bad-request"
    TOO_LONG = "prompt-too-long"
    TRUNCATED_PROMPT = "prompt-truncated"
    """The server said fine but counted fewer prompt tokens than were sent."""
    LENGTH = "reply-cut-at-length"
    FILTERED = "content-filtered"
    NO_FINISH = "no-finish-reason"
    EMPTY = "empty-reply"
    PROTOCOL = "not-the-protocol"
    """HTML, broken JSON, invalid UTF-8, an oversized line or reply."""
    NOT_CONFIGURED = "not-configured"
    PAUSED = "paused"
    """Not asked: the server had trouble lately and is left alone for now."""
    OVER_BUDGET = "over-budget"
    """Not asked: the call could cost more than what is left."""
    UNKNOWN_PRICE = "unknown-price"
    """Not asked: nobody knows what it costs, and a budget is to be kept."""
    NOT_AGREED = "not-agreed"
    """Not asked: the user was to agree and did not."""


class BackendError(Exception):
    """A call that gave no usable completion.

    `words` is one sentence for the user that says what to do; `usage` is what the server reported, or None when it
    reported nothing; `n_output_chars` is how much text came before the end, for an upper bound of the bill.
    """

    def __init__(
        self,
        kind: FailureKind,
        words: str,
        *,
        retry_after_s: float | None = None,
        usage: Usage | None = None,
        n_output_chars: int = 0,
    ) -> None:
        super().__init__(words)
        self.kind = kind
        self.words = words
        self.retry_after_s = retry_after_s
        self.usage = usage
        self.n_output_chars = n_output_chars


@dataclass(frozen=True, slots=True, kw_only=True)
class Health:
    """What a probe of a server found."""

    is_reachable: bool
    models: tuple[str, ...] | None = None
    """The models it says it has; None: it does not say."""
    windows: dict[str, int] = field(default_factory=dict)
    """Window in tokens by model, where known."""
    version: str | None = None
    words: str = ""
    """For people: what is wrong and the one command that would fix it; empty when nothing is."""
    failure: FailureKind | None = None
    passed_on: frozenset[str] = frozenset()
    """The models the server does not run itself but passes on to another machine."""
    to_fetch: frozenset[str] = frozenset()
    """The models that the first call of them fetches from the hub."""
    missing: dict[str, str] = field(default_factory=dict)
    """Why a model cannot be served, by its name."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Outgoing:
    """A request as it would leave, without the key."""

    url: str
    body: dict[str, Any]
    is_on_this_machine: bool


class Backend(Protocol):
    """One configured model server. Implementations keep no conversation and never retry."""

    async def complete(self, request: ChatRequest, on_text: Callable[[str], None]) -> Completion:
        """Stream one reply; `on_text` gets each piece of content as it comes.

        Raises BackendError. Cancelling the task closes the socket before CancelledError leaves this method.
        """
        ...

    def outgoing(self, request: ChatRequest) -> Outgoing:
        """What `complete` would send, to the byte of its body's content; nothing is sent."""
        ...

    async def probe(self, models: tuple[str, ...] = ()) -> Health:
        """Ask, within a few seconds and without cost, whether the server is there and has the models."""
        ...

    async def aclose(self) -> None:
        """Close connections and end child processes."""
        ...
