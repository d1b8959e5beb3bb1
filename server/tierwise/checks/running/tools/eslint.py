"""ESLint, asked through standard input with the project's own settings, which are programs."""

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
from tierwise.checks.running.tools.settings import eslint_folder
from tierwise.text import Rejection

_ERROR = 2
_LAYOUT = ("@stylistic/", "prettier/", "simple-import-sort/")
_LAYOUT_RULES = frozenset(
    {
        *("indent", "quotes", "semi", "comma-dangle", "max-len", "eol-last", "no-trailing-spaces", "linebreak-style"),
        *("import/order", "sort-imports", "object-curly-spacing", "arrow-parens", "no-multiple-empty-lines"),
    }
)


async def ask_eslint(place: Place, texts: Sequence[str], toolbox: Toolbox) -> Answer:
    """All rules the project has for the file."""
    program = toolbox.find("eslint", place.folders)
    if program is None:
        return missing("eslint", "run the project's 'npm install'")
    options = ("--stdin", "--stdin-filename", str(place.path), "--format", "json", "--no-color")
    cwd = eslint_folder(place) or place.root

    async def ask(text: str) -> Findings | NotAsked:
        ran = await toolbox.run((program, *options), encoded(text), cwd=cwd)
        if isinstance(ran, Rejection):
            return why_not(ran)
        return _findings(ran.output) if ran.exit_code in (0, 1) else failed(ran)

    return await ask_each(texts, ask)


def _findings(output: bytes) -> Findings | NotAsked:
    try:
        (file,) = json.loads(output)
        messages = file["messages"]
    except (ValueError, KeyError, TypeError):
        return NotAsked("its answer is not what its JSON format promises")
    found = []
    for one in messages:
        rule = one.get("ruleId") or ""
        if not rule and not one.get("fatal"):
            if "ignored" in one["message"]:
                return NotAsked("its settings leave this file out")
            continue
        found.append(Finding(rule or "syntax", one["message"], one.get("line", 1), _gravity(rule, one["severity"])))
    return tuple(found)


def _gravity(rule: str, severity: int) -> Gravity:
    if rule.startswith(_LAYOUT) or rule.rpartition("/")[2] in _LAYOUT_RULES:
        return "layout"
    return "error" if severity == _ERROR else "warning"
