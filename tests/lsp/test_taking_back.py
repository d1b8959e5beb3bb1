"""What an edit has done can be turned round, and what came later stays."""

import dataclasses
import os
import stat
import subprocess
import sys
import tempfile
from pathlib import Path
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lsprotocol import types

from tierwise.dispatch import FileChange
from tierwise.dispatch.files import read_snapshot
from tierwise.lsp.before_images import Shelf
from tierwise.lsp.documents import Documents
from tierwise.lsp.taking_back import TakenBack, changes_of, taken_back
from tierwise.store.processes import ProcessIdentity, boot_id, own_identity
from tierwise.text import Rejection, Snapshot

LINES = [f"line {number}\n" for number in range(12)]
BASE = "".join(LINES)


class Disk:
    """A workspace of files."""

    is_trusted = True

    def __init__(self, root: Path) -> None:
        self.roots = (root,)

    def read(self, path: Path) -> Snapshot | None:
        """The file on disk."""
        found = read_snapshot(path, self.roots, 2**20)
        return None if isinstance(found, Rejection) else found


def change(path: Path, before: str | None, after: str | None) -> FileChange:
    """A change of one file."""
    snapshot = None if before is None else Snapshot(uri=path.as_uri(), text=before, language="python")
    return FileChange(path=path, uri=path.as_uri(), language="python", before=snapshot, after=after)


async def back(root: Path, said: str | None, before: str | None, after: str | None) -> TakenBack:
    """What turns a change of a file round that says this now."""
    path = root / "a.py"
    path.unlink(missing_ok=True)
    if said is not None:
        path.write_text(said, "utf-8")
    return await taken_back(Documents(), Disk(root), [change(path, before, after)])


@pytest.mark.parametrize(
    ("said", "before", "after", "wanted"),
    [
        ("old", "old", "new", []),
        ("new", "old", "new", ["old"]),
        (None, None, "new", []),
        ("new", None, "new", [None]),
        ("", None, "new", [None]),
        (None, "old", None, ["old"]),
        ("old", "old", None, []),
        (BASE.replace("line 3", "three") + "typed\n", BASE, BASE.replace("line 3", "three"), [BASE + "typed\n"]),
        (BASE + "typed\n", BASE, BASE.replace("line 3", "three"), []),
    ],
    ids=["untouched", "made", "not-made", "new", "created", "gone", "still-there", "typed-after", "typed-only"],
)
async def test_what_has_been_done_is_turned_round(
    tmp_path: Path, said: str | None, before: str | None, after: str | None, wanted: list[str | None]
) -> None:
    found = await back(tmp_path, said, before, after)
    assert [one.after for one in found.changes] == wanted
    assert found.unclear == ()


@pytest.mark.parametrize(
    ("said", "before", "after"),
    [("mine", "old", "new"), ("mine", None, "new"), (None, "old", "new")],
    ids=["changed", "new-and-changed", "deleted-by-others"],
)
async def test_what_cannot_be_told_apart_is_left_alone(
    tmp_path: Path, said: str | None, before: str | None, after: str
) -> None:
    found = await back(tmp_path, said, before, after)
    assert found.changes == ()
    assert found.unclear == (tmp_path / "a.py",)


@given(st.sets(st.integers(0, 11), min_size=1, max_size=3), st.sets(st.integers(0, 11), max_size=4))
async def test_lines_typed_after_an_edit_stay(changed: set[int], typed: set[int]) -> None:
    after = "".join(f"changed {n}\n" if n in changed else line for n, line in enumerate(LINES))
    said = "".join(f"{line}# typed {n}\n" if n in typed else line for n, line in enumerate(after.splitlines(True)))
    documents = Documents()
    uri = "file:///a.py"
    documents.open(types.TextDocumentItem(uri=uri, language_id="python", version=4, text=said))
    found = await taken_back(documents, Disk(Path("/")), [change(Path("/a.py"), BASE, after)])
    is_inside = any({n, n + 1} <= changed for n in typed)
    assert bool(found.unclear) == is_inside
    if is_inside:
        return
    (turned,) = found.changes
    assert turned.before is documents.snapshot(uri)
    assert turned.after == "".join(f"{line}# typed {n}\n" if n in typed else line for n, line in enumerate(LINES))


def gone_process() -> str:
    """The identity of a process that has ended."""
    gone = subprocess.Popen([sys.executable, "-c", ""])
    gone.wait()
    return str(dataclasses.replace(own_identity(), pid=gone.pid))


def left_by(shelf: Shelf, file: Path, owner: str) -> Path:
    """A file of images as another process would have kept it."""
    theirs = file.with_name(file.name.replace(quote(str(own_identity()), safe=""), quote(owner, safe="")))
    return file.rename(theirs)


