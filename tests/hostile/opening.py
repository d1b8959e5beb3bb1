"""One repository opened in a window, all its actions run, and what must not have happened."""

import os
import shutil
import stat
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from hostile.audit import Audit, Event, lies_in
from hostile.ground import Ground
from hostile.making import SECRET, make, seen
from hostile.repository import Repository
from hostile.window import Window

INSTRUCTION = "Document what this does"
HARMLESS = ("/dev/null", "/dev/tty", "/dev/shm", "/proc/self", "/sys/fs/cgroup", "/newroot", "/oldroot")  # noqa: S108
"""What is written to without leaving anything: devices, and what lies inside a sandbox."""


@dataclass
class Opened:
    """What came of opening one repository."""

    repository: Repository
    folder: Path
    fired: frozenset[str] = frozenset()
    events: list[Event] = field(default_factory=list)
    changed: list[str] = field(default_factory=list)
    prompts: str = ""
    results: list[dict[str, Any]] = field(default_factory=list)
    told: list[str] = field(default_factory=list)


def open_and_run(window: Window, ground: Ground, audit: Audit, repository: Repository, folder: Path) -> Opened:
    """Make a repository, open it, run everything, close it."""
    make(folder, repository.all_files, ground.around)
    before = seen(folder) | seen(ground.around.outside)
    n_calls = len(ground.book.calls)
    window.told.clear()
    opened = Opened(repository, folder)
    window.change_folders([folder], [])
    for name in repository.opens:
        opened.results += _run_all(window, folder / name)
    window.change_folders([], [folder])
    after = seen(folder) | seen(ground.around.outside)
    opened.changed = sorted(path for path in before.keys() | after.keys() if before.get(path) != after.get(path))
    opened.fired, opened.events = ground.around.fired, audit.news()
    opened.prompts = "".join(str(call.body) for call in ground.book.calls[n_calls:])
    opened.told = list(window.told)
    ground.around.forget()
    return opened


def _run_all(window: Window, path: Path) -> list[dict[str, Any]]:
    """Open a file as an editor would, ask for everything, run it, and close the file."""
    if not stat.S_ISREG(os.stat(path).st_mode):  # noqa: PTH116 - follows links, as editors do.
        return []
    uri = window.open(path)
    lines = path.read_text("utf-8", "replace").split("\n")
    line = next((n for n, text in enumerate(lines) if "area" in text.lower()), 0)
    here = {"start": {"line": line, "character": 0}, "end": {"line": line, "character": 4}}
    linted = [{"range": here, "message": "m", "code": "F401", "source": "ruff"}]
    entries = window.menu(uri, line, linted)
    window.command("tierwise.doctor")
    results = []
    for entry in entries:
        command = entry.get("command")
        if isinstance(command, dict) and "disabled" not in entry:
            arguments = command["arguments"][0] | {"action": command["arguments"][0].get("action", "")}
            arguments |= {"instruction": INSTRUCTION} if arguments["action"] in NEED_WORDS else {}
            results.append(window.command("tierwise.run", arguments))
    window.close(uri)
    return results


NEED_WORDS = ("do", "refactor", "refactor_across_files")


def strayed(opened: Opened, ground: Ground, *, may_write: Iterable[Path]) -> list[Event]:
    """What was done that nobody agreed to: programs of the repository, strange addresses, files of others."""
    return [event for event in opened.events if not _is_fine(event, opened.folder, ground, tuple(may_write))]


def _is_fine(event: Event, folder: Path, ground: Ground, may_write: tuple[Path, ...]) -> bool:
    match event.kind:
        case "connect":
            return event.what == ground.model_address
        case "resolve":
            return event.what in ("127.0.0.1", "localhost")
        case "run":
            program = event.what if "/" in event.what else shutil.which(event.what) or ""
            is_elsewhere = not event.folder or not lies_in(event.folder, folder)
            return event.what == "fork" or (program.startswith("/") and not lies_in(program, folder) and is_elsewhere)
        case _:
            return any(lies_in(event.what, place) for place in may_write) or event.what.startswith(HARMLESS)


def leaks(opened: Opened) -> bool:
    """Whether what must stay was in a prompt or in the words for the user."""
    return SECRET in opened.prompts or any(SECRET in words for words in opened.told)
