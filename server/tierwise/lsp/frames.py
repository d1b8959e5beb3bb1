"""Protocol frames on a byte stream: a header that names a length, an empty line, a JSON body."""

import re
from dataclasses import dataclass
from typing import Protocol

MAX_FRAME_BYTES = 64 * 1024 * 1024
"""A longer message is refused unread; the largest text a language model could edit is far smaller."""

_LINE_BYTES = 64 * 1024
_OVERLAP_BYTES = 64
_PEEK_BYTES = 512
# A header is looked for at the end of a line, not only as a whole line: after a body whose length was stated wrong, the
# next header follows directly on what is left of it. Inside a JSON body a raw line break cannot follow such a text.
_LENGTH = re.compile(rb"content-length:[ \t]*(\d{1,18})[ \t]*\r?\n$", re.IGNORECASE)
_ID = re.compile(rb'"id"[ \t]*:[ \t]*(\d{1,18}|"[^"\\]{0,200}")')


class ByteSource(Protocol):
    """What frames are read from: a buffered file."""

    def readline(self, size: int = -1, /) -> bytes:
        """One line with its break, at most `size` bytes of it; empty at the end."""
        ...

    def read(self, size: int = -1, /) -> bytes:
        """Exactly `size` bytes, fewer only at the end."""
        ...

    def peek(self, size: int = 0, /) -> bytes:
        """What comes next, at least one byte unless the end has come, without taking it."""
        ...


@dataclass(frozen=True, slots=True)
class Oversized:
    """A message that was skipped because of its length."""

    n_bytes: int
    request_id: int | str | None
    """The request's id if it stood at the beginning of the message."""


def read_frame(source: ByteSource) -> bytes | Oversized | None:
    """Wait for the next message and return its body; None at the end of the stream.

    Headers are read whatever their case. Bytes that are no header are skipped up to the next one.
    """
    length: int | None = None
    carry = b""
    while True:
        line = source.readline(_LINE_BYTES)
        if not line:
            return None
        if length is not None and line in (b"\r\n", b"\n"):
            return _read_body(source, length)
        line = carry + line
        if found := _LENGTH.search(line):
            length = int(found.group(1))
        carry = b"" if line.endswith(b"\n") else line[-_OVERLAP_BYTES:]


def encode_frame(body: bytes) -> bytes:
    """Put the header before a body."""
    return b"Content-Length: %d\r\n\r\n%b" % (len(body), body)


def _read_body(source: ByteSource, length: int) -> bytes | Oversized | None:
    if length <= MAX_FRAME_BYTES:
        body = source.read(length)
        return body if len(body) == length else None
    # The body is not counted off: a length nobody means, such as 100 GB, would swallow everything that follows.
    first_line = source.peek(_PEEK_BYTES)[:_PEEK_BYTES].partition(b"\n")[0]
    found = _ID.search(first_line)
    if found is None:
        return Oversized(length, None)
    written = found.group(1)
    return Oversized(length, written[1:-1].decode("utf-8", "replace") if written.startswith(b'"') else int(written))
