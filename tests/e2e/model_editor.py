"""An editor as a model: buffers, files on disk, undo, and edits of the server carried out as its profile does."""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from e2e.conversation import Conversation
from e2e.profiles import Profile
from lsp.reference import reference_apply, reference_position


@dataclass
class Buffer:
    """One open document."""

    uri: str
    text: str
    version: int = 1
    is_dirty: bool = False
    past: list[str] = field(default_factory=list)


class Failed(Exception):
    """A part of an edit that this client cannot carry out."""


class ModelEditor:
    """One folder of a client's workspace."""

    def __init__(
        self, conversation: Conversation, profile: Profile, folder: Path, judge: Callable[[str, str, str], None]
    ) -> None:
        """`judge` is told of every text an edit of the server changes: the URI, the text before, the text after."""
        self._conversation = conversation
        self._profile = profile
        self._judge = judge
        self.folder = folder
        self.buffers: dict[str, Buffer] = {}
        self.n_parts = 0
        """Parts of edits carried out so far."""
        self.breaks_after: int | None = None
        """After so many parts nothing can be carried out any more."""

    # What the user does

    def uri(self, name: str) -> str:
        """The URI of a file of the folder."""
        return (self.folder / name).as_uri()

    def path(self, uri: str) -> Path:
        """The file of a URI of the folder."""
        return self.folder / uri.rpartition("/")[2]

    def open(self, uri: str, text: str | None = None) -> Buffer:
        """Open a file, or a new document with this text."""
        said = self.path(uri).read_bytes().decode() if text is None else text
        buffer = self.buffers[uri] = Buffer(uri, said)
        item = {"uri": uri, "languageId": "python", "version": 1, "text": said}
        self._conversation.notify("textDocument/didOpen", {"textDocument": item})
        return buffer

    def close(self, uri: str) -> None:
        """Close a document; what was not saved is gone, as the user wanted."""
        del self.buffers[uri]
        self._conversation.notify("textDocument/didClose", {"textDocument": {"uri": uri}})

    def change(self, uri: str, text: str, *, is_whole: bool = False, is_undo: bool = False) -> None:
        """Give a document another text, and report it as a range or whole."""
        buffer = self.buffers[uri]
        if text == buffer.text:
            return
        event = {"text": text} if is_whole else self._changed_range(buffer.text, text)
        if not is_undo:
            buffer.past.append(buffer.text)
        buffer.text, buffer.is_dirty = text, True
        buffer.version += 1
        document = {"uri": uri, "version": buffer.version}
        params = {"textDocument": document, "contentChanges": [event]}
        self._conversation.notify("textDocument/didChange", params)

    def undo(self, uri: str) -> None:
        """Take the last change back, whoever made it."""
        self.change(uri, self.buffers[uri].past.pop(), is_undo=True)

    def save(self, uri: str) -> None:
        """Write a document to disk."""
        self.path(uri).write_bytes(self.buffers[uri].text.encode())
        self.buffers[uri].is_dirty = False

    def rename(self, uri: str, name: str) -> None:
        """Save a file and give it another name."""
        self.save(uri)
        text = self.buffers[uri].text
        self.close(uri)
        self.path(uri).rename(self.folder / name)
        self.open(self.uri(name), text)

    def changed_on_disk(self, uri: str, text: str) -> None:
        """Another program writes a file; a document without changes of its own follows."""
        self.path(uri).write_bytes(text.encode())
        if uri in self.buffers and not self.buffers[uri].is_dirty:
            self.change(uri, text)
            self.buffers[uri].is_dirty = False
        event = {"changes": [{"uri": uri, "type": 2}]}
        self._conversation.notify("workspace/didChangeWatchedFiles", event)

    def range(self, uri: str, offset: int) -> dict[str, Any]:
        """The cursor's place in the client's units."""
        at = reference_position(self.buffers[uri].text, offset, self._conversation.encoding)
        return {"start": at, "end": at}

    def _changed_range(self, old: str, new: str) -> dict[str, Any]:
        # Where lines end in two characters whole lines are reported: no editor knows a place between the two.
        units = [text.splitlines(keepends=True) if "\r" in old + new else list(text) for text in (old, new)]
        head = _n_same(*units)
        tail = _n_same(*(list(reversed(some[head:])) for some in units))
        first = len("".join(units[0][:head]))
        last = len(old) - len("".join(units[0][len(units[0]) - tail :]))
        encoding = self._conversation.encoding
        here = {"start": reference_position(old, first, encoding), "end": reference_position(old, last, encoding)}
        return {"range": here, "text": "".join(units[1][head : len(units[1]) - tail])}

    # What the server wants

    def apply(self, edit: dict[str, Any], *, confirms: bool) -> dict[str, Any]:
        """Carry an edit out as this kind of client does; its answer."""
        if not self._profile.has_versions:
            for uri, edits in edit["changes"].items():
                self._edit(uri, edits)
            return {"applied": True}
        parts = edit["documentChanges"]
        if self._profile.confirms:
            # VS Code looks at all versions before it begins.
            is_stale = any("kind" not in part and self._is_stale(part) for part in parts)
            is_asked = any(one.get("needsConfirmation") for one in (edit.get("changeAnnotations") or {}).values())
            if is_stale or (is_asked and not confirms):
                return {"applied": False}
        for number, part in enumerate(parts):
            try:
                self._carry_out(part, number)
            except Failed as failure:
                told = {"failureReason": str(failure)}
                return {"applied": False, **told, **({"failedChange": number} if self._profile.names_failures else {})}
        return {"applied": True}

    def _is_stale(self, part: dict[str, Any]) -> bool:
        buffer = self.buffers.get(part["textDocument"]["uri"])
        version = part["textDocument"]["version"]
        return buffer is not None and version is not None and buffer.version != version

    def _carry_out(self, part: dict[str, Any], number: int) -> None:
        if "kind" not in part and part["textDocument"]["version"] is None:
            buffer = self.buffers.get(part["textDocument"]["uri"])
            assert buffer is None or not buffer.text, "an edit of an open document names no version"
        if self.n_parts == self.breaks_after:
            raise Failed("the disk is full")
        self.n_parts += 1
        match part.get("kind"):
            case "create":
                self._create(part["uri"], part.get("options") or {})
            case "delete":
                is_pardoned = (part.get("options") or {}).get("ignoreIfNotExists")
                if not self.path(part["uri"]).exists() and not is_pardoned:
                    raise Failed("there is no such file")
                self.path(part["uri"]).unlink(missing_ok=True)
                if part["uri"] in self.buffers:
                    self.close(part["uri"])
            case "rename":
                self._move(part["oldUri"], part["newUri"])
            case _:
                if self._is_stale(part) and self._profile.checks_first_only:
                    assert number == 0, "the server lets a part of an edit be applied to any text"
                    return
                if self._is_stale(part):
                    raise Failed("the document has changed")
                self._edit(part["textDocument"]["uri"], part["edits"])

    def _create(self, uri: str, options: dict[str, Any]) -> None:
        is_there = self.path(uri).exists() or uri in self.buffers
        if self._profile.truncates:
            assert not is_there or options.get("ignoreIfExists"), f"the server lets {uri} be emptied"
            if not options.get("ignoreIfExists"):
                self.path(uri).write_bytes(b"")
            elif not is_there:
                self.open(uri, "")
        elif is_there:
            raise Failed("the file exists")
        else:
            self.path(uri).write_bytes(b"")

    def _move(self, old: str, new: str) -> None:
        if self.path(new).exists() or new in self.buffers:
            raise Failed("the file exists")
        buffer = self.buffers.get(old)
        if buffer is not None:
            self.close(old)
        self.path(old).rename(self.path(new))
        if buffer is not None:
            self.open(new, buffer.text)
            self.buffers[new].is_dirty = buffer.is_dirty

    def _edit(self, uri: str, edits: list[Any]) -> None:
        if uri not in self.buffers:
            self.open(uri)
        before = self.buffers[uri].text
        after = reference_apply(before, edits, self._conversation.encoding)
        self._judge(uri, before, after)
        self.change(uri, after)


def _n_same(some: list[str], others: list[str]) -> int:
    """How many of the first items are the same in both."""
    same = (one == other for one, other in zip(some, others, strict=False))
    return next((number for number, is_same in enumerate(same) if not is_same), min(len(some), len(others)))
