"""What the server writes to standard error: never the user's code, a path, or a key."""

import logging
import re
import sys
import traceback
from pathlib import PurePath

from tierwise.lsp import __name__ as _package

_OURS = _package.partition(".")[0]
_QUIET = ("pygls", "asyncio", "httpx", "httpx2", "httpcore", "httpcore2", "openai", "ollama", "watchfiles", "keyring")
_SECRET = re.compile(r"(?i)(bearer\s+|\bsk-|key[=:]\s*)[\w.+/=-]{6,}")


class RedactingFormatter(logging.Formatter):
    """Formats our own records in full, foreign ones without their arguments, exceptions without their words.

    Libraries log the messages they cannot handle, which are the user's files; their exceptions quote them.
    """

    def __init__(self) -> None:
        super().__init__("%(asctime)s %(levelname)s %(name)s: %(message)s")

    def format(self, record: logging.LogRecord) -> str:
        """One line for the record, one more for an exception."""
        is_ours = record.name == _OURS or record.name.startswith(_OURS + ".")
        words = record.getMessage() if is_ours else str(record.msg)
        line = f"{self.formatTime(record)} {record.levelname} {record.name}: {scrub(words)}"
        if record.exc_info and record.exc_info[1] is not None:
            line += "\n    " + frames_of(record.exc_info[1])
        return line


def scrub(words: str) -> str:
    """Blank out what looks like a key."""
    return _SECRET.sub(lambda found: found.group(1) + "…", words)


def frames_of(error: BaseException) -> str:
    """Where an exception was raised, as type and module lines, innermost last, without its message or any source."""
    frames = traceback.extract_tb(error.__traceback__)
    places = [f"{PurePath(frame.filename).stem}.{frame.name}:{frame.lineno}" for frame in frames]
    cause = f" from {frames_of(error.__cause__)}" if error.__cause__ is not None else ""
    return f"{type(error).__name__} in {' > '.join(places) or 'nowhere'}{cause}"


def set_up_logging(level: int = logging.WARNING) -> None:
    """Send everything to standard error in our format, libraries from WARNING up."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(RedactingFormatter())
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(logging.WARNING)
    logging.getLogger(_OURS).setLevel(level)
    for name in _QUIET:
        logging.getLogger(name).setLevel(logging.WARNING)
