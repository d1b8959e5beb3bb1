"""Ruff, asked through standard input: the project's own, or the one that comes with Tierwise."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from ruff import find_ruff_bin  # type: ignore[import-untyped]

from tierwise.checks.running.tools.base import (
    Answer,
    Finding,
    Findings,
    Gravity,
    NotAsked,
    Place,
    Toolbox,
    ask_each,
    encoded,
    failed,
    why_not,
)
from tierwise.text import Rejection

_FOUND_SOMETHING = 1
_TIMEOUT_S = 20.0
_LAYOUT = ("E1", "E2", "E3", "E5", "E70", "W", "I0", "Q", "COM", "D", "ERA", "ISC", "FIX", "TD")
_ERRORS = "E9,F"
_DEFAULT = "E4,E7,E9,F"
"""Ruff's own default, for projects whose settings nobody has trusted."""
_UNDEFINED = "F821,F822,F823"
_ISOLATED = ("--isolated", "--target-version", "py314")
"""Without settings, and with the newest grammar, since nobody said which one is meant."""


def gravity_of(code: str) -> Gravity:
    """How much one of the codes that ruff, flake8 and their like share says about a program."""
    if code.startswith(("F", "E9")) or "syntax" in code:
        return "error"
    return "layout" if code.startswith(_LAYOUT) else "warning"


async def ask_ruff(place: Place, texts: Sequence[str], toolbox: Toolbox) -> Answer:
    """The project's rules and the rule of the diagnostic; in an untrusted project that one and ruff's default."""
    program = toolbox.find("ruff", place.folders) or _own_ruff()
    code = place.code.strip()
    if not toolbox.is_trusted:
        rules = ",".join(filter(None, (_DEFAULT, code)))
        return await _ask(program, place, texts, toolbox, (*_ISOLATED, "--select", rules))
    answer = await _ask(program, place, texts, toolbox, ("--extend-select", code) if code else ())
    if isinstance(answer, NotAsked) and code:
        # Ruff takes no code it does not know, but may still be asked about everything else.
        return await _ask(program, place, texts, toolbox, ())
    return answer


async def ask_errors(place: Place, texts: Sequence[str], toolbox: Toolbox) -> Answer:
    """The syntax and the rules of pyflakes alone, whatever the project configures."""
    return await _ask(_own_ruff(), place, texts, toolbox, (*_ISOLATED, "--select", _ERRORS))


async def ask_undefined(place: Place, texts: Sequence[str], toolbox: Toolbox) -> Answer:
    """Undefined names alone, knowing the built-in names that a trusted project configures."""
    if toolbox.is_trusted:
        answer = await _ask(_own_ruff(), place, texts, toolbox, ("--select", _UNDEFINED))
        if not isinstance(answer, NotAsked):
            return answer
    return await _ask(_own_ruff(), place, texts, toolbox, (*_ISOLATED, "--select", _UNDEFINED))


def _own_ruff() -> str:
    try:
        return str(find_ruff_bin())
    except FileNotFoundError:
        return "ruff"


async def _ask(program: str, place: Place, texts: Sequence[str], toolbox: Toolbox, rules: Sequence[str]) -> Answer:
    # Ruff goes by the ending of a name, and editors call files Python that have none.
    path = place.path if place.path.suffix in (".py", ".pyi") else place.path.with_suffix(".py")
    cwd = place.root if toolbox.is_trusted and place.root.is_dir() else Path(place.root.anchor)
    options = ("check", "--output-format", "json", "--no-cache", "--quiet", "--stdin-filename", str(path))

    async def ask(text: str) -> Findings | NotAsked:
        ran = await toolbox.run((program, *options, *rules, "-"), encoded(text), cwd=cwd, timeout_s=_TIMEOUT_S)
        if isinstance(ran, Rejection):
            return why_not(ran)
        return _findings(ran.output) if ran.exit_code in (0, _FOUND_SOMETHING) else failed(ran)

    return await ask_each(texts, ask)


def _findings(output: bytes) -> Findings | NotAsked:
    try:
        rows: list[dict[str, Any]] = json.loads(output)
    except ValueError:
        return NotAsked("its answer is not JSON")
    found = ((row.get("code") or "syntax-error", str(row["message"]), int(row["location"]["row"])) for row in rows)
    return tuple(Finding(code, message, line, gravity_of(code)) for code, message, line in found)
