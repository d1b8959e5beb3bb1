"""What a process did: programs it started, addresses it talked to, files it wrote."""

import json
import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

HOOK = """\
import json, os, sys
_descriptor = os.open(os.environ["AUDIT_FILE"], os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
_WRITES = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND
_KINDS = ("os.remove", "os.rename", "os.mkdir", "os.rmdir", "os.symlink", "os.link", "os.chmod", "os.truncate",
          "subprocess.Popen", "os.exec", "os.posix_spawn", "os.system", "os.fork", "os.forkpty",
          "socket.connect", "socket.sendto", "socket.sendmsg", "socket.getaddrinfo", "socket.gethostbyname")
def _heard(event, arguments):
    if event == "open":
        if not isinstance(arguments[2], int) or not arguments[2] & _WRITES or isinstance(arguments[0], int):
            return
    elif event not in _KINDS or (event in ("os.chmod", "os.truncate") and isinstance(arguments[0], int)):
        return  # A descriptor is what an opened file is called, and its opening was heard.
    if event in ("os.remove", "os.rmdir", "os.mkdir") and arguments[-1] >= 0:
        folder = os.readlink(f"/proc/self/fd/{arguments[-1]}")
        arguments = (os.path.join(folder, os.fspath(arguments[0])), *arguments[1:])
    plain = (str, int, list, tuple, type(None))
    words = [event, *(one if isinstance(one, plain) else repr(one) for one in arguments)]
    os.write(_descriptor, json.dumps(words, default=repr).encode() + b"\\n")
sys.addaudithook(_heard)
"""
"""A `sitecustomize` that writes down what the interpreter is about to do."""


@dataclass(frozen=True)
class Event:
    """One thing a process did."""

    kind: str
    """`run`, `connect`, `resolve` or `write`."""
    what: str
    """The program, the address, the name, or the path."""
    arguments: tuple[str, ...] = ()
    folder: str = ""
    """Where a program was started; empty: where its parent is."""


class Audit:
    """The record of one process and, where the system keeps it, of its children."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._file = folder / "audit.jsonl"
        self._traced = folder / "trace.txt"
        self._at = self._traced_at = 0
        folder.mkdir()
        (folder / "sitecustomize.py").write_text(HOOK)
        self._file.touch()

    @property
    def environment(self) -> dict[str, str]:
        """What makes an interpreter keep the record."""
        return {"PYTHONPATH": str(self.folder), "AUDIT_FILE": str(self._file)}

    @property
    def tracer(self) -> tuple[str, ...]:
        """A command that records the system calls of the one behind it, and of all its children."""
        calls = "execve,execveat,connect,sendto,open,openat,creat,unlink,unlinkat,rename,renameat,renameat2,mkdir"
        calls += ",mkdirat,symlink,symlinkat,link,linkat,truncate,chmod,fchmodat,mknod,mknodat"
        flags = ("-f", "-qq", "-s", "4096", "-e", "signal=none", "-o", str(self._traced))
        return ("strace", *flags, "-e", f"trace={calls}")

    def news(self) -> list[Event]:
        """What was recorded since the last time."""
        with self._file.open("rb") as file:
            file.seek(self._at)
            lines = file.read().split(b"\n")[:-1]
        self._at += sum(len(line) + 1 for line in lines)
        found = [event for line in lines for event in _heard(json.loads(line))]
        return found + list(self._traced_news())

    def _traced_news(self) -> Iterator[Event]:
        if not self._traced.exists():
            return
        with self._traced.open("rb") as file:
            file.seek(self._traced_at)
            lines = file.read().split(b"\n")[:-1]
        self._traced_at += sum(len(line) + 1 for line in lines)
        for line in lines:
            yield from _traced(line.decode("utf-8", "replace"))


def _heard(words: list[Any]) -> Iterator[Event]:
    event, *arguments = words
    match event:
        case "subprocess.Popen":
            command = arguments[1] if isinstance(arguments[1], list) else [arguments[0]]
            yield Event("run", str(arguments[0]), tuple(map(str, command)), str(arguments[2] or ""))
        case "os.exec" | "os.posix_spawn" | "os.system":
            yield Event("run", str(arguments[0]))
        case "socket.connect" | "socket.sendto" | "socket.sendmsg":
            yield Event("connect", _address(arguments[-1]))
        case "socket.getaddrinfo" | "socket.gethostbyname":
            yield Event("resolve", str(arguments[0]))
        case "os.fork" | "os.forkpty":
            yield Event("run", "fork")
        case "os.rename" | "os.link" | "os.symlink":
            yield Event("write", str(arguments[0]))
            yield Event("write", str(arguments[1]))
        case _:
            yield Event("write", str(arguments[0]))


def _address(raw: Any) -> str:
    return f"{raw[0]}:{raw[1]}" if isinstance(raw, list | tuple) and 2 <= len(raw) else str(raw)


_CALL = re.compile(r"^\d+\s+(\w+)\((.*)$")
_QUOTED = re.compile(r'"((?:[^"\\]|\\.)*)"')
_INET = re.compile(r"sin6?_port=htons\((\d+)\).*?(?:inet_addr\(\"|inet_pton\(AF_INET6, \")([^\"]+)")


def _traced(line: str) -> Iterator[Event]:
    found = _CALL.match(line)
    if found is None:
        return
    call, rest = found.groups()
    texts = [_unquoted(text) for text in _QUOTED.findall(rest)]
    if call.startswith("exec") and texts:
        yield Event("run", texts[0], tuple(texts[1:]))
    elif call in ("connect", "sendto"):
        place = _INET.search(rest)
        if place is not None:
            yield Event("connect", f"{place[2]}:{place[1]}")
    elif call in ("open", "openat"):
        if re.search(r"O_WRONLY|O_RDWR|O_CREAT|O_TRUNC|O_APPEND", rest) and texts:
            yield Event("write", texts[0])
    else:
        yield from (Event("write", text) for text in texts)


def _unquoted(text: str) -> str:
    return re.sub(r"\\(\\|\"|[0-7]{1,3}|[a-z])", _character, text)


def _character(found: re.Match[str]) -> str:
    word = found[1]
    return chr(int(word, 8)) if word.isdigit() else {"n": "\n", "t": "\t", "r": "\r"}.get(word, word)


def lies_in(path: str, folder: Path) -> bool:
    """Whether a path, as it is written, lies in a folder."""
    return os.path.abspath(path).startswith(f"{folder}{os.sep}") or path == str(folder)  # noqa: PTH100 - may be no text.
