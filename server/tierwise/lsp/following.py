"""Following applied edits for a while: whether the user keeps, changes, or undoes them.

Told from nothing but the texts the editor reports anyway. Only codes come out of it; the texts are forgotten when the
following ends: after ten minutes, when the document is closed, or when the editor leaves.
"""

import time
import zlib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field

from tierwise.dispatch import FileChange
from tierwise.lsp.documents import Documents
from tierwise.routing.tiers import Tier
from tierwise.store.rows import Fate, FateName
from tierwise.text.fate import fate_of

FOLLOW_S = 600.0
"""So long after it was applied an edit's fate is settled."""
MOST_EDITS = 100
MOST_BYTES = 8 * 2**20
"""Beyond either, the oldest edits are settled early. The bytes are those of the packed texts."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Maker:
    """Whose edit it was; the fields are those of the ledger's row."""

    action_key: str
    tier: Tier
    backend: str
    model: str


@dataclass(slots=True)
class _File:
    """One file of an edit."""

    before: bytes
    after: bytes
    marks: tuple[tuple[int, int], tuple[int, int]]
    """Length and hash of both texts, by which an undone or redone edit is recognized at once."""
    was_undone: bool = False
    """Whether the file has said again what it said before, and not what was applied since."""

    @classmethod
    def of(cls, change: FileChange) -> "_File":
        before = "" if change.before is None else change.before.text
        after = change.after or ""
        return cls(_packed(before), _packed(after), (_mark(before), _mark(after)))

    def see(self, text: str) -> None:
        mark = _mark(text)
        if mark in self.marks:
            self.was_undone = mark == self.marks[0]

    def fate(self, now: str) -> FateName:
        found = fate_of(_unpacked(self.before), _unpacked(self.after), now)
        return "undone" if found == "changed" and self.was_undone else found


@dataclass(slots=True, eq=False)
class _Edit:
    """One applied edit that is followed."""

    maker: Maker
    until: float
    files: dict[str, _File]
    """Those not settled yet, by URI."""
    fates: set[FateName] = field(default_factory=set)
    """Of the files that were settled."""

    @property
    def n_bytes(self) -> int:
        return sum(len(file.before) + len(file.after) for file in self.files.values())


class Follower:
    """Follows the edits of one session; `settled` is told of those whose following has ended."""

    def __init__(
        self,
        documents: Documents,
        settled: Callable[[Sequence[Fate]], None],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._documents = documents
        self._settled = settled
        self._clock = clock
        self._edits: list[_Edit] = []
        """Oldest first."""
        self._stops = (documents.listen(self._changed), documents.listen_to_closing(self._closing))

    @property
    def next_due(self) -> float | None:
        """When the oldest edit is to be settled, by the clock; None: nothing is followed."""
        return self._edits[0].until if self._edits else None

    def follow(self, maker: Maker, changes: Iterable[FileChange]) -> None:
        """Follow an edit that has just been applied, in those of its files that are open."""
        files = {
            change.uri: _File.of(change)
            for change in changes
            if _can_be_followed(change) and change.uri in self._documents
        }
        if not files:
            return
        self._edits.append(_Edit(maker, self._clock() + FOLLOW_S, files))
        n_early = max(0, len(self._edits) - MOST_EDITS)
        total = sum(edit.n_bytes for edit in self._edits[n_early:])
        while MOST_BYTES < total:
            total -= self._edits[n_early].n_bytes
            n_early += 1
        self._settle(self._edits[:n_early])

    def settle_due(self) -> None:
        """Settle the edits whose time is over."""
        now = self._clock()
        self._settle([edit for edit in self._edits if edit.until <= now])

    def finish(self) -> None:
        """Settle all, because the session ends."""
        for stop in self._stops:
            stop()
        self._settle(list(self._edits))

    def _changed(self, uri: str) -> None:
        followed = [edit.files[uri] for edit in self._edits if uri in edit.files]
        snapshot = self._documents.snapshot(uri) if followed else None
        if snapshot is not None:
            for file in followed:
                file.see(snapshot.text)

    def _closing(self, uri: str) -> None:
        for edit in self._edits:
            self._settle_file(edit, uri)
        self._settle([edit for edit in self._edits if not edit.files])

    def _settle(self, edits: Sequence[_Edit]) -> None:
        if not edits:
            return
        for edit in edits:
            for uri in tuple(edit.files):
                self._settle_file(edit, uri)
        self._edits = [edit for edit in self._edits if edit not in edits]
        fates = [_row(edit) for edit in edits if edit.fates]
        if fates:
            self._settled(fates)

    def _settle_file(self, edit: _Edit, uri: str) -> None:
        """Take down what a file says now; one that is out of step with the editor says nothing."""
        file = edit.files.pop(uri, None)
        snapshot = None if file is None else self._documents.snapshot(uri)
        if file is not None and snapshot is not None:
            edit.fates.add(file.fate(snapshot.text))


def _can_be_followed(change: FileChange) -> bool:
    return change.after is not None and (change.before is None or change.before.text != change.after)


def _row(edit: _Edit) -> Fate:
    """An edit of several files is kept or undone only if all of them are."""
    fate: FateName = next(iter(edit.fates)) if len(edit.fates) == 1 else "changed"
    maker = edit.maker
    return Fate(action_key=maker.action_key, fate=fate, tier=maker.tier, backend=maker.backend, model=maker.model)


def _packed(text: str) -> bytes:
    return zlib.compress(text.encode("utf-8", "surrogatepass"), 1)


def _unpacked(packed: bytes) -> str:
    return zlib.decompress(packed).decode("utf-8", "surrogatepass")


def _mark(text: str) -> tuple[int, int]:
    return len(text), hash(text)
