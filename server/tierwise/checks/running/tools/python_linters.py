"""Flake8 and pylint, asked through standard input."""

import json
import re
from collections.abc import Sequence

from tierwise.checks.running.tools.base import (
    Answer,
    Finding,
    Findings,
    Gravity,
    NotAsked,
    Place,
    Ran,
    Toolbox,
    ask_each,
    encoded,
    failed,
    missing,
    why_not,
)
from tierwise.checks.running.tools.ruff import ask_ruff, gravity_of
from tierwise.text import Rejection

_FLAKE8_LINE = re.compile(r"(?P<line>\d+) (?P<code>[A-Z]+\d+) (?P<message>.*)")
_PYLINT_FAILED = 32
"""The bit of pylint's exit code for wrong usage; 1 is a fatal message, the other bits count messages."""
_PYLINT_GRAVITY: dict[str, Gravity] = {"error": "error", "fatal": "error", "warning": "warning"}


async def ask_flake8(place: Place, texts: Sequence[str], toolbox: Toolbox) -> Answer:
    """Flake8 where the project has it, else ruff, which has the same codes."""
    program = toolbox.find("flake8", place.folders)
    if program is None:
        return await ask_ruff(place, texts, toolbox)
    options = ("--stdin-display-name", str(place.path), "--format", "%(row)d %(code)s %(text)s", "-j", "1", "-")

    async def ask(text: str) -> Findings | NotAsked:
        ran = await toolbox.run((program, *options), encoded(text), cwd=place.root)
        if isinstance(ran, Rejection):
            return why_not(ran)
        return _of_flake8(ran.output) if ran.exit_code in (0, 1) else failed(ran)

    return await ask_each(texts, ask)


def _of_flake8(output: bytes) -> Findings:
    matches = (_FLAKE8_LINE.match(line) for line in output.decode(errors="replace").split("\n"))
    return tuple(
        Finding(match["code"], match["message"], int(match["line"]), gravity_of(match["code"]))
        for match in matches
        if match is not None
    )


async def ask_pylint(place: Place, texts: Sequence[str], toolbox: Toolbox) -> Answer:
    """Pylint with the project's settings."""
    program = toolbox.find("pylint", place.folders)
    if program is None:
        return missing("pylint", "add it to the project's environment")
    options = ("--output-format", "json", "--persistent", "n", "--reports", "n", "--from-stdin", str(place.path))

    async def ask(text: str) -> Findings | NotAsked:
        ran = await toolbox.run((program, *options), encoded(text), cwd=place.root)
        return why_not(ran) if isinstance(ran, Rejection) else _of_pylint(ran)

    return await ask_each(texts, ask)


def _of_pylint(ran: Ran) -> Findings | NotAsked:
    try:
        rows = json.loads(ran.output)
    except ValueError:
        return failed(ran)
    if ran.exit_code & _PYLINT_FAILED:
        return failed(ran)
    return tuple(
        Finding(row["symbol"], row["message"], int(row["line"]), _PYLINT_GRAVITY.get(row["type"], "layout"))
        for row in rows
    )
