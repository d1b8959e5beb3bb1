"""A reply while it comes in, and what it takes to be a completion."""

import math
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TypeGuard

from tierwise.backends.base import BackendError, ChatRequest, Completion, FailureKind, Usage
from tierwise.backends.clocks import RunningClocks
from tierwise.backends.truncation import was_cut

REPLY_CAP = 2 * 1024 * 1024
"""Bytes of text in a reply."""
BYTES_PER_TOKEN = 3
"""For estimates of what a server did not count; code takes more bytes to a token, so this errs on the dear side."""

FINISHES = {
    "length": FailureKind.LENGTH,
    "max_tokens": FailureKind.LENGTH,
    "model_length": FailureKind.LENGTH,
    "model_context_window_exceeded": FailureKind.LENGTH,
    "content_filter": FailureKind.FILTERED,
    "safety": FailureKind.FILTERED,
    "sensitive": FailureKind.FILTERED,
    "refusal": FailureKind.FILTERED,
    "insufficient_system_resource": FailureKind.OVERLOADED,
    "network_error": FailureKind.SERVER_ERROR,
}


class Draft:
    """Collects the pieces of one reply. Backends fill it, and only `completion` turns it into something usable."""

    def __init__(self, request: ChatRequest, clocks: RunningClocks, on_text: Callable[[str], None], name: str) -> None:
        self._request = request
        self._clocks = clocks
        self._on_text = on_text
        self._name = name
        self._pieces: list[str] = []
        self._n_bytes = 0
        self._n_reasoning_bytes = 0
        self._n_chars = 0
        self.usage: Usage | None = None
        self.finish: str | None = None
        self.is_ended = False
        """Whether the server marked the end of its stream."""
        self.refusal = ""
        self.model = request.model

    def add(self, text: str) -> None:
        """Take a piece of content. Raises BackendError when the reply grows too large."""
        if not text:
            return
        self._clocks.tick()
        self._n_bytes += len(text.encode("utf-8", "surrogatepass"))
        self._n_chars += len(text)
        if REPLY_CAP < self._n_bytes:
            words = f"{self._name} wrote more than {REPLY_CAP >> 20} MiB, so its reply was not used"
            raise BackendError(FailureKind.PROTOCOL, words)
        self._pieces.append(text)
        self._on_text(text)

    def add_reasoning(self, text: str) -> None:
        """Count a piece of reasoning, which is paid for but is no content."""
        if text:
            self._clocks.tick(is_content=False)
            self._n_reasoning_bytes += len(text.encode("utf-8", "surrogatepass"))
            self._n_chars += len(text)

    @contextmanager
    def accounted(self) -> Iterator[None]:
        """Put on every BackendError that passes what the call has used so far."""
        try:
            yield
        except BackendError as err:
            err.usage = err.usage or self.usage
            err.n_output_chars = self._n_chars
            raise

    def check_prompt_was_read(self) -> None:
        """Raise BackendError when the server's own count shows that it saw only a part of the prompt."""
        if was_cut(self._request, self.usage):
            words = (
                f"{self._request.model!r} at {self._name} saw only the end of the request because it did not fit"
                " its window: select less code"
            )
            raise BackendError(FailureKind.TRUNCATED_PROMPT, words)

    def completion(self) -> Completion:
        """The finished reply. Raises BackendError unless it ended as a reply must."""
        if self.refusal:
            raise BackendError(FailureKind.FILTERED, f"{self._name} refused to answer: try another instruction")
        if self.finish is None or not self.is_ended:
            words = f"{self._name} broke its reply off without saying that it was finished, so it was not used"
            raise BackendError(FailureKind.NO_FINISH, words)
        if self.finish != "stop":
            raise self._unfinished(self.finish)
        text = "".join(self._pieces)
        if not text.strip():
            only = " but reasoning" if self._n_reasoning_bytes else ""
            raise BackendError(FailureKind.EMPTY, f"{self._request.model!r} at {self._name} wrote nothing{only}")
        if not text.isascii() and any("\ud800" <= char <= "\udfff" for char in text):
            raise BackendError(FailureKind.PROTOCOL, f"{self._name} wrote half a character, so its reply was not used")
        return Completion(
            text=text,
            usage=self.usage or self._estimate(),
            model=self.model,
            first_token_s=self._clocks.first_content_s,
            duration_s=self._clocks.elapsed_s,
        )

    def _unfinished(self, finish: str) -> BackendError:
        kind = FINISHES.get(finish, FailureKind.PROTOCOL)
        match kind:
            case FailureKind.LENGTH:
                words = (
                    f"the reply of {self._request.model!r} was cut at its length limit"
                    f" ({self._request.max_output_tokens} tokens were allowed): select less code"
                )
            case FailureKind.FILTERED:
                words = f"{self._name} filtered the reply"
            case _:
                words = f"{self._name} ended its reply with {finish!r}, so it was not used"
        return BackendError(kind, words)

    def _estimate(self) -> Usage:
        n_prompt_bytes = sum(len(message.content.encode("utf-8", "replace")) for message in self._request.messages)
        return Usage(
            input_tokens=math.ceil(n_prompt_bytes / BYTES_PER_TOKEN),
            output_tokens=math.ceil((self._n_bytes + self._n_reasoning_bytes) / BYTES_PER_TOKEN),
            is_estimated=True,
        )


def make_usage(
    n_input: object, n_output: object, n_cached: object = 0, n_reasoning: object = 0, n_written: object = 0
) -> Usage | None:
    """Counts from a server; None when the main ones are missing or cannot be, and then they are to be estimated."""
    if not (_is_count(n_input) and _is_count(n_output)) or n_input == 0:
        return None
    return Usage(
        input_tokens=n_input,
        output_tokens=n_output,
        cached_tokens=min(n_cached, n_input) if _is_count(n_cached) else 0,
        reasoning_tokens=min(n_reasoning, n_output) if _is_count(n_reasoning) else 0,
        cache_write_tokens=min(n_written, n_input) if _is_count(n_written) else 0,
    )


def _is_count(value: object) -> TypeGuard[int]:
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value
