"""Files as URIs name them."""

import re
from pathlib import Path
from urllib.parse import unquote_to_bytes, urlsplit

_DRIVE = re.compile(r"/[A-Za-z]:")


def path_of(uri: str) -> Path | None:
    """The file a URI names on this machine; None for everything else, and for what only looks like a file.

    The URI is decoded once. An encoded slash is no separator, so such a URI names no file. Without looking at links,
    `..` is taken out of the way: rules about folders must see the folder that is meant.
    """
    try:
        parts = urlsplit(uri)
        written = unquote_to_bytes(parts.path).decode("utf-8")
    except ValueError:
        return None
    is_here = parts.netloc.lower() in ("", "localhost")
    if parts.scheme.lower() != "file" or not is_here or "\0" in written or "%2f" in parts.path.lower():
        return None
    path = Path(written[1:] if _DRIVE.match(written) else written)
    return _without_steps_up(path) if path.is_absolute() else None


def _without_steps_up(path: Path) -> Path:
    parts: list[str] = []
    for part in path.parts[1:]:
        if part != "..":
            parts.append(part)
        elif parts:
            parts.pop()
    return Path(path.anchor, *parts)
