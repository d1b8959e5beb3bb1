"""Protected files are never changed without a yes: in no form of reply, on no road, whatever their name looks like."""

from collections.abc import Iterable
from pathlib import Path

import pytest

from e2e.editor import environment
from e2e.loaded import shared
from hostile.command_line import CommandLine
from hostile.ground import Ground, ground
from hostile.making import seen
from hostile.protected_names import CHANGES, CREATIONS, NAMES, OLD, PLAIN, REMOVALS, WRITTEN_OTHERWISE
from hostile.protected_roads import named_in
from hostile.window import CAPABILITIES, TRUSTED, Window
from tierwise.checks import Change, Check, verify
from tierwise.edits import Applied, apply_reply
from tierwise.text import Rejection

APP = "x = 1\n\n\ndef area(radius):\n    return 3 * radius\n"


def test_there_are_more_than_eighty() -> None:
    assert 80 <= len(set(PLAIN))
    assert 30 <= len(set(WRITTEN_OTHERWISE))


@pytest.mark.parametrize("road", [*CHANGES, *CREATIONS, *REMOVALS])
def test_no_form_of_reply_gets_past_the_check(road: str) -> None:
    form, written = (CHANGES | CREATIONS | REMOVALS)[road]
    n_applied = 0
    for name in NAMES:
        base = {"app.py": APP} if road in CREATIONS else {"app.py": APP, name: OLD}
        applied = apply_reply(written(name), base, format=form)
        if not isinstance(applied, Applied):
            continue
        n_applied += 1
        verdicts = [
            verify([Check.NO_PROTECTED_FILE], Change(path, "plaintext", base.get(path), text))
            for path, text in applied.files.items()
        ]
        codes = [verdict.code for verdict in verdicts if isinstance(verdict, Rejection)]
        is_new_migration = road in CREATIONS and name.startswith("migrations/")
        assert codes == ["protected-file"] or is_new_migration, (name, dict(applied.files))
    assert n_applied > len(NAMES) / 2, "most replies should be understood, or nothing was shown"


# The command line


def check_apply_reply(folder: Path, names: Iterable[str], n_shares: int = 1) -> int:
    """Replies with `--apply`, each name on every so many roads, in turns; how many were refused as protected."""
    roads = tuple((CHANGES | CREATIONS | REMOVALS).items())
    root, home = folder / "root", folder / "home"
    root.mkdir()
    home.mkdir()
    n_refused = 0
    reply = folder / "reply.txt"
    with CommandLine(environment(home), folder / "errors.txt", ("tierwise.cli.applying",)) as command_line:
        for number, name in enumerate(names):
            for road, (form, written) in roads[number % n_shares :: n_shares]:
                lay_out(root, name, is_there=road not in CREATIONS)
                before = seen(root)
                reply.write_text(written(name), "utf-8")
                command = ("apply-reply", str(reply), "--root", str(root), "--format", form, "--apply")
                code = command_line.run(folder, *command)
                is_new_migration = road in CREATIONS and name.startswith("migrations/")
                assert seen(root) == before or is_new_migration, (name, road)
                assert code == 1 or is_new_migration, (name, road, code, (folder / "errors.txt").read_text())
                n_refused += 1
    return n_refused


def lay_out(root: Path, name: str, *, is_there: bool) -> None:
    """A folder with the file in it, or without it."""
    for path in sorted(root.rglob("*"), reverse=True):
        path.rmdir() if path.is_dir() and not path.is_symlink() else path.unlink()
    (root / "app.py").write_text(APP)
    if is_there:
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(OLD)


def test_apply_reply_writes_none_of_some(tmp_path: Path) -> None:
    assert check_apply_reply(tmp_path, (".env", ".GIT/config")) > 0


@pytest.mark.slow
def test_apply_reply_writes_none_of_all(tmp_path: Path) -> None:
    assert check_apply_reply(tmp_path, NAMES, n_shares=4) > 0


def test_a_yes_lets_apply_reply_write(tmp_path: Path) -> None:
    root = tmp_path / "root"
    root.mkdir()
    (root / "poetry.lock").write_text(OLD)
    (root / "notes.txt").symlink_to("poetry.lock")
    reply = tmp_path / "reply.txt"
    with CommandLine(environment(tmp_path), tmp_path / "errors.txt", ("tierwise.cli.applying",)) as command_line:

        def run(name: str, *more: str) -> int:
            reply.write_text(CHANGES["search-replace"][1](name))
            return command_line.run(tmp_path, "apply-reply", str(reply), "--root", str(root), "--apply", *more)

        assert run("poetry.lock") == 1
        assert run("notes.txt", "--file", "poetry.lock") == 1
        assert (root / "poetry.lock").read_text() == OLD
        assert run("poetry.lock", "--yes") == 0
        assert "zwei" in (root / "poetry.lock").read_text()
        (root / "poetry.lock").write_text(OLD)
        assert run("poetry.lock", "--file", "poetry.lock") == 0
        (root / "poetry.lock").write_text(OLD)
        assert run("notes.txt") == 1, "a link to a protected file is that file"


# The editor


class Changing:
    """A window in which a model's reply tries to change something beside what the user asked about."""

    def __init__(self, window: Window, around: Ground, folder: Path) -> None:
        self.window, self.around, self.folder = window, around, folder
        self.n_runs = 0

    def check(self, action: str, name: str, road: str) -> None:
        """No edit that is sent reaches the file, and it is as it was."""
        form, written = (CHANGES | CREATIONS | REMOVALS)[road]
        self.n_runs += 1
        lay_out(self.folder, name, is_there=road not in CREATIONS)
        self.around.book.reply = lambda _: written(name)
        path = self.folder / "app.py"
        text = APP.replace("3", str(self.n_runs + 3))
        path.write_text(text)
        uri = self.window.open(path)
        before = seen(self.folder)
        self.window.edits.clear()
        here = {"start": {"line": 3, "character": 5}, "end": {"line": 3, "character": 5}}
        arguments = {"action": action, "uri": uri, "range": here, "instruction": f"raise x, {form}"}
        result = self.window.command("tierwise.run", arguments)
        self.window.close(uri)
        assert seen(self.folder) == before
        reached = {named for edit in self.window.edits for named in named_in(edit)}
        assert reached <= {uri}, (name, road, action, reached)
        assert result["status"] in ("refused", "proposed"), (name, road, action, result)


def check_window(folder: Path, names: Iterable[str], roads: Iterable[str]) -> None:
    """Names and roads in turn, as free instructions and as changes across files, planned and in one call."""
    with ground(folder) as around:
        config = f"{around.config}[native]\nenabled = false\n"
        with Window(folder / "window", config, loaded=shared()) as window:
            window.initialize(options=TRUSTED, **CAPABILITIES)
            place = folder / "repository"
            place.mkdir()
            window.change_folders([place], [])
            changing = Changing(window, around, place)
            for number, name in enumerate(names):
                for road in roads:
                    changing.check(("do", "refactor_across_files")[number % 2], name, road)


def test_no_action_reaches_some(tmp_path: Path) -> None:
    check_window(tmp_path, (".env", ".VSCode/settings.json"), ("patch", "create-patch", "move-onto", "delete"))


@pytest.mark.slow
@pytest.mark.parametrize("road", ["whole", "udiff", "json", "create-patch", "create-whole", "move-onto", "delete"])
def test_no_action_reaches_any(tmp_path: Path, road: str) -> None:
    check_window(tmp_path, NAMES[len(road) % 2 :: 2], (road,))
