"""Read and write text files without losing a byte that was not meant."""

import os
import secrets
import stat
import tokenize
from collections.abc import Iterable
from pathlib import Path

from tierwise.syntax.languages import language_of
from tierwise.text import Rejection, Snapshot

_READING = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
_WRITING_NEW = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_BINARY", 0)
_BOM = b"\xef\xbb\xbf"
_WIDE_MARKS = (b"\xff\xfe", b"\xfe\xff")


def read_snapshot(path: Path, roots: Iterable[Path], max_bytes: int) -> Snapshot | Rejection:
    """A text file inside one of the roots as a snapshot; line ends and the byte-order mark are kept.

    Symbolic links are followed only while they stay inside the roots.
    """
    try:
        real = path.resolve(strict=True)
    except (OSError, RuntimeError, ValueError):
        return Rejection("no-file", f"there is no file {str(path)!r}")
    if not any(real.is_relative_to(root.resolve()) for root in roots):
        return Rejection("outside-workspace", f"{str(path)!r} lies outside the workspace")
    raw = _read_regular(real, max_bytes)
    if isinstance(raw, Rejection):
        return raw
    return _decode(path, raw)


def _read_regular(path: Path, max_bytes: int) -> bytes | Rejection:
    try:
        # Opening a pipe would wait for somebody to write, and what a path leads to may change while it is looked at.
        with os.fdopen(os.open(path, _READING), "rb") as file:
            status = os.fstat(file.fileno())
            if not stat.S_ISREG(status.st_mode):
                return Rejection("not-a-file", f"{str(path)!r} is not a regular file")
            raw = b"" if max_bytes < status.st_size else file.read(max_bytes + 1)
            size = max(status.st_size, len(raw))
            if max_bytes < size:
                return Rejection("too-large", f"{str(path)!r} has {size} bytes, over the limit of {max_bytes}")
            return raw
    except OSError as err:
        return Rejection("unreadable", f"{str(path)!r} cannot be read: {err.strerror}")


def _decode(path: Path, raw: bytes) -> Snapshot | Rejection:
    if b"\0" in raw and not raw.startswith(_WIDE_MARKS):
        return Rejection("binary", f"{str(path)!r} holds NUL bytes, so it is not taken for text")
    encoding = _encoding_of(path, raw)
    try:
        text = raw.decode(encoding)
    except (UnicodeDecodeError, LookupError):
        return Rejection("encoding", f"{str(path)!r} is not {encoding} text; save it as UTF-8")
    if "\0" in text:
        return Rejection("binary", f"{str(path)!r} holds NUL characters, so it is not taken for text")
    if text.encode(encoding) != raw:
        return Rejection("encoding", f"{str(path)!r} would not survive being read as {encoding}; save it as UTF-8")
    return Snapshot(uri=path.absolute().as_uri(), text=text, language=language_of(str(path)), encoding=encoding)


def _encoding_of(path: Path, raw: bytes) -> str:
    if raw.startswith(_WIDE_MARKS):
        # The mark stays in the text, so that writing it again keeps the order of the bytes.
        return "utf-16-le" if raw.startswith(_WIDE_MARKS[0]) else "utf-16-be"
    if raw.startswith(_BOM):
        return "utf-8-sig"
    if path.suffix in (".py", ".pyi"):
        try:
            # A lone carriage return ends a line too, so the bytes are split here.
            return tokenize.detect_encoding(iter(raw.splitlines(keepends=True)[:2]).__next__)[0]
        except SyntaxError:
            return "utf-8"
    return "utf-8"


def write_text(path: Path, text: str, encoding: str) -> None:
    """Replace a file's content in one step: written beside it, synced, renamed over it; its mode is kept.

    Raises OSError and UnicodeEncodeError; the file is then as it was.
    """
    raw = text.encode(encoding)
    path.parent.mkdir(parents=True, exist_ok=True)
    real = path.resolve() if path.exists() else path
    # A name nobody can foresee: a repository may hold links under all others, and they would be written through.
    aside = real.parent / f".tierwise-{secrets.token_hex(8)}"
    try:
        with os.fdopen(os.open(aside, _WRITING_NEW, 0o666), "wb") as file:
            file.write(raw)
            file.flush()
            os.fsync(file.fileno())
        if real.exists():
            aside.chmod(stat.S_IMODE(real.stat().st_mode))
        aside.replace(real)
    finally:
        aside.unlink(missing_ok=True)
