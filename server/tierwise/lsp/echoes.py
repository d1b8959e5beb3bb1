"""What an editor reports of its documents while an edit is on its way."""

import asyncio
from collections.abc import Callable, Iterable
from itertools import pairwise

from tierwise.dispatch import FileChange
from tierwise.lsp.documents import Documents
from tierwise.lsp.to_proto import text_edits
from tierwise.text import Span, TextEdit, apply_edits
from tierwise.text.lines import Encoding, LineIndex, Position


class Echoes:
    """The texts an editor reports after an edit; listens from before the edit is sent."""

    def __init__(self, documents: Documents, changes: Iterable[FileChange]) -> None:
        self._documents = documents
        self._changed = asyncio.Event()
        self._stop: Callable[[], None] = lambda: None
        edited = [
            change
            for change in changes
            if change.before is not None and change.before.version is not None and change.after is not None
        ]
        self.expected = {change.uri: change.after for change in edited}
        """The texts that were sent, by URI."""
        self.unseen = dict(self.expected)
        """Those that no document has had so far."""
        self.texts = {change.uri: [change.before.text] for change in edited if change.before is not None}
        """Every text each document has had, the one the edit was made for first."""

    def __enter__(self) -> "Echoes":
        self._stop = self._documents.listen(self._look)
        return self

    def __exit__(self, *_: object) -> None:
        self._stop()

    @property
    def n_seen(self) -> int:
        """How many documents have had the text that was sent."""
        return len(self.expected) - len(self.unseen)

    @property
    def has_moved(self) -> bool:
        """Whether any of the documents changed at all."""
        return any(1 < len(texts) for texts in self.texts.values())

    async def wait(self, timeout_s: float, *, is_enough: Callable[[], bool] = lambda: False) -> None:
        """Give the editor a moment to report."""
        try:
            async with asyncio.timeout(timeout_s):
                while self.unseen and not is_enough():
                    self._changed.clear()
                    await self._changed.wait()
        except TimeoutError:
            return

    def _look(self, uri: str) -> None:
        if uri not in self.expected:
            return
        snapshot = self._documents.snapshot(uri)
        if snapshot is not None:
            self.texts[uri].append(snapshot.text)
            if snapshot.text == self.unseen.get(uri):
                # What the user types afterwards does not take it back.
                del self.unseen[uri]
        self._changed.set()


def misplaced(texts: list[str], sent: str, encoding: Encoding) -> tuple[str, str] | None:
    """The text that an edit was not made for and was applied to all the same, and what came of it.

    `texts` is what the document said: first what the edit was made for, which it would have turned into `sent`. None
    when the edit has not been applied to any of the others, as far as can be seen.
    """
    edits = text_edits(texts[0], sent, encoding)
    for text, following in pairwise(texts[1:]):
        index = LineIndex(text)
        spans = [
            Span(
                *sorted(
                    index.offset(Position(at.line, at.character), encoding) for at in (one.range.start, one.range.end)
                )
            )
            for one in edits
        ]
        try:
            spoilt = apply_edits(text, [TextEdit(span, one.new_text) for span, one in zip(spans, edits, strict=True)])
        except ValueError:
            continue
        if spoilt == following:
            return text, spoilt
    return None
