"""An editor with files on disk and open documents, which may stop in the middle of an edit."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from hostile.window import Window
from lsp.reference import reference_apply

ENCODING = "utf-16"


class Stopped(Exception):
    """The edit goes no further."""


@dataclass
class Files:
    """What an editor has open, and the folder."""

    folder: Path
    texts: dict[str, str] = field(default_factory=dict)
    """Of open documents, by URI; closed ones lie on disk."""
    versions: dict[str, int] = field(default_factory=dict)
    n_left: int | None = None
    """Parts of edits that are carried out before it stops; None: all."""

    def open(self, window: Window, *names: str) -> None:
        """Open files, or report those that are open to another server."""
        for name in names:
            path = self.folder / name
            uri = path.as_uri()
            self.texts.setdefault(uri, path.read_text("utf-8"))
            self.versions[uri] = 1
            window.open(path, self.texts[uri])

    def take(self, edit: dict[str, Any]) -> None:
        """Carry an edit out, part by part. Raises Stopped."""
        for part in edit["documentChanges"]:
            if self.n_left == 0:
                raise Stopped
            self.n_left = None if self.n_left is None else self.n_left - 1
            match part.get("kind"):
                case "create":
                    self.path(part["uri"]).parent.mkdir(exist_ok=True)
                    self.path(part["uri"]).write_text("")
                case "delete":
                    self.path(part["uri"]).unlink()
                    self.texts.pop(part["uri"], None)
                case "rename":
                    self.path(part["oldUri"]).rename(self.path(part["newUri"]))
                case _:
                    self._change(part["textDocument"]["uri"], part["edits"])

    def _change(self, uri: str, edits: list[Any]) -> None:
        if uri in self.texts:
            self.texts[uri] = reference_apply(self.texts[uri], edits, ENCODING)
            self.versions[uri] += 1
        else:
            path = self.path(uri)
            path.write_text(reference_apply(path.read_text("utf-8"), edits, ENCODING), "utf-8")

    def save(self) -> None:
        """Write every open document to its file."""
        for uri, text in self.texts.items():
            if self.path(uri).exists() and self.path(uri).read_text("utf-8") != text:
                self.path(uri).write_text(text, "utf-8")

    def objection(self, edit: dict[str, Any]) -> str:
        """Why an editor refuses an edit before it begins with it; empty: it does not."""
        for part in edit["documentChanges"]:
            path = self.path(part["textDocument"]["uri"]) if "textDocument" in part else None
            if path is not None and path.exists() and not path.stat().st_mode & 0o200:
                return f"{path.name} is read-only"
        return ""

    def report(self, window: Window) -> None:
        """Tell the server what the open documents say now."""
        for uri, text in self.texts.items():
            document = {"uri": uri, "version": self.versions[uri]}
            params = {"textDocument": document, "contentChanges": [{"text": text}]}
            window.notify("textDocument/didChange", params)

    def path(self, uri: str) -> Path:
        """The file of a URI of the folder."""
        return self.folder / uri.rpartition("/")[2]

    def said(self) -> dict[str, str]:
        """What every file says, in the editor or on disk."""
        on_disk = {path.name: path.read_text("utf-8") for path in sorted(self.folder.glob("*.py"))}
        return on_disk | {uri.rpartition("/")[2]: text for uri, text in self.texts.items()}
