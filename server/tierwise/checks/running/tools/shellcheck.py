"""ShellCheck, asked through standard input."""

import json
from collections.abc import Sequence

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
    missing,
    why_not,
)
from tierwise.text import Rejection

_GRAVITY: dict[str, Gravity] = {"error": "error", "warning": "warning", "info": "warning", "style": "layout"}
_DIALECTS = {".bash": "bash", ".bats": "bats", ".ksh": "ksh"}


async def ask_shellcheck(place: Place, texts: Sequence[str], toolbox: Toolbox) -> Answer:
    """All of its checks, in the dialect the first line or the name of the file says."""
    program = toolbox.find("shellcheck", place.folders)
    if program is None:
        return missing("shellcheck", "install it so that it is on PATH")
    cwd = place.path.parent if place.path.parent.is_dir() else place.root

    async def ask(text: str) -> Findings | NotAsked:
        dialect = () if text.startswith("#!") else ("--shell", _DIALECTS.get(place.path.suffix, "bash"))
        ran = await toolbox.run((program, "--format", "json", *dialect, "-"), encoded(text), cwd=cwd)
        if isinstance(ran, Rejection):
            return why_not(ran)
        if ran.exit_code not in (0, 1):
            return failed(ran)
        rows = json.loads(ran.output or b"[]")
        return tuple(Finding(f"SC{row['code']}", row["message"], row["line"], _GRAVITY[row["level"]]) for row in rows)

    return await ask_each(texts, ask)
