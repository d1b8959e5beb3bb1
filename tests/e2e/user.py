"""What a user does to a workspace, and what happens to it, one step at a time."""

from pathlib import Path
from typing import Any

from e2e.conversation import Conversation
from e2e.model_editor import ModelEditor
from e2e.modules import NAMES, module
from e2e.world import World


class User:
    """One folder of the workspace with its documents; steps that make no sense at the moment do nothing."""

    def __init__(self, world: World, eol: str, head: str, tail: str) -> None:
        self.world = world
        self.talk: Conversation = world.conversation
        self.eol = eol
        self.folder = world.root / f"w{next(world.numbers)}"
        self.folder.mkdir()
        self.editor = ModelEditor(self.talk, world.profile, self.folder, self.judge)
        self.n_typed = 0
        self.begin(eol, head, tail)

    def judge(self, uri: str, before: str, after: str) -> None:
        """Told of every text that an edit of the server changes."""

    def begin(self, eol: str, head: str, tail: str) -> None:
        for name in NAMES:
            (self.folder / name).write_bytes(module(name, eol, head, tail.replace("\n", eol)).encode())
        for name in NAMES[:2]:
            self.editor.open(self.editor.uri(name))
        self.folders([self.folder], [])

    def folders(self, added: list[Path], removed: list[Path]) -> None:
        event = {
            kind: [{"uri": path.as_uri(), "name": path.name} for path in paths]
            for kind, paths in (("added", added), ("removed", removed))
        }
        self.talk.notify("workspace/didChangeWorkspaceFolders", {"event": event})
        self.wait(self.talk.barrier())

    def wait(self, coroutine: Any) -> Any:
        return self.world.runner.run(coroutine)

    def uri_at(self, which: int) -> str:
        uris = sorted(self.editor.buffers)
        return uris[which % len(uris)]

    def types(self, which: int, line: int, is_end: bool, is_whole: bool) -> None:
        """A new line, or something behind a line."""
        if not self.editor.buffers:
            return
        uri = self.uri_at(which)
        lines = self.editor.buffers[uri].text.splitlines(keepends=True)
        at = line % (len(lines) + 1)
        self.n_typed += 1
        words = f"# typed {self.n_typed} 😀"
        eol = "\r\n" if any(one.endswith("\r\n") for one in lines) else "\n"
        if is_end and at < len(lines):
            said = lines[at].rstrip("\r\n")
            lines[at] = f"{said}  {words}{lines[at][len(said) :]}"
        elif at == 0 or lines[at - 1].endswith("\n"):
            lines.insert(at, words + eol)
        else:
            lines.append(eol + words)
        self.editor.change(uri, "".join(lines), is_whole=is_whole)

    def deletes_a_line(self, which: int, line: int) -> None:
        if not self.editor.buffers:
            return
        uri = self.uri_at(which)
        lines = self.editor.buffers[uri].text.splitlines(keepends=True)
        if lines:
            del lines[line % len(lines)]
            self.editor.change(uri, "".join(lines))

    def undoes(self, which: int, times: int) -> None:
        if not (any(buffer.past for buffer in self.editor.buffers.values())):
            return
        uris = sorted(uri for uri, buffer in self.editor.buffers.items() if buffer.past)
        for _ in range(times):
            if self.editor.buffers[uris[which % len(uris)]].past:
                self.editor.undo(uris[which % len(uris)])

    def saves(self, which: int) -> None:
        if not self.editor.buffers:
            return
        self.editor.save(self.uri_at(which))

    def closes(self, which: int, is_saved: bool) -> None:
        """Not while an edit is on its way: of a closed document no client knows the version any more."""
        if not (self.editor.buffers and not self.talk.edits):
            return
        uri = self.uri_at(which)
        if is_saved:
            self.editor.save(uri)
        self.editor.close(uri)

    def opens(self, which: int) -> None:
        """Not while an edit is on its way: that a file has been opened meanwhile no client can be told."""
        if self.talk.edits:
            return
        closed = sorted(path for path in self.folder.glob("*.py") if path.as_uri() not in self.editor.buffers)
        if closed:
            self.editor.open(closed[which % len(closed)].as_uri())

    def renames(self, which: int) -> None:
        if not (self.editor.buffers and not self.talk.edits):
            return
        uri = self.uri_at(which)
        if self.editor.path(uri).exists():
            self.editor.rename(uri, f"mod_r{len(list(self.folder.iterdir()))}_{next(self.world.numbers)}.py")

    def other_program_writes(self, which: int) -> None:
        if self.talk.edits:
            return
        files = sorted(self.folder.glob("*.py"))
        if files:
            path = files[which % len(files)]
            text = path.read_bytes().decode()
            self.editor.changed_on_disk(path.as_uri(), f"# from outside{text[text.find(chr(10)) - 1 :]}")

    def settings_change(self, n: int) -> None:
        settings_now = {"tierwise": {"limits": {"max_attempts": n}}}
        self.talk.notify("workspace/didChangeConfiguration", {"settings": settings_now})
