"""What an edit has done can be turned round, and what came later stays."""

import json
import stat
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lsprotocol import types

from tierwise.dispatch import FileChange
from tierwise.dispatch.files import read_snapshot
from tierwise.lsp.before_images import Shelf
from tierwise.lsp.documents import Documents
from tierwise.lsp.taking_back import TakenBack, changes_of, taken_back
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


async def test_former_texts_are_kept_for_this_user_alone(tmp_path: Path) -> None:
    shelf = Shelf(file=tmp_path / "restore" / "a.json")
    changes = [change(tmp_path / "a.py", "\ud800 é😀", None), change(tmp_path / "b.py", None, "x\r\n")]
    assert shelf.look() == ()
    shelf.keep(changes)
    assert stat.S_IMODE(shelf.file.stat().st_mode) == 0o600
    assert stat.S_IMODE(shelf.file.parent.stat().st_mode) == 0o700
    kept = changes_of(shelf.look())
    assert [(one.path, one.after, one.before and one.before.text) for one in kept] == [
        (one.path, one.after, one.before and one.before.text) for one in changes
    ]
    assert list(shelf.file.parent.iterdir()) == [shelf.file]
    shelf.clear()
    shelf.clear()
    assert shelf.look() == ()


@pytest.mark.parametrize(
    "content",
    [
        "",
        "{",
        "[1]",
        '[{"uri": "file:///a"}]',
        json.dumps([{"uri": 1, "path": "", "language": "", "before": None, "after": None}]),
    ],
)
def test_a_damaged_shelf_is_an_empty_one(tmp_path: Path, content: str) -> None:
    shelf = Shelf(file=tmp_path / "a.json")
    shelf.file.write_text(content)
    assert shelf.look() == ()
