"""Batch forms: one JSON object a line in, one a line out, in the same order."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tierwise.cli.output import USAGE, refuse

Answer = Callable[[dict[str, Any]], dict[str, Any]]


def run_batch(source: Path, target: Path, answer: Answer, *, as_json: bool) -> int:
    """Answer every line of `source` into `target`; a line that is no JSON object is answered with an `error`.

    Returns the number of lines.
    """
    n_lines = 0
    if source.resolve() == target.resolve():
        refuse("usage", "the answers need a file of their own", as_json=as_json, exit_code=USAGE)
    try:
        with source.open(encoding="utf-8") as lines, target.open("w", encoding="utf-8") as out:
            for number, line in enumerate(lines, start=1):
                if not line.strip():
                    continue
                n_lines += 1
                out.write(json.dumps(_answered(line, number, answer)) + "\n")
    except OSError as err:
        refuse("unreadable", f"{err.filename!r} cannot be used: {err.strerror}", as_json=as_json, exit_code=USAGE)
    except UnicodeError:
        refuse("encoding", f"{str(source)!r} is not UTF-8", as_json=as_json, exit_code=USAGE)
    return n_lines


def _answered(line: str, number: int, answer: Answer) -> dict[str, Any]:
    try:
        asked = json.loads(line)
    except (ValueError, RecursionError) as err:
        return {"id": None, "error": {"code": "not-json", "detail": f"line {number} is not JSON: {err}"}}
    if not isinstance(asked, dict):
        return {"id": None, "error": {"code": "not-an-object", "detail": f"line {number} is not a JSON object"}}
    try:
        return answer(asked)
    except (KeyError, TypeError, ValueError, AttributeError, RecursionError) as err:
        detail = f"line {number} lacks or misspells something: {err}"
        return {"id": asked.get("id"), "error": {"code": "bad-line", "detail": detail}}
