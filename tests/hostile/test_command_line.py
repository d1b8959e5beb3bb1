"""The commands that read a folder, in every hostile folder: nothing connects, runs, leaks or is written."""

import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path

import pytest

from e2e.editor import environment, prepared
from hostile.audit import Audit
from hostile.command_line import CommandLine
from hostile.ground import ground
from hostile.making import SECRET, make, seen
from hostile.opening import Opened, strayed
from hostile.repository import Repository
from hostile.test_repositories import REPOSITORIES, SAMPLE, named
from tierwise.cli.app import COMMANDS, GROUPS

ASKING = "run do app.py --instruction x --json"
LINES = (
    *("actions app.py --json", "route do app.py --instruction x --json", ASKING),
    *("run format app.py", "run refactor_across_files app.py --instruction x --dry-run"),
    *("apply-reply reply.txt --root . --json", "check document app.py app.py"),
    *("config show", "doctor --json", "stats --json", "report --html @OUT@/report.html", "models --json"),
    *("eval .", "golden list", "golden prove .", "replay app.py", "tripwire", "cache stats"),
)
"""With `reply.txt` beside `app.py` where a fixture has none of its own."""
ELSEWHERE = ("demo", "ledger")
"""What reads no folder: it makes one of its own, or speaks with a team's server that only the user's file can name."""
NAMED = (
    *("actions", "applying", "caching", "checking", "configuring", "diagnosing", "evaluating", "golden", "money"),
    *("replaying", "reporting", "stats", "tripwire"),
)
MODULES = (
    *(f"tierwise.cli.{name}" for name in NAMED),
    *("tierwise.dispatch.run", "tierwise.dispatch.planner", "tierwise.backends.probing", "tierwise.evals.report"),
    *(f"tierwise.backends.{name}" for name in ("llamacpp", "ollama", "openai_compatible")),
    *("genai_prices", "typer.rich_utils", "anyio._backends._asyncio"),
)
DEFAULT = "127.0.0.1:11434"
"""The server that is asked unless the user names another, whatever a folder says."""
REPLY = "app.py\n<<<<<<< SEARCH\nimport math\n=======\nimport cmath\n>>>>>>> REPLACE\n"


def check_command_line(folder: Path, repositories: Iterable[Repository], n_shares: int = 1) -> None:
    """Run commands in folders, each in a process of its own that began with everything loaded.

    A model is asked in every folder; of the other commands each takes every so many folders.
    """
    with ground(folder) as around:
        audit = Audit(folder / "audit")
        home = prepared(folder / "window", around.config)
        (folder / "tmp").mkdir()
        # Else a marker above the temporary folder would make it the project, with the user's own file inside.
        (folder / "repositories" / ".hg").mkdir(parents=True)
        env = environment(home) | audit.environment | {"TMPDIR": str(folder / "tmp"), "PYTHONDONTWRITEBYTECODE": "1"}
        may_write = (home, folder / "tmp")
        with CommandLine(env, folder / "errors.txt", MODULES) as command_line:
            for number, repository in enumerate(repositories):
                here = folder / "repositories" / repository.name
                make(here, {"reply.txt": REPLY, **repository.all_files}, around.around)
                before = seen(here) | seen(around.around.outside)
                lines = dict.fromkeys((ASKING, *LINES[number % n_shares :: n_shares]))
                commands = [line.replace("@OUT@", str(folder / "tmp")).split() for line in lines]
                codes = [command_line.run(here, *command) for command in commands]
                opened = Opened(repository, here, around.around.fired, audit.news())
                assert set(codes) <= {0, 1, 2}, (repository.name, codes, (folder / "errors.txt").read_text())
                assert codes[0] == 1 or around.book.calls, f"{repository.name}: the model was not asked"
                assert seen(here) | seen(around.around.outside) == before, repository.name
                assert (opened.fired, around.canary.n_calls) == (frozenset(), 0), repository.name
                # The doctor asks the server that is configured by default, whatever the folder says.
                opened.events[:] = [one for one in opened.events if one.what != DEFAULT]
                assert strayed(opened, around, may_write=may_write) == [], repository.name
                assert not any(SECRET in str(call.body) for call in around.book.calls), repository.name
        assert around.book.chats, "no command has asked a model, so nothing was shown"
        assert SECRET not in (folder / "errors.txt").read_text(errors="replace")


def test_no_command_is_forgotten() -> None:
    assert {line.split()[0] for line in LINES} | set(ELSEWHERE) == {*COMMANDS, *GROUPS}


def test_the_command_line_in_some(tmp_path: Path) -> None:
    check_command_line(tmp_path, named(SAMPLE[1:4:2]))


@pytest.mark.slow
@pytest.mark.parametrize("half", [0, 1])
def test_the_command_line_in_all(tmp_path: Path, half: int) -> None:
    check_command_line(tmp_path, REPOSITORIES[half::2], n_shares=8)


@pytest.mark.slow
def test_all_commands_where_paths_are_too_long(tmp_path: Path) -> None:
    check_command_line(tmp_path, named(["deep"]))


@pytest.mark.slow
def test_a_process_of_its_own_does_nothing_else(tmp_path: Path) -> None:
    """As a user starts it, with nothing loaded before."""
    with ground(tmp_path) as around:
        audit = Audit(tmp_path / "audit")
        home = prepared(tmp_path / "window", around.config)
        env = environment(home) | audit.environment | {"TMPDIR": str(home), "PYTHONDONTWRITEBYTECODE": "1"}
        (tmp_path / "repositories" / ".hg").mkdir(parents=True)
        for name, line in (("own-server", ASKING), ("modules", LINES[0]), ("git-fsmonitor", LINES[4])):
            (repository,) = named([name])
            here = tmp_path / "repositories" / name
            make(here, repository.all_files, around.around)
            before = seen(here)
            command = [sys.executable, "-P", "-m", "tierwise", *line.split()]
            ended = subprocess.run(command, cwd=here, env=env, capture_output=True, timeout=300, check=False)
            assert ended.returncode in (0, 1), ended.stderr.decode()
            opened = Opened(repository, here, around.around.fired, audit.news())
            assert (seen(here), opened.fired, around.canary.n_calls) == (before, frozenset(), 0), name
            opened.events[:] = [one for one in opened.events if one.what != DEFAULT]
            assert strayed(opened, around, may_write=(home,)) == [], name
