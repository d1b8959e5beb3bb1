"""What an untrusted project says of its layout, handed to a formatter as plain values.

A formatter's own reading of its settings follows names to other files, wherever these lie and whether or not they ever
end. Here only numbers, switches and words without any sign in them are taken out of the one file that chose the tool.
"""

import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from tierwise.dispatch.native.configured import Configured, read_toml

_WORD = re.compile(r"[A-Za-z0-9-]{1,30}")
_RUFF = ("line-length", "indent-width", "target-version")
_RUFF_FORMAT = ("quote-style", "indent-style", "line-ending", "skip-magic-trailing-comma", "docstring-code-format")
_BLACK = ("line-length", "skip-string-normalization", "skip-magic-trailing-comma", "preview")
_RUSTFMT = ("max_width", "tab_spaces", "hard_tabs", "newline_style", "use_small_heuristics", "reorder_imports")


def ruff_arguments(choice: Configured, path: Path) -> tuple[str, ...]:
    """How to run ruff with such values and nothing else."""
    table = _tool(choice, "ruff")
    values = {name: table.get(name) for name in _RUFF}
    inner = table.get("format")
    if isinstance(inner, dict):
        values |= {f"format.{name}": inner.get(name) for name in _RUFF_FORMAT}
    given = (argument for name, value in _plain(values) for argument in ("--config", f"{name} = {_toml(value)}"))
    return ("format", "--isolated", "--no-cache", *given, "--stdin-filename", path.name, "-")


def black_arguments(choice: Configured, path: Path) -> tuple[str, ...]:
    """How to run black with such values and nothing else."""
    arguments: list[str] = []
    for name, value in _plain({name: _tool(choice, "black").get(name) for name in _BLACK}):
        if value is True:
            arguments.append(f"--{name}")
        elif isinstance(value, int) and not isinstance(value, bool):
            arguments.append(f"--{name}={value}")
    return ("--quiet", "--config", "/dev/null", *arguments, "--stdin-filename", f"/{path.name}", "-")


def rustfmt_arguments(choice: Configured, _: Path) -> tuple[str, ...]:
    """How to run rustfmt with such values; it finds no file where it is started."""
    values = {} if choice.config.name == "Cargo.toml" else read_toml(choice.config)
    given = ",".join(f"{name}={str(value).lower()}" for name, value in _plain({n: values.get(n) for n in _RUSTFMT}))
    return ("--quiet", "--emit", "stdout", "--edition", "2021", *(("--config", given) if given else ()))


def gofmt_arguments(_: Configured, __: Path) -> tuple[str, ...]:
    """Gofmt has no settings."""
    return ()


PLAIN_ARGUMENTS: Mapping[str, Callable[[Configured, Path], tuple[str, ...]]] = {
    "ruff": ruff_arguments,
    "black": black_arguments,
    "rustfmt": rustfmt_arguments,
    "gofmt": gofmt_arguments,
}
"""The formatters that can be run without reading anything of a project."""


def _tool(choice: Configured, name: str) -> Mapping[str, Any]:
    table: Any = read_toml(choice.config)
    for step in ("tool", name) if choice.config.name == "pyproject.toml" else ():
        table = table.get(step) if isinstance(table, dict) else None
    return table if isinstance(table, dict) else {}


def _plain(values: Mapping[str, Any]) -> list[tuple[str, int | bool | str]]:
    """Those that are a number, a switch or a word."""
    return [
        (name, value)
        for name, value in values.items()
        if (isinstance(value, int) and 0 <= value <= 1000) or (isinstance(value, str) and _WORD.fullmatch(value))
    ]


def _toml(value: int | bool | str) -> str:
    return f'"{value}"' if isinstance(value, str) else str(value).lower()
