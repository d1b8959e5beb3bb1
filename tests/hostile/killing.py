"""A server that is killed at a chosen moment of an edit, and what lies around it: files, an editor, the next server."""

import contextlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from e2e.loaded import shared
from e2e.modules import CHANGED, NAMES, SHARED, module
from hostile.editing import Files, Stopped
from hostile.ground import Ground
from hostile.window import CAPABILITIES, TRUSTED, Window

HOOK = """\
import os, signal, sys, threading
_kind, _, _what = os.environ["KILL_AT"].partition(" ")
_armed = os.environ["KILL_ARMED"]
def _die():
    if os.path.exists(_armed):
        os.kill(os.getpid(), signal.SIGKILL)
def _heard(event, arguments):
    if event == _what and f"{os.sep}restore{os.sep}" in str(arguments[-1 if event == "os.remove" else 1]):
        _die()
def _removed(event, arguments):
    if event == "os.remove" and f"{os.sep}restore{os.sep}" in str(arguments[0]):
        _die()
def _called(frame, event, _):
    if event == _kind and frame.f_code.co_name == _what and "tierwise" in frame.f_code.co_filename:
        _die()
if _kind == "audit":
    sys.addaudithook(_removed if _what == "os.remove" else _heard)
elif _kind in ("call", "return"):
    sys.setprofile(_called)
    threading.setprofile(_called)
"""
"""A `sitecustomize` that ends its process before or after a step of the server's own."""

OPEN = NAMES[:2]
MADE, GONE, OLD, NEW = "made.py", "gone.py", "old.py", "new.py"
CONFIRMING = CAPABILITIES["workspace"]["workspaceEdit"] | {"changeAnnotationSupport": {}}
CONFIRMS: dict[str, Any] = CAPABILITIES | {"workspace": CAPABILITIES["workspace"] | {"workspaceEdit": CONFIRMING}}
HERE = {"start": {"line": 0, "character": 2}, "end": {"line": 0, "character": 2}}


def reply() -> str:
    """A patch that changes four files, makes one, takes one away and moves one."""
    sections = [f"*** Update File: {name}\n@@\n-{SHARED}\n+{CHANGED}" for name in NAMES]
    sections += [f"*** Add File: {MADE}\n+MADE = 1", f"*** Delete File: {GONE}"]
    sections += [f"*** Update File: {OLD}\n*** Move to: {NEW}\n@@\n-{SHARED}\n+{CHANGED}"]
    return "*** Begin Patch\n" + "\n".join(sections) + "\n*** End Patch\n"


def former() -> dict[str, str]:
    """What all files say before anything happens."""
    return {name: module(name, "\n", "", "") for name in (*NAMES, GONE, OLD)}


def later() -> dict[str, str]:
    """What all files say once the edit is in."""
    texts = {name: text.replace(SHARED, CHANGED) for name, text in former().items() if name != GONE}
    texts[NEW] = texts.pop(OLD)
    return texts | {MADE: "MADE = 1\n"}


class Killed(Exception):
    """The server is gone."""


@dataclass(frozen=True)
class Moment:
    """When the server is killed."""

    name: str
    step: str = ""
    """Its own step: `call` or `return` and a function, or `audit` and an event about a file of images."""
    n_parts: int | None = None
    """Of the edit that the editor carries out, after which it kills the server; None: all, and it answers."""
    leaves: str = "before"
    """What there is afterwards: all files as they were `before`, the edit `whole`, `part` of it, or `after` its end."""


@dataclass
class Scene:
    """A folder of files with one server after the other."""

    folder: Path
    around: Ground
    client: str = "Scenes"
    n_edits: int = 0
    files: Files = field(init=False)

    def __post_init__(self) -> None:
        (self.folder / "site").mkdir(parents=True)
        (self.folder / "site" / "sitecustomize.py").write_text(HOOK)
        self.around.book.reply = lambda _: reply()
        self.lay_out()

    @property
    def armed(self) -> Path:
        """The file without which nobody is killed."""
        return self.folder / "armed"

    @property
    def kept(self) -> Path:
        """The folder of former texts."""
        return self.folder / "window-home" / "restore"

    def lay_out(self) -> None:
        """All files with their first texts, in a folder of their own."""
        self.files = Files(self.folder / f"files-{self.n_edits}")
        self.files.folder.mkdir(exist_ok=True)
        for name, text in former().items():
            (self.files.folder / name).write_text(text, "utf-8")

    def begin_again(self, window: Window) -> None:
        """The same files with their first texts, as if the user had written them."""
        for path in self.files.folder.glob("*.py"):
            path.unlink()
        for name, text in former().items():
            (self.files.folder / name).write_text(text, "utf-8")
        self.files.texts = {uri: former()[self.files.path(uri).name] for uri in self.files.texts}
        self.files.versions = {uri: version + 1 for uri, version in self.files.versions.items()}
        self.files.report(window)

    @contextlib.contextmanager
    def window(self, moment: Moment | None = None, before: tuple[str, ...] = ()) -> Iterator[Window]:
        """A server on the files, with what is open in the editor."""
        env = {"PYTHONPATH": str(self.folder / "site"), "KILL_ARMED": str(self.armed), "KILL_AT": ""}
        env["KILL_AT"] = moment.step if moment is not None else ""
        loaded = None if before else shared()
        with Window(self.folder / "window", self.around.config, env=env, before=before, loaded=loaded) as window:
            window.root = self.files.folder
            window.apply = self.applying(window)
            window.initialize(options=TRUSTED, **CONFIRMS)
            self.files.open(window, *(name for name in OPEN if (self.files.folder / name).exists()))
            yield window

    def applying(self, window: Window) -> Callable[[dict[str, Any]], dict[str, Any]]:
        """An editor that carries out edits, saves, and reports."""

        def apply(edit: dict[str, Any]) -> dict[str, Any]:
            refused = self.files.objection(edit)
            if refused:
                return {"applied": False, "failureReason": refused}
            self.files.take(edit)
            self.files.save()
            self.files.report(window)
            return {"applied": True}

        return apply

    def edit(self, window: Window) -> dict[str, Any]:
        """Ask for the change of all files; the answer."""
        self.n_edits += 1
        uri = (self.files.folder / OPEN[0]).as_uri()
        words = f"raise the limit, take {self.n_edits}"
        arguments = {"action": "refactor_across_files", "uri": uri, "range": HERE, "instruction": words}
        result: dict[str, Any] = window.command("tierwise.run", arguments)
        return result

    def die(self, window: Window, moment: Moment) -> None:
        """Ask for the change, and have the server killed at its moment."""
        self.files.n_left = moment.n_parts

        def apply(edit: dict[str, Any]) -> dict[str, Any]:
            with contextlib.suppress(Stopped):
                self.files.take(edit)
                if moment.n_parts is None:
                    self.files.save()
                    self.files.report(window)
                    return {"applied": True}
            self.files.save()
            window.process.kill()
            raise Killed

        window.apply = apply
        self.armed.touch()
        with contextlib.suppress(Killed):
            try:
                result = self.edit(window)
            except (AssertionError, BrokenPipeError):
                assert window.process.wait(60) == -9, bytes(window.stderr).decode()
            else:
                raise AssertionError(f"the server was not killed: {result}")
        window.process.wait(60)
        self.armed.unlink()
        self.files.n_left = None


def restore(window: Window) -> dict[str, Any]:
    """Take the edit back, and see that there is nothing more to take back."""
    answer: dict[str, Any] = window.command("tierwise.restore")
    return answer
