"""What happens between the death of a server and the wish to have its last edit taken back: nobody's text is lost."""

import contextlib
import shutil
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from e2e.modules import CHANGED, NAMES, SHARED
from hostile.editing import Stopped
from hostile.ground import ground
from hostile.killing import GONE, MADE, NEW, OLD, Moment, Scene, former, later, restore
from store.ledgers import sound_rows
from tierwise.store.ledger import open_ledger

FIRST, SECOND, THIRD, FOURTH = NAMES
ALL_IN = Moment("all-in", n_parts=9)
TYPED = "# typed by hand"


@dataclass(frozen=True)
class Meanwhile:
    """One thing a user may do, and what every file says after the rest was taken back."""

    name: str
    happens: Callable[[Scene], None]
    keeps: dict[str, str | None]
    """What differs from the texts before the edit; None: there is no such file."""
    words: tuple[str, ...]
    """What the user is told of it."""
    laid_out: tuple[str, ...] = ()
    """Files whose former texts are written out for the user."""
    code: str = "partly-restored"


def writes(name: str, change: Callable[[str], str]) -> Callable[[Scene], None]:
    """The user edits a closed file, or one that is open in the editor, and saves it."""

    def happen(scene: Scene) -> None:
        path = scene.files.folder / name
        text = change(path.read_text("utf-8"))
        path.write_text(text, "utf-8")
        if path.as_uri() in scene.files.texts:
            scene.files.texts[path.as_uri()] = text

    return happen


def end(text: str) -> str:
    return f"{text}\n{TYPED}\n"


def same_place(text: str) -> str:
    return text.replace(CHANGED, f"{CHANGED}0")


def remove(scene: Scene) -> None:
    (scene.files.folder / THIRD).unlink()


def move_on(scene: Scene) -> None:
    (scene.files.folder / THIRD).rename(scene.files.folder / "renamed.py")


def forbid(scene: Scene) -> None:
    (scene.files.folder / THIRD).chmod(0o444)


def damage(scene: Scene) -> None:
    (file,) = scene.kept.glob("*.images")
    lines = file.read_bytes().split(b"\n")
    number = next(n for n, line in enumerate(lines[1:], 1) if f'/{THIRD}"'.encode() in line)
    lines[number] = lines[number].replace(SHARED.encode(), b"SHARED = 3", 1)
    file.write_bytes(b"\n".join(lines))


def take_all(scene: Scene) -> None:
    shutil.rmtree(scene.files.folder)
    scene.files.texts.clear()


def take_images(scene: Scene) -> None:
    for file in scene.kept.glob("*.images"):
        file.write_bytes(file.read_bytes()[:40])


CASES = (
    Meanwhile(
        "typed-elsewhere", writes(FIRST, end), {FIRST: end(former()[FIRST])}, ("restored", f"{FIRST!r}"), code=""
    ),
    Meanwhile(
        "typed-elsewhere-in-a-closed-file",
        writes(FOURTH, end),
        {FOURTH: end(former()[FOURTH])},
        ("restored",),
        code="",
    ),
    Meanwhile(
        "typed-in-the-same-place",
        writes(SECOND, same_place),
        {SECOND: same_place(later()[SECOND])},
        (f"{SECOND!r} was changed in the same places since",),
        (SECOND,),
    ),
    Meanwhile(
        "typed-into-the-new-file",
        writes(MADE, end),
        {MADE: end(later()[MADE])},
        (f"{MADE!r}, which the edit made, was changed since",),
    ),
    Meanwhile(
        "typed-into-the-moved-file",
        writes(NEW, end),
        {NEW: end(later()[NEW])},
        (f"{NEW!r}, which the edit made, was changed since",),
    ),
    Meanwhile("deleted", remove, {THIRD: None}, (f"{THIRD!r} is gone",), (THIRD,)),
    Meanwhile("renamed", move_on, {THIRD: None, "renamed.py": later()[THIRD]}, (f"{THIRD!r} is gone",), (THIRD,)),
    Meanwhile(
        "read-only",
        forbid,
        {THIRD: later()[THIRD]},
        (f"{THIRD!r} was not restored: ", "read-only"),
    ),
    Meanwhile("damaged", damage, {THIRD: later()[THIRD]}, (f"what {THIRD!r} said before cannot be read",)),
)
SOME = ("typed-in-the-same-place", "read-only")


def check_meanwhile(scene: Scene, answer: dict[str, Any], told: Iterable[str], case: Meanwhile) -> None:
    """What the user did stays, everything else has its former text, and what could not be done is said."""
    expected = {name: text for name, text in (former() | case.keeps).items() if text is not None}
    assert scene.files.said() == expected, case.name
    assert (answer["status"], answer["code"]) == ("applied", case.code), (case.name, answer)
    for words in case.words:
        assert words in answer["message"], (case.name, answer["message"])
    assert any(answer["message"] in one for one in told), case.name
    texts = {path: path.read_text("utf-8") for path in scene.kept.glob("*.py")}
    assert sorted(texts.values()) == sorted(former()[name] for name in case.laid_out), case.name
    assert all(str(path) in answer["message"] for path in texts), case.name
    for path in texts:
        path.unlink()


