"""Print for people or as one JSON document; exit 0 done, 1 refused or failed, 2 wrong usage."""

import json
import sys
from typing import Any, NoReturn

import typer
from rich.console import Console

DONE, REFUSED, USAGE = 0, 1, 2
_WIDTH_OF_A_FILE = 240
"""Columns of tables that no terminal shows."""


def console() -> Console:
    """Standard output for people; plain text when it is not a terminal."""
    if sys.stdout.isatty():
        return Console(highlight=False, emoji=False)
    return Console(highlight=False, emoji=False, soft_wrap=True, width=_WIDTH_OF_A_FILE)


def print_json(document: Any) -> None:
    """One JSON document on standard output."""
    sys.stdout.write(json.dumps(document, ensure_ascii=False, indent=2) + "\n")


def refuse(code: str, words: str, *, as_json: bool, exit_code: int = REFUSED, **more: Any) -> NoReturn:
    """Say why nothing was done, in words and as a code, and leave."""
    if as_json:
        print_json({"status": "refused", "code": code, "message": words, **more})
    else:
        sys.stderr.write(f"tierwise: {words} [{code}]\n")
    raise typer.Exit(exit_code)
