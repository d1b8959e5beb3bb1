"""Names of files in replies: recognized in headings, and matched with the files the reply is about."""

import re
from collections.abc import Collection

_LABEL = re.compile(
    r"^(?:\d+[.)]\s+|[-*+]\s+|#{1,6}\s+|//\s*|/\*\s*|<!--\s*|--\s+|;+\s*)*"
    r"(?:\W*(?:file|filename|filepath|file ?path|path|in|update|updated|create|created|modify|modified|edit|new file|"
    r"title)\W*[:=]\W*)?",
    re.IGNORECASE,
)
_NOTE = re.compile(r"\s*(?:\((?:new|updated|modified|created|existing|full)[^)]*\)|\*/|-->)\s*$", re.IGNORECASE)
_WRAPPING = "`*\"'<>[]{}“”‘’ \t"  # noqa: RUF001
_PATH = re.compile(r"^(?:[A-Za-z]:)?[\w.@+~/\\\-()\[\]$#]*[\w)\]]$")
_LONGEST_NAME = 255
"""Bytes of a name on the usual disks."""
_BETWEEN_WORDS = re.compile(r"[\s:=,]+")
_EXTENSION = re.compile(r"[\w)\]]\.[A-Za-z][\w+\-]{0,11}$|^\.[A-Za-z][\w.\-]+$")
_BARE_NAMES = frozenset({
    "Makefile", "makefile", "GNUmakefile", "Dockerfile", "Containerfile", "LICENSE", "README", "CHANGELOG", "Gemfile",
    "Rakefile", "Procfile", "Vagrantfile", "Jenkinsfile", "Justfile", "justfile", "AUTHORS", "COPYING", "NOTICE",
    "BUILD", "WORKSPACE",
})  # fmt: skip


def plain(name: str) -> str:
    """A path as it is compared: forward slashes, no `./` in front."""
    path = name.strip().replace("\\", "/")
    while path.startswith("./"):
        path = path[2:]
    return re.sub(r"/{2,}", "/", path)


def resolve(name: str, known: Collection[str]) -> str | None:
    """The one of `known` that a name in a reply means; None when it means none or could mean several.

    Besides the very name: with the `a/` or `b/` of diffs, with leading folders too many or too few, and with other
    capitals.
    """
    if name in known:
        return name
    path = plain(name)
    by_plain = {plain(one): one for one in known}
    for candidate in (path, path[2:] if path[:2] in ("a/", "b/") else path):
        if candidate in by_plain:
            return by_plain[candidate]
    longer = [one for one in by_plain if one.endswith("/" + path.lstrip("/"))]
    if longer:
        return by_plain[longer[0]] if len(longer) == 1 else None
    shorter = sorted((one for one in by_plain if path.endswith("/" + one)), key=len)
    if shorter:
        return by_plain[shorter[-1]]
    same_letters = [one for one in by_plain if one.lower() == path.lower()]
    return by_plain[same_letters[0]] if len(same_letters) == 1 else None


def is_inside(name: str) -> bool:
    """Whether a file of this name would lie inside the project, on a disk that can have such names."""
    path = plain(name)
    if "\0" in path or any(_LONGEST_NAME < len(part.encode("utf-8", "replace")) for part in path.split("/")):
        return False
    return bool(path) and not path.startswith("/") and not re.match(r"[A-Za-z]:", path) and ".." not in path.split("/")


def looks_like_path(text: str) -> bool:
    """Whether a single word could name a file."""
    if not _PATH.match(text) or "//" in text or re.fullmatch(r"[\d.\-/]+", text):
        return False
    name = plain(text).rsplit("/", 1)[-1]
    return bool(_EXTENSION.search(name)) or name in _BARE_NAMES or ("/" in text and bool(name))


def path_of_heading(line: str, known: Collection[str]) -> str | None:
    """The path that a whole line is, once decoration is taken off; None for a line of prose."""
    text = line.strip()
    if text in known:
        return text
    for candidate in (text, _NOTE.sub("", text), _LABEL.sub("", _NOTE.sub("", text))):
        bare = candidate.strip(_WRAPPING).rstrip(":").strip(_WRAPPING)
        if bare in known or looks_like_path(bare):
            return bare
        if bare[:1] == bare[-1:] == "_" and looks_like_path(bare.strip("_")):
            return bare.strip("_")
    return None


def paths_mentioned(line: str, known: Collection[str]) -> list[str]:
    """The known files that a line of prose names, each once, in order."""
    found = []
    for word in re.findall(r"[^\s`'\"*,;()<>]+", line):
        name = word.rstrip(".:!?")
        path = resolve(name, known) if name in known or looks_like_path(name) else None
        if path is not None and path not in found:
            found.append(path)
    return found


def path_in_info(info: str, known: Collection[str]) -> str | None:
    """The path in what follows an opening fence, e.g. `python src/a.py` or `a.py`."""
    for raw in _BETWEEN_WORDS.split(info):
        word = "" if raw.startswith("{.") else raw.strip(_WRAPPING)
        if word in known or (("." in word or "/" in word) and looks_like_path(word)):
            return word
    return None
