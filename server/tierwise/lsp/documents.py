"""The open documents, as the editor says they are. Never the disk."""

import re
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from lsprotocol import types

from tierwise.lsp.mirror import TextMirror
from tierwise.syntax.languages import PLAIN_TEXT, usual_id
from tierwise.text import Rejection, Snapshot, Span
from tierwise.text.lines import Encoding, Position
from tierwise.text.uris import path_of

_SCHEMES = ("file", "untitled")
_NOTEBOOK_SCHEMES = ("vscode-notebook-cell", "jupyter-notebook-cell")
_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*(?=:)")


@dataclass(slots=True, eq=False)
class Document:
    """One open document."""

    uri: str
    language: str
    version: int
    mirror: TextMirror | None
    """None: not supported, or out of step with the editor."""
    is_lost: bool = False
    snapshot: Snapshot | None = None
    """The text at the last version somebody asked for."""


class Documents:
    """What is open, by URI. May be read from any thread; a text and its version always belong together."""

    def __init__(self, encoding: Encoding = "utf-16") -> None:
        self.encoding: Encoding = encoding
        """Units of the client's positions; fixed by the initialize request before anything is opened."""
        self._open: dict[str, Document] = {}
        self._listeners: list[Callable[[str], None]] = []
        self._closers: list[Callable[[str], None]] = []
        self._lock = threading.RLock()

    def listen(self, on_change: Callable[[str], None]) -> Callable[[], None]:
        """Call `on_change` with the URI after each change of a document; returns what ends that."""
        self._listeners.append(on_change)
        return lambda: self._listeners.remove(on_change)

    def listen_to_closing(self, on_close: Callable[[str], None]) -> Callable[[], None]:
        """Call `on_close` with the URI right before a document is forgotten; returns what ends that."""
        self._closers.append(on_close)
        return lambda: self._closers.remove(on_close)

    def open(self, item: types.TextDocumentItem) -> None:
        """Take a document over; opening it again replaces it."""
        is_supported = scheme_of(item.uri) in _SCHEMES
        mirror = TextMirror(item.text, self.encoding) if is_supported else None
        with self._lock:
            self._open[item.uri] = Document(item.uri, usual_id(item.language_id) or PLAIN_TEXT, item.version, mirror)

    def change(self, params: types.DidChangeTextDocumentParams) -> None:
        """Apply changes in order; without effect on a document that is not open."""
        uri = params.text_document.uri
        with self._lock:
            document = self._open.get(uri)
            if document is None or document.mirror is None:
                return
            for change in params.content_changes:
                if isinstance(change, types.TextDocumentContentChangePartial):
                    document.mirror.replace(*positions(change.range), change.text)
                else:
                    document.mirror.replace_all(change.text)
            document.version = params.text_document.version
            document.snapshot = None
        for listener in tuple(self._listeners):
            listener(uri)

    def close(self, uri: str) -> None:
        """Forget a document."""
        for closer in tuple(self._closers):
            closer(uri)
        with self._lock:
            self._open.pop(uri, None)

    def lose(self, uri: str) -> bool:
        """Stop believing in a document because a change of it was lost; the return says whether it was believed in."""
        with self._lock:
            document = self._open.get(uri)
            if document is None or document.mirror is None:
                return False
            document.mirror, document.snapshot, document.is_lost = None, None, True
            return True

    def snapshot(self, uri: str) -> Snapshot | None:
        """The document now; None unless it is open, supported, and in step with the editor."""
        with self._lock:
            document = self._open.get(uri)
            if document is None or document.mirror is None:
                return None
            if document.snapshot is None:
                document.snapshot = Snapshot(
                    uri=uri, text=document.mirror.text, language=document.language, version=document.version
                )
            return document.snapshot

    def usable(self, uri: str) -> Snapshot | Rejection:
        """The document now, or why no action can work on it."""
        snapshot = self.snapshot(uri)
        if snapshot is None:
            return self._why_missing(uri)
        if "\0" in snapshot.text:
            return Rejection("binary-file", f"{name_of(uri)!r} is not a text file, so nothing in it was touched")
        return snapshot

    def span(self, uri: str, wanted: types.Range) -> Span:
        """A range of an open document as offsets, clamped to the document."""
        with self._lock:
            document = self._open.get(uri)
            if document is None or document.mirror is None:
                return Span(0, 0)
            one, other = sorted(map(document.mirror.offset, positions(wanted)))
            return Span(one, other)

    def at_path(self, path: Path) -> Snapshot | None:
        """The open document that is this file."""
        return next((self.snapshot(uri) for uri in self if path_of(uri) == path), None)

    def has_path(self, path: Path) -> bool:
        """Whether this file is open, also when what it says is not known."""
        return any(path_of(uri) == path for uri in self)

    def __iter__(self) -> Iterator[str]:
        with self._lock:
            return iter(tuple(self._open))

    def __contains__(self, uri: object) -> bool:
        return uri in self._open

    def _why_missing(self, uri: str) -> Rejection:
        name, scheme = name_of(uri), scheme_of(uri)
        if scheme in _NOTEBOOK_SCHEMES:
            return Rejection("notebook", "notebook cells are not supported yet, move the code into a file")
        if scheme not in _SCHEMES:
            return Rejection(
                "unsupported-scheme", f"{name!r} is a {scheme or 'relative'!r} document, only files are supported"
            )
        document = self._open.get(uri)
        if document is not None and document.is_lost:
            return Rejection("out-of-step", f"a change of {name!r} could not be read, close the file and open it again")
        return Rejection("not-open", f"{name!r} is not open in the editor, open it and try again")


def positions(wanted: types.Range) -> tuple[Position, Position]:
    """Both ends of a range as values of our own."""
    return (
        Position(wanted.start.line, wanted.start.character),
        Position(wanted.end.line, wanted.end.character),
    )


def scheme_of(uri: str) -> str:
    """The scheme in lower case; empty when there is none."""
    found = _SCHEME.match(uri)
    return found.group(0).lower() if found else ""


def name_of(uri: str) -> str:
    """The last part of a URI, for people."""
    return uri.rstrip("/").rpartition("/")[2][:100] or uri[:100]
