"""Mypy, which reads a shadow of the file instead of the file."""

import re
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

from tierwise.checks.running.tools.base import (
    Answer,
    Finding,
    Findings,
    NotAsked,
    Place,
    Toolbox,
    all_saved,
    encoded,
    failed,
    missing,
    why_not,
)
from tierwise.checks.running.tools.settings import mypy_settings, writes_reports
from tierwise.text import Rejection

_LINE = re.compile(
    r"(?P<path>.+?):(?P<line>\d+)(?::\d+)?: (?P<kind>error|note|warning): (?P<message>.*?)(?:  \[(?P<code>[\w-]+)\])?$"
)
_OPTIONS = (
    *("--no-error-summary", "--no-color-output", "--no-pretty", "--show-error-codes", "--hide-error-context"),
    "--no-sqlite-cache",
)


async def ask_mypy(place: Place, texts: Sequence[str], toolbox: Toolbox) -> Answer:
    """One run for each text, one after the other: the second uses what the first has worked out."""
    program = toolbox.find("mypy", place.folders)
    if program is None:
        return missing("mypy", "add it to the project's environment")
    unsaved = all_saved(place)
    if unsaved is not None:
        return unsaved
    settings = mypy_settings(place)
    if writes_reports(settings):
        return NotAsked("its settings let every run write reports into the project")
    cwd = place.root if settings is None else settings.parent
    cache = "/dev/null" if toolbox.cache is None else str(toolbox.cache / "mypy")
    found: list[Findings] = []
    with tempfile.TemporaryDirectory(prefix="tierwise-", ignore_cleanup_errors=True) as folder:
        for index, text in enumerate(texts):
            shadows = _shadows(Path(folder), {**place.beside_of(index), place.path: text})
            command = (program, *_OPTIONS, "--cache-dir", cache, *_interpreter(program, toolbox), *shadows)
            ran = await toolbox.run((*command, str(place.path)), cwd=cwd)
            if isinstance(ran, Rejection):
                return why_not(ran)
            findings = _findings(ran.output, place, cwd)
            # Mypy ends with 2 for syntax errors, which it reports, and for settings it cannot use.
            if ran.exit_code not in (0, 1) and not findings:
                return failed(ran)
            found.append(findings)
    return tuple(found)


def _shadows(folder: Path, texts: Mapping[Path, str]) -> list[str]:
    """The options that have mypy read other files, which are written, in place of these."""
    options: list[str] = []
    for number, (path, text) in enumerate(texts.items()):
        shadow = folder / f"{number}-{path.name}"
        shadow.write_bytes(encoded(text))
        options += ["--shadow-file", str(path), str(shadow)]
    return options


def _interpreter(program: str, toolbox: Toolbox) -> tuple[str, ...]:
    """A mypy from elsewhere has to be told whose packages the project uses."""
    if toolbox.python is None or Path(program).parent == Path(toolbox.python).parent:
        return ()
    return ("--python-executable", toolbox.python)


def _findings(output: bytes, place: Place, cwd: Path) -> Findings:
    matches = (_LINE.match(line) for line in output.decode(errors="replace").split("\n"))
    return tuple(
        Finding(match["code"] or "", match["message"], int(match["line"]))
        for match in matches
        if match is not None and match["kind"] == "error" and place.is_same(match["path"], cwd)
    )
