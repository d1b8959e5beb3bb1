"""What may pass between us and a model server: one origin, few headers, strict and bounded replies."""

from dataclasses import dataclass, field
from typing import Protocol

from tierwise import __version__
from tierwise.backends.base import BackendError, FailureKind
from tierwise.backends.failures import Site
from tierwise.backends.origins import Origin

LINE_CAP = 256 * 1024
"""Bytes of one line of a streamed reply."""
STREAM_CAP = 64 * 1024 * 1024
"""Bytes of a streamed reply with all its framing; the text in it has its own, smaller cap."""
DOCUMENT_CAP = 8 * 1024 * 1024
"""Bytes of an answer that is one document, e.g. a list of models."""
ERROR_CAP = 64 * 1024
"""Bytes of an error body that are read."""

PASSED_HEADERS = ("host", "content-type", "content-length", "transfer-encoding", "accept", "connection")
SEPARATORS = ((b"\xc2\x85", rb"\u0085"), (b"\xe2\x80\xa8", rb"\u2028"), (b"\xe2\x80\xa9", rb"\u2029"))
NATIVE_KEY_HOSTS = ("api.anthropic.com",)
"""Hosts where only the chat is OpenAI's protocol; their list of models wants the key in a header of its own."""
EVENT_STREAM = ("text/event-stream",)
JSON_LINES = ("application/x-ndjson", "application/json", "application/jsonl")


@dataclass(frozen=True, slots=True, kw_only=True)
class Egress:
    """The one origin a client may send to, and the key that belongs to it."""

    origin: Origin
    site: Site
    """Who is asked, for people."""
    key: str | None = field(default=None, repr=False)
    chat_path: str
    """How the path of a streamed call ends; other paths answer with one document."""
    stream_types: tuple[str, ...]
    """The content types of a streamed reply."""

    def headers(self, url: str, given: dict[str, str]) -> dict[str, str]:
        """The headers that leave, out of those an SDK wants to send.

        SDKs add headers from the environment, among them keys for other origins; only named ones pass. Compressed
        answers are not asked for, because a small one can hide a huge one.
        """
        if Origin.of(url) != self.origin:
            words = f"a request for {self.site.name} was about to leave for {url!r}: nothing was sent"
            raise BackendError(FailureKind.PROTOCOL, words)
        sent = {name: value for name, value in given.items() if name.lower() in PASSED_HEADERS}
        sent |= {"accept-encoding": "identity", "user-agent": f"tierwise/{__version__}"}
        if self.key is None:
            return sent
        if self.origin.host in NATIVE_KEY_HOSTS and not url.endswith(self.chat_path):
            return sent | {"x-api-key": self.key, "anthropic-version": "2023-06-01"}
        return sent | {"authorization": f"Bearer {self.key}"}

    def guard(self, path: str, headers: dict[str, str]) -> "Guard":
        """What an answer with status 200 passes through. Raises BackendError when it is of another type."""
        if headers.get("content-encoding", "identity") != "identity":
            raise BackendError(
                FailureKind.PROTOCOL, f"{self.site.name} answered compressed although that was not asked for"
            )
        if not path.endswith(self.chat_path):
            return DocumentGuard(self.site.name)
        found = headers.get("content-type", "").partition(";")[0].strip().lower()
        if found not in self.stream_types:
            words = (
                f"{self.site.name} answered with {found or 'no content type'!r} instead of a stream:"
                " check that the address in the configuration is the one of its chat interface"
            )
            raise BackendError(FailureKind.PROTOCOL, words)
        return LineGuard(self.site.name, is_json_lines=self.stream_types == JSON_LINES)


class Guard(Protocol):
    """Passes the bytes of an answer on or refuses them."""

    def feed(self, chunk: bytes) -> bytes:
        """What of the bytes so far may be read. Raises BackendError."""
        ...

    def finish(self) -> bytes:
        """What is left at the end."""
        ...


class DocumentGuard:
    """Bounds an answer that is read whole."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._n_bytes = 0

    def feed(self, chunk: bytes) -> bytes:
        """Count and pass."""
        self._n_bytes += len(chunk)
        if DOCUMENT_CAP < self._n_bytes:
            raise BackendError(FailureKind.PROTOCOL, f"{self._name} sent a document over {DOCUMENT_CAP >> 20} MiB")
        return chunk

    def finish(self) -> bytes:
        """Nothing is held back."""
        return b""


class LineGuard:
    """Passes whole lines of a streamed reply, each strict UTF-8 and of bounded length.

    `has_done` tells whether the `[DONE]` event was seen, which SDKs swallow; what follows it is dropped.
    """

    def __init__(self, name: str, *, is_json_lines: bool = False) -> None:
        self._name = name
        self._is_json_lines = is_json_lines
        self._held = bytearray()
        self._n_bytes = 0
        self.has_done = False

    def feed(self, chunk: bytes) -> bytes:
        """Pass the lines that are complete."""
        self._n_bytes += len(chunk)
        if STREAM_CAP < self._n_bytes:
            raise self._refusal(f"a stream over {STREAM_CAP >> 20} MiB")
        end = chunk.rfind(b"\n") + 1
        if end == 0:
            self._held += chunk
            self._check_length(len(self._held))
            return b""
        lines = bytes(self._held) + chunk[:end]
        self._held = bytearray(chunk[end:])
        self._check_length(len(self._held))
        return b"".join(self._pass(line) for line in lines.splitlines(keepends=True))

    def finish(self) -> bytes:
        """Pass the last line, which nothing ended."""
        line, self._held = bytes(self._held), bytearray()
        return self._pass(line) if line else b""

    def _pass(self, line: bytes) -> bytes:
        if self.has_done:
            return b""
        self._check_length(len(line))
        try:
            line.decode()
        except UnicodeDecodeError as err:
            raise self._refusal("bytes that are not UTF-8") from err
        bare = line.strip()
        if self._is_json_lines and bare:
            if not bare.startswith(b"{"):
                raise self._refusal("a line that is not JSON")
            return _escape_separators(line)
        self.has_done = bare.replace(b" ", b"") == b"data:[DONE]"
        # The empty line that ends the event belongs to it, but comes after it and would be dropped.
        return bare + b"\n\n" if self.has_done else line

    def _check_length(self, n_bytes: int) -> None:
        if LINE_CAP < n_bytes:
            raise self._refusal(f"a line over {LINE_CAP >> 10} KiB")

    def _refusal(self, what: str) -> BackendError:
        return BackendError(FailureKind.PROTOCOL, f"{self._name} sent {what}, so its reply was not used")


def _escape_separators(line: bytes) -> bytes:
    """Write as JSON escapes the characters at which httpx, unlike JSON lines, would break a line."""
    return (
        line.replace(b"\xc2\x85", rb"\u0085").replace(b"\xe2\x80\xa8", rb"\u2028").replace(b"\xe2\x80\xa9", rb"\u2029")
    )
