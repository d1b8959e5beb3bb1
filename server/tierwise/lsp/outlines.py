"""The symbols of each open document: at once for small ones, in the background for large ones."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tierwise.text import Snapshot

if TYPE_CHECKING:
    # The grammars are loaded after the client has been greeted.
    from tierwise.syntax.outline import Symbol

SMALL_CHARS = 40_000
"""Up to this size finding the symbols takes a few milliseconds, less than a detour over a thread is worth."""
_QUIET_S = 0.2
"""How long a large document must stay unchanged before its symbols are looked for unasked."""

Find = Callable[[str, str], "tuple[Symbol, ...]"]


@dataclass(slots=True, eq=False)
class _Entry:
    snapshot: Snapshot
    symbols: "tuple[Symbol, ...] | None" = None
    task: "asyncio.Task[tuple[Symbol, ...]] | None" = None


class Outlines:
    """Symbols by document, each for exactly one snapshot."""

    def __init__(self, find: Find) -> None:
        """`find` takes a text and its language."""
        self._find = find
        self._entries: dict[str, _Entry] = {}
        self._timers: dict[str, asyncio.TimerHandle] = {}

    def ready(self, snapshot: Snapshot) -> "tuple[Symbol, ...] | None":
        """The symbols if they are known or quickly found, else None."""
        entry = self._entries.get(snapshot.uri)
        if entry is not None and entry.snapshot is snapshot:
            return entry.symbols
        if SMALL_CHARS < len(snapshot.text):
            return None
        symbols = self._find(snapshot.text, snapshot.language)
        self._entries[snapshot.uri] = _Entry(snapshot, symbols)
        return symbols

    async def wait(self, snapshot: Snapshot) -> "tuple[Symbol, ...]":
        """The symbols, however long it takes; several callers share one search."""
        symbols = self.ready(snapshot)
        if symbols is not None:
            return symbols
        return await asyncio.shield(self._search(snapshot))

    def changed(self, uri: str, current: Callable[[str], Snapshot | None]) -> None:
        """Look for the symbols of a large document once it has been quiet for a moment."""
        self._stop_timer(uri)

        def search() -> None:
            self._timers.pop(uri, None)
            snapshot = current(uri)
            if snapshot is not None and self.ready(snapshot) is None:
                self._search(snapshot)

        self._timers[uri] = asyncio.get_running_loop().call_later(_QUIET_S, search)

    def forget(self, uri: str) -> None:
        """Drop what is known of a closed document."""
        self._stop_timer(uri)
        self._entries.pop(uri, None)

    def _search(self, snapshot: Snapshot) -> "asyncio.Task[tuple[Symbol, ...]]":
        entry = self._entries.get(snapshot.uri)
        if entry is None or entry.snapshot is not snapshot or entry.task is None:
            entry = self._entries[snapshot.uri] = _Entry(snapshot)
            entry.task = asyncio.create_task(self._search_in_thread(entry))
        return entry.task

    async def _search_in_thread(self, entry: _Entry) -> "tuple[Symbol, ...]":
        entry.symbols = await asyncio.to_thread(self._find, entry.snapshot.text, entry.snapshot.language)
        return entry.symbols

    def _stop_timer(self, uri: str) -> None:
        timer = self._timers.pop(uri, None)
        if timer is not None:
            timer.cancel()
