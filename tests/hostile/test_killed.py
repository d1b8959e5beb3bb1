"""The server is killed in the middle of an edit of several files: nothing is lost, and one command takes it back."""

from pathlib import Path

import pytest

from hostile.ground import ground
from hostile.killing import Moment, Scene, former, later, restore
from hostile.window import Window

FIRST = (
    Moment("before-anything", step="call keep"),
    Moment("images-written-beside", step="audit os.rename"),
    Moment("images-written", step="return keep"),
    Moment("about-to-send", step="call send"),
    Moment("sent", n_parts=0),
    Moment("one-part", n_parts=1, leaves="part"),
    Moment("three-parts", n_parts=3, leaves="part"),
    Moment("all-but-one", n_parts=8, leaves="part"),
)
LAST = (
    Moment("applied-not-answered", n_parts=9, leaves="whole"),
    Moment("answer-read", step="call obstacle_in", leaves="whole"),
    Moment("about-to-forget", step="call _forget", leaves="whole"),
    Moment("forgetting", step="audit os.remove", leaves="whole"),
    Moment("forgotten", step="return _forget", leaves="after"),
    Moment("about-to-book", step="call _look_after", leaves="after"),
    Moment("booked", step="call follow", leaves="after"),
)
SOME = (FIRST[5], LAST[1])


def check_left(scene: Scene, window: Window, moment: Moment) -> None:
    """The next server tells what is there of the edit, and one command gives every file its former bytes."""
    said = scene.files.said()
    expected = {"before": former(), "after": later(), "whole": later()}.get(moment.leaves)
    assert said == expected or (expected is None and said not in (former(), later())), moment.name
    if moment.leaves in ("part", "whole"):
        (words,) = window.hear()
        start = "an edit was broken off" if moment.leaves == "part" else "an edit was made just before"
        assert start in words, (moment.name, words)
        assert "'tierwise.restore' takes it back" in words
        answer = restore(window)
        assert (answer["status"], answer["code"]) == ("applied", ""), (moment.name, answer)
        assert scene.files.said() == former(), moment.name
    assert restore(window)["code"] == "nothing-to-restore", moment.name
    assert list(scene.kept.glob("*.images*")) == [], moment.name
    scene.begin_again(window)


def check_moments(folder: Path, moments: tuple[Moment, ...]) -> None:
    """One server after the other: each puts right what the one before it has left, and is then killed itself."""
    with ground(folder) as around:
        scene = Scene(folder, around)
        before: Moment | None = None
        for moment in (*moments, None):
            with scene.window(moment) as window:
                if before is not None:
                    check_left(scene, window, before)
                if moment is not None:
                    scene.die(window, moment)
            before = moment


def test_a_server_that_was_killed_leaves_the_way_back(tmp_path: Path) -> None:
    check_moments(tmp_path, SOME)


@pytest.mark.slow
@pytest.mark.parametrize("moments", [FIRST, LAST], ids=["first", "last"])
def test_every_moment_leaves_the_way_back(tmp_path: Path, moments: tuple[Moment, ...]) -> None:
    check_moments(tmp_path, moments)
