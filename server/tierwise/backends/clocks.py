"""The clocks every call runs under: connect, first token, between tokens, and the whole call."""

import asyncio
from dataclasses import dataclass
from types import TracebackType

from tierwise.backends.base import BackendError, FailureKind

SLACK = 0.05
"""By this share the clock between tokens may run out early: it is not set anew for every one of a quick run."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Clocks:
    """How long a server may take over each part of a call, in seconds."""

    connect_s: float = 3.0
    first_token_s: float = 30.0
    between_tokens_s: float = 20.0


class RunningClocks:
    """The clocks of one call, as an asynchronous context around everything it does.

    `start` is called when the request leaves, `tick` for each piece the model wrote; heartbeats and empty pieces must
    not call it. The clock that runs out turns into a BackendError whose words name the server. The connect clock is
    the HTTP client's own, because only the client sees when the connection stands.
    """

    def __init__(self, clocks: Clocks, deadline_s: float, server: str) -> None:
        self._clocks = clocks
        self._deadline_s = deadline_s
        self._server = server
        self._running = FailureKind.TIMEOUT_TOTAL
        self._first_content_s: float | None = None
        self._timeout = asyncio.timeout(None)
        self._called_at = 0.0
        self._armed_s = 0.0
        self._words: str | None = None

    async def __aenter__(self) -> "RunningClocks":
        self._called_at = asyncio.get_running_loop().time()
        self._timeout = asyncio.timeout_at(self._called_at + self._deadline_s)
        await self._timeout.__aenter__()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            await self._timeout.__aexit__(kind, error, trace)
        except TimeoutError as err:
            raise self._expired() from err

    @property
    def elapsed_s(self) -> float:
        """Seconds since the call began, waiting for a turn included."""
        return asyncio.get_running_loop().time() - self._called_at

    @property
    def first_content_s(self) -> float:
        """Seconds from the call to the first content; the time so far when none came."""
        return self.elapsed_s if self._first_content_s is None else self._first_content_s

    @property
    def left_s(self) -> float:
        """Seconds of the whole call that are left, never negative."""
        return max(0.0, self._deadline_s - self.elapsed_s)

    def start(self) -> None:
        """The request leaves now: the first-token clock runs."""
        self._run(FailureKind.TIMEOUT_FIRST_TOKEN, self._clocks.first_token_s)

    def tick(self, *, is_content: bool = True) -> None:
        """The model wrote something: the clock between tokens runs anew. Reasoning is life, but not content."""
        if is_content and self._first_content_s is None:
            self._first_content_s = self.elapsed_s
        is_fresh = self.elapsed_s - self._armed_s < self._clocks.between_tokens_s * SLACK
        if self._running is not FailureKind.TIMEOUT_BETWEEN_TOKENS or not is_fresh:
            self._run(FailureKind.TIMEOUT_BETWEEN_TOKENS, self._clocks.between_tokens_s)

    def explain(self, words: str) -> None:
        """Say this instead of the usual words if a clock has run out."""
        self._words = words

    def _run(self, kind: FailureKind, seconds: float) -> None:
        self._armed_s = self.elapsed_s
        end = self._called_at + self._deadline_s
        when = asyncio.get_running_loop().time() + seconds
        self._running = kind if when < end else FailureKind.TIMEOUT_TOTAL
        if not self._timeout.expired():
            self._timeout.reschedule(min(when, end))

    def _expired(self) -> BackendError:
        clocks, server = self._clocks, self._server
        match self._running:
            case FailureKind.TIMEOUT_FIRST_TOKEN:
                words = (
                    f"{server} sent no text within {clocks.first_token_s:g} s;"
                    " if the model only needs longer, raise first_token_timeout_s for this backend"
                )
            case FailureKind.TIMEOUT_BETWEEN_TOKENS:
                words = (
                    f"{server} stopped in the middle of its reply for {clocks.between_tokens_s:g} s;"
                    " if that is usual for it, raise between_tokens_timeout_s for this backend"
                )
            case _:
                words = f"{server} did not finish within the {self._deadline_s:g} s this action may take"
        return BackendError(self._running, self._words or words)
