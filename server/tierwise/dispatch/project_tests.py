"""How the project around a file is tested: by what, where, in which style."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from tierwise.context.tests_framework import Runner, advice, find_framework, package_folder
from tierwise.context.tests_layout import place_of_tests, tests_nearby
from tierwise.text import Snapshot

_MAX_READ = 2**18


@dataclass(frozen=True, slots=True, kw_only=True)
class ProjectTests:
    """Where tests of one file go, what runs them, and a test whose style they follow."""

    path: str
    runner: Runner
    advice: str
    nearby: tuple[str, ...]
    """Test files of the same kind, nearest first, without the one the tests go to."""


def look_at_tests(
    *, root: Path, document: Snapshot, path: str, tests: Sequence[str], exists: Callable[[str], bool]
) -> ProjectTests:
    """What is known of the tests of `path`, which holds `document`. `tests` are the project's test files.

    Manifests and a few tests are read from disk to find the framework; nothing of them is sent but the name of the
    framework.
    """

    def read(relative: str) -> str | None:
        return _read(root / relative)

    language = document.language
    runner = find_framework(path, language, tests, read)
    test_path = place_of_tests(path, language, tests, exists, package_folder(path, read))
    return ProjectTests(
        path=test_path,
        runner=runner,
        advice=advice(path, test_path, language, document.text, runner),
        nearby=tuple(test for test in tests_nearby(test_path, language, tests) if test != test_path),
    )


def _read(path: Path) -> str | None:
    """A small regular file; None for anything else."""
    try:
        if path.is_symlink() or not path.is_file() or _MAX_READ < path.stat().st_size:
            return None
        return path.read_text("utf-8", errors="replace")
    except OSError:
        return None
