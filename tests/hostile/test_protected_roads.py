"""Protected files are left alone on every road an edit can take, not only by a first answer."""

import contextlib
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import pytest

from e2e.editor import environment, prepared
from hostile.command_line import CommandLine
from hostile.ground import ground
from hostile.protected_names import CHANGES, CREATIONS, NAMES, REMOVALS
from hostile.protected_roads import ACCEPTS, APP, HERE, SAID, Roads
from hostile.window import CAPABILITIES, Window
from servers.scenarios import Call

SOME = (".env", "poetry.lock", ".GIT/config", "dist/index.js")
BOTH = "*** Begin Patch\n*** Update File: app.js\n@@\n-y = {n}\n+y = {n}0\n{other}*** End Patch\n"
OTHER = "*** Update File: other.js\n@@\n one\n-two\n+zwei\n three\n"
CHANGED = SAID.replace("two", "zwei")
TRIES = {**CHANGES, **CREATIONS, **REMOVALS}
HOLDING = {**CAPABILITIES, "workspace": {"workspaceEdit": {"documentChanges": True}, "workspaceFolders": True}}
"""An editor that takes edits only in the entries of its menu."""


@contextlib.contextmanager
def roads(folder: Path, capabilities: dict[str, Any] = CAPABILITIES, more: str = "") -> Iterator[Roads]:
    """A window in a folder that holds nothing yet."""
    with ground(folder) as around:
        place = folder / "repository"
        place.mkdir()
        config = f"{around.config}[native]\nenabled = false\n{more}"
        with Window(folder / "window", config) as window:
            window.initialize(options=ACCEPTS, **capabilities)
            window.change_folders([place], [])
            yield Roads(window, around, place)


def good(road: Roads, other: str = OTHER) -> Any:
    """What a model says that keeps to what it was asked, in this run."""
    words = BOTH.format(n=road.n_runs, other=other)
    return lambda _: words


def bad(name: str, road: str = "patch") -> Any:
    """What a model says that wants a protected file."""
    words = TRIES[road][1](name).replace("app.py", "app.js")
    return lambda _: words


def check_accept(road: Roads, name: str) -> None:
    """A proposal waits; its file becomes a link to the protected one; then the user accepts everything."""
    uri = road.begin(name)
    shown = road.run(uri, good(road))
    assert shown["status"] == "proposed", shown
    road.link("other.js", name)
    for more in ({}, {"text": CHANGED}, {"hunks": [0]}):
        answer = road.accept(shown, **more)
        assert answer["status"] != "applied", (name, more, answer)
        road.check_untouched(name)
    named = {"uri": (road.folder / name).as_uri(), "text": CHANGED}
    answer = road.window.command("tierwise.accept", {"id": shown["id"], "accepted": [named], "force": True})
    assert answer["status"] != "applied"
    road.check_untouched(name)


def check_undo(road: Roads, name: str) -> None:
    """An edit is in; one of its files becomes a link to the protected one; the user takes the edit back."""
    uri = road.begin(name)
    assert road.accept(road.run(uri, good(road)))["status"] == "applied"
    (road.folder / name).write_text(CHANGED)
    road.link("other.js", name)
    road.window.edits.clear()
    answer = road.window.command("tierwise.undo", {})
    assert answer["status"] == "refused", (name, answer)
    assert "is left alone" in answer["message"]
    road.check_untouched(name, CHANGED)


def check_again(road: Roads, name: str) -> None:
    """The first answer is in; the better model wants the protected file as well."""
    for way in ("patch", "move-onto", "delete"):
        uri = road.begin(name)
        first = road.accept(road.run(uri, good(road)))
        road.window.edits.clear()
        road.around.book.reply = bad(name, way)
        if way in CREATIONS:
            (road.folder / name).unlink()
        there = (road.folder / name).exists()
        answer = road.window.command("tierwise.again", {"id": first["id"], "tier": "top"})
        assert answer["status"] == "refused", (name, way, answer)
        assert (road.folder / name).exists() == there
        assert road.window.edits == []
        if there:
            road.check_untouched(name)


def check_comment(road: Roads, name: str) -> None:
    """A comment in the open file asks for it; the model does what it says."""
    uri = road.begin(name)
    text = f"// tw: put zwei into {name!r}\n" + APP.format(n=road.n_runs)
    road.files.texts[uri] = text
    road.files.versions[uri] += 1
    road.files.report(road.window)
    (entry, *_) = [entry for entry in road.window.menu(uri, 0) if entry["title"].startswith("Do: ")]
    road.around.book.reply = bad(name)
    result = road.window.command("tierwise.run", *entry["command"]["arguments"])
    assert result["status"] == "refused", (name, result)
    road.check_untouched(name)


def check_custom(road: Roads, name: str) -> None:
    """An action of the user's own has no checks but those of all actions."""
    for way in ("patch", "json", "delete"):
        uri = road.begin(name)
        result = road.run(uri, bad(name, way), action="add_logging")
        assert result["status"] in ("refused", "applied"), (name, way, result)
        road.check_untouched(name)


