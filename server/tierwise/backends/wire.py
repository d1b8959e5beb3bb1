"""What an answer of a model server must be: strict, and bounded."""

from typing import Protocol

from tierwise.backends.base import BackendError, FailureKind

LINE_CAP = 256 * 1024
"""Bytes of one line of a streamed reply."""
STREAM_CAP = 64 * 1024 * 1024
"""Bytes of a streamed reply with all its framing; the text in it has its own, smaller cap."""
DOCUMENT_CAP = 8 * 1024 * 1024
"""Bytes of an answer that is one document, e.g. a list of models."""
ERROR_CAP = 64 * 1024
"""Bytes of an error body that are read."""

SEPARATORS = ((b"\xc2\x85", rb"\u0085"), (b"\xe2\x80\xa8", rb"\u2028"), (b"\xe2\x80\xa9", rb"\u2029"))
EVENT_STREAM = ("text/event-stream",)
JSON_LINES = ("application/x-ndjson", "application/json", "application/jsonl")


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


class OpenGuard:
    """Passes everything; for files, whose size and content are checked when they are whole."""

    def feed(self, chunk: bytes) -> bytes:
        """Pass."""
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
