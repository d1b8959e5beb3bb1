"""Opening a hostile repository does nothing: nothing connects, runs, leaks or is written before trust."""

import os
import shutil
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from hostile.audit import Audit
from hostile.ground import Ground, ground
from hostile.opening import Opened, leaks, open_and_run, strayed
from hostile.own_settings import OTHERS, OWN, SETTINGS
from hostile.project_tools import GITS, TOOLS, TOOLS_AND_GIT
from hostile.repository import Repository
from hostile.strange_files import KINDS, LINKS, NAMES, STRANGE
from hostile.window import CAPABILITIES, TRUSTED, UNTRUSTED, Window

REPOSITORIES = SETTINGS + TOOLS_AND_GIT + STRANGE
GROUPS = {
    **{"own": OWN, "others": OTHERS, "git": GITS, "tools": TOOLS},
    **{"links": LINKS, "kinds": KINDS, "names": NAMES},
}
SAMPLE = (
    *("own-server", "own-replies", "dotenv", "git-fsmonitor", "venv-ruff"),
    *("ruff-endless", "link-passwd", "pipes", "name-escape"),
)

ENDLESS = ("ruff-endless", "settings-endless")
"""What a trusted project does to its own tools is its own affair, and takes as long as they are given."""


def named(names: Iterable[str]) -> tuple[Repository, ...]:
    """The repositories of these names."""
    return tuple(repository for repository in REPOSITORIES if repository.name in set(names))


@dataclass(frozen=True)
class Site:
    """A window on record, in which repositories are opened."""

    window: Window
    ground: Ground
    audit: Audit
    folder: Path

    def open(self, repository: Repository) -> Opened:
        """Open one and run everything."""
        return open_and_run(
            self.window, self.ground, self.audit, repository, self.folder / "repositories" / repository.name
        )

    def check_untrusted(self, opened: Opened) -> None:
        """Nothing of the repository has had an effect."""
        name = opened.repository.name
        assert opened.fired == frozenset(), f"{name}: programs of the repository have run"
        may_write = (self.ground.around.home, self.folder / "tmp")
        assert strayed(opened, self.ground, may_write=may_write) == [], name
        self.check_harmless(opened)

    def check_trusted(self, opened: Opened) -> None:
        """Only the project's own tools have run."""
        assert opened.fired <= opened.repository.may_run, f"{opened.repository.name}: {sorted(opened.fired)}"
        self.check_harmless(opened)

    def check_harmless(self, opened: Opened) -> None:
        """Nothing was written, sent or called, and every action came to an end."""
        name = opened.repository.name
        assert opened.changed == [], f"{name}: files were changed"
        assert not leaks(opened), f"{name}: a secret was sent"
        assert self.ground.canary.n_calls == 0, f"{name}: somebody was called"
        assert [result for result in opened.results if result["code"] == "internal"] == [], name


@contextmanager
def site(
    folder: Path,
    options: dict[str, bool],
    *,
    is_traced: bool = False,
    cwd: Path | None = None,
    path: str = "",
) -> Iterator[Site]:
    """Start a server whose deeds are recorded."""
    with ground(folder) as around:
        audit = Audit(folder / "audit")
        (folder / "tmp").mkdir()
        env = audit.environment | {"TMPDIR": str(folder / "tmp"), "PATH": f"{path}{os.environ['PATH']}"}
        before = audit.tracer if is_traced else ()
        with Window(folder / "window", around.config, env=env, before=before, cwd=cwd) as window:
            window.initialize(options=options, **CAPABILITIES)
            window.command("tierwise.doctor")
            audit.news()
            yield Site(window, around, audit, folder)
            # A tracer that is killed would leave the server behind.
            window.leave()


def test_there_are_enough_of_all_kinds() -> None:
    assert 60 <= len({repository.name for repository in REPOSITORIES}) == len(REPOSITORIES)
    assert all(repository.tries for repository in REPOSITORIES)
    assert len(named(SAMPLE)) == len(SAMPLE)


def test_some_that_nobody_trusts(tmp_path: Path) -> None:
    with site(tmp_path, UNTRUSTED) as window:
        for repository in named(SAMPLE[::2]):
            opened = window.open(repository)
            window.check_untrusted(opened)
            assert opened.results, f"{repository.name}: nothing was offered"


@pytest.mark.slow
@pytest.mark.parametrize("group", GROUPS)
def test_all_that_nobody_trusts(tmp_path: Path, group: str) -> None:
    with site(tmp_path, UNTRUSTED) as window:
        for repository in GROUPS[group]:
            window.check_untrusted(window.open(repository))


@pytest.mark.slow
@pytest.mark.skipif(shutil.which("strace") is None, reason="strace, which sees every system call, is not installed")
def test_the_system_saw_nothing_either(tmp_path: Path) -> None:
    with site(tmp_path, UNTRUSTED, is_traced=True) as window:
        for repository in named(SAMPLE):
            window.check_untrusted(window.open(repository))


@pytest.mark.slow
@pytest.mark.parametrize("group", ["own", "git", "tools"])
def test_trust_lets_a_projects_own_tools_run_and_nothing_else(tmp_path: Path, group: str) -> None:
    fired: set[str] = set()
    with site(tmp_path, TRUSTED) as window:
        for repository in GROUPS[group]:
            if repository.name in ENDLESS:
                continue
            opened = window.open(repository)
            window.check_trusted(opened)
            fired |= opened.fired
    expected = {"venv-ruff", "venv-black", "prettier"} if group == "tools" else set()
    assert expected <= fired


@pytest.mark.slow
@pytest.mark.parametrize("name", ["modules", "on-the-path", "bin-on-the-path"])
def test_a_server_that_is_started_in_the_folder(tmp_path: Path, name: str) -> None:
    """As Neovim does; and people put `.` and `node_modules/.bin` on their search path."""
    (repository,) = named([name])
    folder = tmp_path / "repositories" / name
    folder.mkdir(parents=True)
    path = f".:node_modules/.bin:.venv/bin::{folder}/node_modules/.bin:{folder}/.venv/bin:{folder}:"
    with site(tmp_path, UNTRUSTED, cwd=folder, path=path) as window:
        opened = window.open(repository)
        window.check_harmless(opened)
        assert opened.fired == frozenset()
