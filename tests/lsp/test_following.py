"""Following applied edits: what the user does afterwards, how long, and how much is kept in mind."""

import random
from collections.abc import Sequence
from pathlib import Path

import pytest
from lsprotocol import types

from tierwise.dispatch import FileChange
from tierwise.lsp.documents import Documents
from tierwise.lsp.following import FOLLOW_S, MOST_BYTES, MOST_EDITS, Follower, Maker
from tierwise.routing.tiers import Tier
from tierwise.store.rows import Fate
from tierwise.text import Snapshot

BEFORE = "def double(n):\n    return n * 2\n"
AFTER = 'def double(n):\n    """Twice n."""\n    return n * 2\n'
CHANGED = AFTER.replace("Twice", "Two times")


class Scene:
    """An editor's documents with a follower whose clock a test sets."""

    def __init__(self) -> None:
        self.documents = Documents()
        self.now = 0.0
        self.booked: list[tuple[str, str]] = []
        self.follower = Follower(self.documents, self._settled, lambda: self.now)

    def _settled(self, fates: Sequence[Fate]) -> None:
        self.booked += [(fate.action_key, fate.fate) for fate in fates]

    def apply(self, key: str, *names: str, before: str = BEFORE, after: str = AFTER) -> None:
        """Open files with the text an edit has just made, and follow it."""
        changes = []
        for name in names:
            uri = f"file:///{name}"
            self.documents.open(types.TextDocumentItem(uri=uri, language_id="python", version=1, text=after))
            was = Snapshot(uri=uri, text=before, language="python", version=0)
            changes.append(FileChange(path=Path("/") / name, uri=uri, language="python", before=was, after=after))
        maker = Maker(action_key=key, tier=Tier.BULK, backend="zai", model="glm")
        self.follower.follow(maker, changes)

    def say(self, name: str, text: str) -> None:
        """The user's next text of a file."""
        identifier = types.VersionedTextDocumentIdentifier(version=2, uri=f"file:///{name}")
        whole = types.TextDocumentContentChangeWholeDocument(text)
        self.documents.change(types.DidChangeTextDocumentParams(identifier, [whole]))


@pytest.mark.parametrize(
    ("texts", "fate"),
    [
        ([], "kept"),
        ([BEFORE], "undone"),
        ([CHANGED], "changed"),
        ([BEFORE, AFTER], "kept"),
        ([BEFORE, AFTER, CHANGED], "changed"),
        ([CHANGED, AFTER], "kept"),
        ([BEFORE, "def double(n: int) -> int:\n    return n + n\n"], "undone"),
        ([AFTER + "\nx = 1\n"], "kept"),
    ],
    ids=["nothing", "undone", "edited", "redone", "redone and edited", "edited back", "undone, then rewritten", "tail"],
)
@pytest.mark.parametrize("end", ["time", "close", "exit"])
def test_what_the_user_does_is_the_fate(texts: list[str], fate: str, end: str) -> None:
    scene = Scene()
    scene.apply("k", "a.py")
    for text in texts:
        scene.say("a.py", text)
    assert scene.booked == []
    if end == "time":
        scene.now = FOLLOW_S
        scene.follower.settle_due()
    elif end == "close":
        scene.documents.close("file:///a.py")
    else:
        scene.follower.finish()
    assert scene.booked == [("k", fate)]
    scene.say("a.py", BEFORE)
    if end != "exit":
        scene.follower.finish()
    assert scene.booked == [("k", fate)]


def test_an_edit_of_several_files_has_one_fate_once_all_are_settled() -> None:
    scene = Scene()
    scene.apply("both", "a.py", "b.py")
    scene.apply("kept", "c.py", "d.py")
    scene.say("a.py", BEFORE)
    scene.documents.close("file:///a.py")
    scene.documents.close("file:///c.py")
    assert scene.booked == []
    scene.documents.close("file:///b.py")
    assert scene.booked == [("both", "changed")]
    scene.follower.finish()
    assert scene.booked == [("both", "changed"), ("kept", "kept")]


def test_what_nobody_can_see_is_not_followed() -> None:
    scene = Scene()
    scene.apply("same", "a.py", after=BEFORE)
    gone = FileChange(path=Path("/b.py"), uri="file:///b.py", language="python", before=None, after=None)
    closed = FileChange(path=Path("/c.py"), uri="file:///c.py", language="python", before=None, after="x = 1\n")
    scene.follower.follow(Maker(action_key="k", tier=Tier.BULK, backend="", model="m"), [gone, closed])
    assert scene.follower.next_due is None
    scene.follower.finish()
    assert scene.booked == []


def test_a_document_out_of_step_says_nothing() -> None:
    scene = Scene()
    scene.apply("k", "a.py")
    scene.documents.lose("file:///a.py")
    scene.follower.finish()
    assert scene.booked == []


def test_the_oldest_are_settled_early_when_there_are_many() -> None:
    scene = Scene()
    for number in range(MOST_EDITS + 3):
        scene.apply(str(number), f"{number}.py")
    assert scene.booked == [(str(number), "kept") for number in range(3)]
    assert scene.follower.next_due == FOLLOW_S


def test_the_texts_kept_in_mind_are_bounded() -> None:
    scene = Scene()
    chance = random.Random(3)  # noqa: S311 -- noise, not secrets.
    for number in range(5):
        noise = chance.randbytes(MOST_BYTES // 6).hex()
        scene.apply(str(number), f"{number}.py", before=noise, after=f"{noise}\n")
    assert [key for key, _ in scene.booked] == ["0", "1", "2"]