def check_cases(folder: Path, cases: Iterable[Meanwhile]) -> None:
    """Kill a server, let something happen, and have the next one restore, one case after the other."""
    with ground(folder) as around:
        scene = Scene(folder, around)
        for case in cases:
            scene.lay_out()
            with scene.window(ALL_IN) as window:
                scene.die(window, ALL_IN)
            case.happens(scene)
            with scene.window() as window:
                answer = restore(window)
                check_meanwhile(scene, answer, window.told, case)
                if case.name == "read-only":
                    (scene.files.folder / THIRD).chmod(0o644)
                    assert restore(window)["files"] == [THIRD]
                    assert scene.files.said() == former()
                assert restore(window)["code"] == "nothing-to-restore", case.name


def test_nothing_that_was_typed_is_lost(tmp_path: Path) -> None:
    check_cases(tmp_path, (case for case in CASES if case.name in SOME))


@pytest.mark.slow
def test_nothing_that_was_done_meanwhile_is_lost(tmp_path: Path) -> None:
    check_cases(tmp_path, (case for case in CASES if case.name not in SOME))


def folder_is_gone(scene: Scene) -> None:
    """Nothing that is gone is restored, and all former texts are written out."""
    with scene.window(ALL_IN) as window:
        scene.die(window, ALL_IN)
    take_all(scene)
    scene.files.folder.mkdir()
    with scene.window() as window:
        answer = restore(window)
        # Of what the edit took away, the former text can be brought back.
        assert sorted(answer["files"]) == [GONE, OLD]
        assert scene.files.said() == {name: former()[name] for name in (GONE, OLD)}
        for name in NAMES:
            assert f"{name!r} is gone" in answer["message"]
        assert {path.read_text("utf-8") for path in scene.kept.glob("*.py")} == {former()[name] for name in NAMES}
        scene.begin_again(window)


def images_are_damaged(scene: Scene) -> None:
    """The user is told once, and the remains are put by."""
    with scene.window(ALL_IN) as window:
        scene.die(window, ALL_IN)
    take_images(scene)
    with scene.window() as window:
        (words,) = window.hear()
        assert "cannot be read any more" in words
        assert restore(window)["code"] == "nothing-to-restore"
        assert scene.files.said() == later()
        assert len(list(scene.kept.glob("*.damaged"))) == 1
        scene.begin_again(window)


def restoring_is_killed(scene: Scene) -> None:
    """A restoration that was itself broken off is simply repeated."""
    with scene.window(ALL_IN) as window:
        scene.die(window, ALL_IN)
    sent = Moment("restoring", step="call obstacle_in")
    with scene.window(sent) as window:
        window.hear()
        scene.files.n_left = 3

        def stop(edit: dict[str, Any]) -> dict[str, Any]:
            with contextlib.suppress(Stopped):
                scene.files.take(edit)
            scene.files.save()
            scene.armed.touch()
            return {"applied": True}

        window.apply = stop
        window.begin("workspace/executeCommand", {"command": "tierwise.restore", "arguments": []})
        while (message := window.messages.get(timeout=120)) is not None:
            if message.get("method") == "workspace/applyEdit":
                window.send({"jsonrpc": "2.0", "id": message["id"], "result": stop(message["params"]["edit"])})
        assert window.process.wait(60) == -9
    scene.armed.unlink()
    scene.files.n_left = None
    assert scene.files.said() not in (former(), later())
    with scene.window() as window:
        (words,) = window.hear()
        assert "was broken off" in words
        assert restore(window)["code"] == ""
        assert scene.files.said() == former()


def two_windows(scene: Scene) -> None:
    """What one window's server left, only one of two takes back, and edits of the other stay its own."""
    with scene.window(ALL_IN) as first:
        scene.die(first, ALL_IN)
    # Windows that were open before would have to be told of the edit, as an editor tells its server of every text.
    with scene.window() as first, scene.window() as second:
        both = [window.begin("workspace/executeCommand", {"command": "tierwise.restore"}) for window in (first, second)]
        # The same editor stands behind both windows, so each edit is applied before the next one is looked at.
        answers = [window.reply(number)["result"] for window, number in zip((first, second), both, strict=True)]
        assert scene.files.said() == former()
        assert sorted(answer["code"] for answer in answers) == ["", "nothing-to-restore"], answers


def every_call_is_booked(scene: Scene) -> None:
    """Whenever a server was killed, no row of the ledger is lost or left open."""
    ledger = open_ledger(scene.folder / "window-home" / "ledger.sqlite3")
    try:
        ledger.sweep()
        rows = sound_rows(ledger)
    finally:
        ledger.close()
    assert len(rows) == len(scene.around.book.chats)
    assert [row for row in rows if row.outcome == "running"] == []


@pytest.mark.slow
def test_other_ends(tmp_path: Path) -> None:
    with ground(tmp_path) as around:
        scene = Scene(tmp_path, around)
        for happens in (folder_is_gone, images_are_damaged, restoring_is_killed, two_windows, every_call_is_booked):
            happens(scene)
