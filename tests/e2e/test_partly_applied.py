"""An edit of several files is applied whole, or the user is told what of it is there and can take it back."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from e2e.interleaving import Interleaving
from e2e.profiles import CODE, NVIM, STRICT, Profile
from e2e.world import World, world_of


def texts(interleaving: Interleaving) -> dict[str, str]:
    """What every file says, in the editor or on disk."""
    on_disk = {path.as_uri(): path.read_bytes().decode() for path in interleaving.folder.glob("*.py")}
    return on_disk | {uri: buffer.text for uri, buffer in interleaving.editor.buffers.items()}


def broken_off(world: World, after: int, **files: bool) -> tuple[Interleaving, dict[str, str], Any]:
    """A change of all files that the client breaks off after so many parts: the texts before, and the answer."""
    interleaving = Interleaving(world, "\r\n", "😀", "\n")
    before = texts(interleaving)
    interleaving.changes_all(**{"makes": False, "moves": False, "deletes": False, **files})
    interleaving.editor.breaks_after = after
    interleaving.model_answers(0, is_good=True)
    while interleaving.talk.edits:
        interleaving.client_answers("takes", confirms=True)
    interleaving.editor.breaks_after = None
    interleaving.is_restoring = True
    (run,) = interleaving.over
    answer = world.conversation.outcome(run.number)
    assert answer is not None
    return interleaving, before, answer["result"]


def restored(interleaving: Interleaving) -> Any:
    """Ask for the former texts and carry the edits out; the answer."""
    number = interleaving.talk.begin("workspace/executeCommand", {"command": "tierwise.restore", "arguments": []})
    while True:
        interleaving.wait(
            interleaving.talk.until(
                lambda: bool(interleaving.talk.edits) or interleaving.talk.outcome(number) is not None
            )
        )
        if (answer := interleaving.talk.outcome(number)) is not None:
            return answer["result"]
        interleaving.client_answers("takes", confirms=True)


def check_taken_back(world: World, after: int, **files: bool) -> str:
    """Break an edit off, take back what is there of it; returns what the user was told."""
    interleaving, before, result = broken_off(world, after, **files)
    try:
        assert result["status"] == "proposed", result
        if texts(interleaving) == before:
            assert result["code"] == "not-applied"
            assert restored(interleaving)["code"] == "nothing-to-restore"
        else:
            assert result["code"] == "partly-applied"
            assert "'tierwise.restore' takes it back" in result["message"]
            assert restored(interleaving)["status"] == "applied"
        assert texts(interleaving) == before
        return str(result["message"])
    finally:
        interleaving.leave()


def test_vs_code_breaks_off_a_change_with_file_operations(world_for: Callable[[Profile], World]) -> None:
    for after in range(7):
        check_taken_back(world_for(CODE), after, makes=True, moves=after % 2 == 0, deletes=after % 2 == 1)


@pytest.mark.slow
@pytest.mark.parametrize("profile", [NVIM, STRICT], ids=lambda profile: profile.name)
def test_other_clients_break_off_a_change_of_texts(tmp_path: Path, profile: Profile) -> None:
    with world_of(tmp_path, profile) as world:
        for after in range(4):
            told = check_taken_back(world, after)
            assert "the disk is full" in told


@pytest.mark.slow
def test_a_restarted_server_still_has_the_former_texts(tmp_path: Path) -> None:
    with world_of(tmp_path, STRICT) as world:
        interleaving, before, result = broken_off(world, 2)
        assert result["code"] == "partly-applied"
        uri = interleaving.editor.uri("mod_a.py")
        world.stop()
        world.start()
        interleaving.folders([interleaving.folder], [])
        for buffer in tuple(interleaving.editor.buffers.values()):
            interleaving.editor.open(buffer.uri, buffer.text)
        interleaving.types(0, 9, is_end=False, is_whole=False)
        typed = interleaving.editor.buffers[uri].text
        assert "typed" in typed
        assert restored(interleaving)["status"] == "applied"
        now = texts(interleaving)
        assert {name: text for name, text in now.items() if name != uri} == {
            name: text for name, text in before.items() if name != uri
        }
        assert [line for line in now[uri].split("\r\n") if "typed" not in line] == before[uri].split("\r\n")
        assert "typed" in now[uri]
        assert restored(interleaving)["code"] == "nothing-to-restore"
        interleaving.leave()
