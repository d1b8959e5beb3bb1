"""Read configuration files that anybody may have written: bounded, and only regular files."""

import hashlib
import os
import stat
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from platformdirs import user_config_path, user_state_path

from tierwise.config.keypaths import Tree
from tierwise.config.problems import Problem

MAX_BYTES = 256 * 1024
WORKSPACE_FILE = ".tierwise.toml"


@dataclass(frozen=True, slots=True, kw_only=True)
class FileState:
    """A configuration file as it was found."""

    path: Path
    is_there: bool
    size: int = 0
    sha256: str | None = None
    """Of the bytes; None for a file that is not there or was not read."""
    is_users: bool = False
    """Whether it is the user's own rather than a workspace's."""
    is_applied: bool = False
    """Whether its contents were parsed and used."""


def user_config_file(env: Mapping[str, str] = os.environ) -> Path:
    """The user's own configuration file: what TIERWISE_CONFIG names, else the platform's usual place."""
    named = env.get("TIERWISE_CONFIG", "").strip()
    return expanded(named) if named else default_user_config_file()


def expanded(path: str) -> Path:
    """A path with the home folder in place of `~`; one whose home folder nobody knows stays as it is."""
    return Path(os.path.expanduser(path))  # noqa: PTH111 - the method of Path raises for an unknown user.


def default_user_config_file() -> Path:
    """The platform's usual place of the user's configuration file."""
    return user_config_path("tierwise") / "config.toml"


def default_ledger_file() -> Path:
    """Where the ledger is kept unless the configuration says otherwise."""
    return user_state_path("tierwise") / "ledger.sqlite3"


def read_bytes(path: Path, *, follows_links: bool) -> bytes | Problem | None:
    """The bytes of a regular file up to MAX_BYTES; None when there is no such file; else a Problem that says why not.

    Opening never blocks, whatever the path is. With `follows_links` False a symbolic link is refused.
    """
    opened = _open(path, follows_links=follows_links)
    if not isinstance(opened, int):
        return opened
    try:
        found = os.fstat(opened)
        if not stat.S_ISREG(found.st_mode):
            return _unreadable(path, "is not a file; put settings in a plain text file")
        return too_large(path, found.st_size) if MAX_BYTES < found.st_size else _read_bounded(opened, path)
    except OSError as err:
        return _unreadable(path, f"cannot be read: {_reason(err)}")
    finally:
        os.close(opened)


def _open(path: Path, *, follows_links: bool) -> int | Problem | None:
    flags = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_BINARY", 0)
    try:
        if not follows_links:
            flags |= getattr(os, "O_NOFOLLOW", 0)
            if path.is_symlink():
                return _unreadable(path, "is a symbolic link; a workspace's settings must be a file of the workspace")
        return os.open(path, flags)
    except (FileNotFoundError, NotADirectoryError):
        return None
    except (OSError, ValueError) as err:
        return _unreadable(path, f"cannot be read: {_reason(err)}")


def _read_bounded(descriptor: int, path: Path) -> bytes | Problem:
    pieces: list[bytes] = []
    size = 0
    while size <= MAX_BYTES and (piece := os.read(descriptor, MAX_BYTES + 1 - size)):
        pieces.append(piece)
        size += len(piece)
    return too_large(path, size) if MAX_BYTES < size else b"".join(pieces)


def too_large(path: Path, size: int) -> Problem:
    """The problem with a file over the limit."""
    words = f"{path.name!r} has {size} bytes, more than the {MAX_BYTES} a settings file may have; make it smaller"
    return Problem(code="file-too-large", words=words, path=path)


def _unreadable(path: Path, words: str) -> Problem:
    return Problem(code="file-unreadable", words=f"{path.name!r} {words}", path=path)


def _reason(err: OSError | ValueError) -> str:
    return (err.strerror or str(err)) if isinstance(err, OSError) else str(err)


def digest_of(content: bytes) -> str:
    """SHA-256 in hexadecimal digits."""
    return hashlib.sha256(content).hexdigest()


def parse_toml(content: bytes, path: Path) -> tuple[Tree, str] | Problem:
    """The tree and the text of a TOML file, or a Problem with the place; a byte-order mark is allowed."""
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as err:
        words = f"{path.name!r} is not UTF-8 text at byte {err.start}; save it as UTF-8"
        return Problem(code="not-utf-8", words=words, path=path, line=content.count(b"\n", 0, err.start) + 1)
    text = text.replace("\r\n", "\n")
    try:
        return tomllib.loads(text), text
    except tomllib.TOMLDecodeError as err:
        words, line, column = _place_of(str(err), text)
        return Problem(
            code="not-toml", words=f"{path.name!r} is not TOML: {words}", path=path, line=line, column=column
        )
    except (RecursionError, ValueError):
        # The parser recurses into nested arrays, and Python refuses to read numbers of thousands of digits.
        words = f"{path.name!r} is not settings: a value is nested too deeply or a number is too long"
        return Problem(code="not-toml", words=words, path=path)


def _place_of(message: str, text: str) -> tuple[str, int | None, int | None]:
    """Split the parser's `Expected '=' after a key (at line 3, column 5)`."""
    words, _, place = message.partition(" (at ")
    words = words[:1].lower() + words[1:]
    if place.startswith("end of document"):
        return f"{words}, the file ends too early", text.count("\n") + 1, None
    numbers = [int(part) for part in place.replace(",", " ").replace(")", " ").split() if part.isdigit()]
    if len(numbers) != 2:
        return words, None, None
    return words, numbers[0], numbers[1]
