"""What a folder is a copy of, so that two machines can tell that they work on the same repository."""

import re
from functools import lru_cache
from pathlib import Path
from urllib.parse import urlsplit

from tierwise.dispatch.git import ask_git

_LIKE_SSH = re.compile(r"(?:[^@/]+@)?([A-Za-z0-9.-]+):(?!//|:)(.+)")


@lru_cache(maxsize=64)
def repository_of(root: Path) -> str | None:
    """The repository's address in one spelling, with the folder's path in it; None where it has none elsewhere.

    Asks git, which reads the repository's settings and carries nothing out; to be called in a thread.
    """
    top = _git(root, "rev-parse", "--show-toplevel")
    remote = _git(root, "config", "--get", "remote.origin.url")
    if not top or not remote:
        return None
    name = plain_remote(remote)
    try:
        inner = root.resolve().relative_to(Path(top).resolve())
    except ValueError:
        return None
    return None if name is None else f"{name}//{inner.as_posix()}"


def plain_remote(remote: str) -> str | None:
    """`host/path` of a remote's address, however it is spelt; None for one that is a folder of this machine."""
    if "://" in remote:
        try:
            parts = urlsplit(remote)
            host = parts.hostname
        except ValueError:
            return None
        path = parts.path
        if parts.scheme == "file":
            return None
    elif found := _LIKE_SSH.fullmatch(remote):
        host, path = found.groups()
    else:
        return None
    path = path.strip("/").removesuffix(".git").strip("/")
    return f"{host.lower()}/{path}" if host and path else None


def _git(root: Path, *arguments: str) -> str:
    printed = ask_git(root, *arguments)
    try:
        return "" if printed is None else printed.decode("utf-8").strip()
    except UnicodeDecodeError:
        return ""