def check_on_save(road: Roads, name: str) -> None:
    """An editor that carries out a kind whenever it saves is offered nothing in a protected file, and else is."""
    road.begin(name)
    for file, is_offered in (("app.js", True), (name, False)):
        path = road.folder / file
        path.write_text(APP.format(n=1))
        uri = road.window.open(path, language="javascript")
        whole = {"start": {"line": 0, "character": 0}, "end": {"line": 5, "character": 0}}
        context = {"diagnostics": [], "triggerKind": 2, "only": ["refactor.rewrite"]}
        params = {"textDocument": {"uri": uri}, "range": whole, "context": context}
        found = road.window.ask("textDocument/codeAction", params)["result"]
        assert bool(found) == is_offered, (file, found)
        road.window.close(uri)


CHECKS = {
    "accept": check_accept,
    "undo": check_undo,
    "again": check_again,
    "comment": check_comment,
    "custom": check_custom,
    "on save": check_on_save,
}
CUSTOM = """\
[actions.add_logging]
title = "Log"
instructions = "Log."
scope = "symbol"
[editor]
automatic = ["selection"]
"""


def check_roads(folder: Path, names: Iterable[str], wanted: Iterable[str]) -> None:
    """Every road for every name, in one window."""
    with roads(folder, more=CUSTOM) as road:
        for check in wanted:
            for name in names:
                CHECKS[check](road, name)


def test_no_road_reaches_some(tmp_path: Path) -> None:
    check_roads(tmp_path, SOME[1:3], CHECKS)


@pytest.mark.slow
def test_no_proposal_reaches_any(tmp_path: Path) -> None:
    check_roads(tmp_path, NAMES, ["accept"])


def test_an_entry_of_the_menu_reaches_none(tmp_path: Path) -> None:
    """For editors that take an edit only with the entry."""
    with roads(tmp_path, HOLDING) as road:
        for name in SOME:
            uri = road.begin(name)
            road.around.book.reply = bad(name)
            entries = [one for one in road.window.menu(uri, 3) if one["title"].startswith("Document")]
            answer = road.window.ask("codeAction/resolve", entries[0])
            assert "error" in answer, (name, answer)
            road.check_untouched(name)


@pytest.mark.slow
def test_what_is_restored_after_a_crash_reaches_none(tmp_path: Path) -> None:
    with ground(tmp_path) as around:
        place = tmp_path / "repository"
        place.mkdir()
        config = f"{around.config}[native]\nenabled = false\n"
        for name in SOME[:1]:
            with Window(tmp_path / "window", config) as window:
                window.initialize(options=ACCEPTS, **CAPABILITIES)
                window.change_folders([place], [])
                road = Roads(window, around, place, n_runs=SOME.index(name))
                uri = road.begin(name)
                shown = road.run(uri, good(road))
                die_in_the_middle(road, shown)
            (road.folder / name).write_text(CHANGED)
            road.link("other.js", name)
            with Window(tmp_path / "window", config) as window:
                window.initialize(options=ACCEPTS, **CAPABILITIES)
                window.change_folders([place], [])
                road.window = window
                window.apply = road.take
                answer = window.command("tierwise.restore")
                assert "'other.js' was not restored" in answer["message"], answer
                assert "is left alone" in answer["message"]
                road.check_untouched(name, CHANGED)
                assert (road.folder / "app.js").read_text() == APP.format(n=road.n_runs)


def die_in_the_middle(road: Roads, shown: dict[str, Any]) -> None:
    """The edit is carried out, and the server is killed before it hears of it."""

    def apply(edit: dict[str, Any]) -> dict[str, Any]:
        road.files.take(edit)
        road.files.save()
        road.window.process.kill()
        raise BrokenPipeError

    road.window.apply = apply
    with pytest.raises(BrokenPipeError):
        road.accept(shown)


@pytest.mark.slow
def test_running_an_action_on_the_command_line_reaches_none(tmp_path: Path) -> None:
    with ground(tmp_path) as around:
        home = prepared(tmp_path / "window", f"{around.config}[native]\nenabled = false\n")
        place = tmp_path / "repository"
        # A marker of its own, else one above the temporary folder would make that the project.
        (place / ".hg").mkdir(parents=True)
        (place / "app.js").write_text(APP.format(n=1))
        said: list[Call] = []
        with CommandLine(environment(home), tmp_path / "errors.txt", ("tierwise.cli.actions",)) as command_line:
            for number, name in enumerate(SOME[:2]):
                (place / name).parent.mkdir(exist_ok=True)
                (place / name).write_text(SAID)
                for action in ("do", "refactor_across_files"):
                    around.book.reply = lambda call, name=name: said.append(call) or CHANGES["patch"][1](name)
                    words = ("--instruction", f"put zwei into {name}, {number}", "--apply")
                    code = command_line.run(place, "run", action, "app.js", "--range", "4:6", *words)
                    assert (code, (place / name).read_text()) == (1, SAID), (name, action)
        assert len(said) >= 4


def test_the_file_the_user_has_open_is_changed_and_told(tmp_path: Path) -> None:
    with roads(tmp_path) as road:
        road.begin("app.min.js")
        (road.folder / "app.min.js").write_text(APP.format(n=1))
        road.files.open(road.window, "app.min.js")
        uri = (road.folder / "app.min.js").as_uri()
        documented = "```javascript\n/** An area. */\nfunction area(radius) {\n  return 3 * radius;\n}\n```\n"
        result = road.run(uri, lambda _: documented, action="document", range=HERE)
        assert result["status"] == "applied", result
        assert any("made by a tool" in note for note in result["notes"]), result["notes"]
        assert road.window.command("tierwise.undo", {})["status"] == "applied"
        assert (road.folder / "app.min.js").read_text() == APP.format(n=1)