async def test_former_texts_are_kept_for_this_user_alone(tmp_path: Path) -> None:
    shelf = Shelf(folder=tmp_path / "restore", workspace="ws")
    changes = [change(tmp_path / "a.py", "\ud800 é😀", None), change(tmp_path / "b.py", None, "x\r\n")]
    assert shelf.all() == ()
    assert shelf.claim() is None
    file = shelf.keep(changes)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert stat.S_IMODE(shelf.folder.stat().st_mode) == 0o700
    (found,) = shelf.all()
    assert (found.is_own, found.file, found.lost) == (True, file, ())
    kept = changes_of(found.images)
    assert [(one.path, one.after, one.before and one.before.text) for one in kept] == [
        (one.path, one.after, one.before and one.before.text) for one in changes
    ]
    assert list(shelf.folder.iterdir()) == [file]
    shelf.clear(file)
    shelf.clear(file)
    assert shelf.all() == ()


def test_every_edit_has_images_of_its_own(tmp_path: Path) -> None:
    shelf = Shelf(folder=tmp_path, workspace="ws")
    first = shelf.keep([change(tmp_path / "a.py", "one", "two")])
    second = shelf.keep([change(tmp_path / "a.py", "two", "three")])
    os.utime(first, (1, 1))
    assert [kept.images[0].before for kept in shelf.all()] == ["two", "one"]
    shelf.clear(second)
    newest = shelf.claim()
    assert newest is not None
    assert newest.file == first
    assert Shelf(folder=tmp_path, workspace="other").all() == ()


def test_former_texts_of_another_process_are_taken_over_once_it_is_gone(tmp_path: Path) -> None:
    shelf = Shelf(folder=tmp_path, workspace="ws")
    parent = ProcessIdentity(boot_id(), own_identity().namespace, os.getppid(), "")
    running = left_by(shelf, shelf.keep([change(tmp_path / "a.py", "old", "new")]), str(parent))
    assert shelf.all() == (), "that process still runs"
    theirs = left_by(shelf, running.rename(shelf.keep([])), gone_process())
    (kept,) = shelf.all()
    assert (kept.is_own, kept.file, kept.images[0].before) == (False, theirs, "old")
    taken = shelf.claim()
    assert taken is not None
    assert taken.is_own
    assert not theirs.exists()
    assert [one.is_own for one in shelf.all()] == [True]
    assert taken.images == kept.images


def test_what_the_user_was_told_of_goes_with_the_next_edit(tmp_path: Path) -> None:
    shelf = Shelf(folder=tmp_path, workspace="ws")
    file = left_by(shelf, shelf.keep([change(tmp_path / "a.py", "old", "new")]), gone_process())
    (kept,) = shelf.all()
    shelf.note_told(kept)
    assert [one.is_told for one in shelf.all()] == [True]
    assert not file.exists()
    older = left_by(shelf, shelf.keep([change(tmp_path / "b.py", "old", "new")]), gone_process())
    assert [one.file for one in shelf.all()] == [older]
    os.utime(older, (1, 1))
    newest = shelf.keep([change(tmp_path / "c.py", "old", "new")])
    assert list(tmp_path.iterdir()) == [newest], "nobody has asked for it since"


@pytest.mark.parametrize(
    "content",
    [b"", b"{", b"\xff\n\xfe", b'x []\ny {"uri": 1}\n', b"[" * 100_000],
    ids=["empty", "cut", "bytes", "lies", "deep"],
)
def test_of_a_damaged_file_nothing_is_believed(tmp_path: Path, content: bytes) -> None:
    shelf = Shelf(folder=tmp_path, workspace="ws")
    shelf.keep([change(tmp_path / "a.py", "old", "new")]).write_bytes(content)
    (kept,) = shelf.all()
    assert (kept.images, kept.lost) == ((), ("",))
    shelf.put_by(kept.file)
    assert shelf.all() == ()


@given(st.data())
def test_no_flipped_bit_changes_a_former_text(data: st.DataObject) -> None:
    with tempfile.TemporaryDirectory() as folder:
        shelf = Shelf(folder=Path(folder), workspace="ws")
        file = shelf.keep([change(Path(f"/{name}.py"), f"old {name}", "new") for name in "abc"])
        (whole,) = shelf.all()
        raw = bytearray(file.read_bytes())
        raw[data.draw(st.integers(0, len(raw) - 1))] ^= 1 << data.draw(st.integers(0, 7))
        file.write_bytes(raw)
        (kept,) = shelf.all()
        assert set(kept.images) <= set(whole.images)
        assert 1 <= len(kept.images)
        missing = {image.path for image in whole.images} - {image.path for image in kept.images}
        assert kept.lost == ("",) or set(kept.lost) == missing
