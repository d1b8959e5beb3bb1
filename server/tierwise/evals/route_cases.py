"""Read real commits as routing cases: only what a router may see, and the class computed from the diff."""

import gzip
import json
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tierwise.actions import Difficulty
from tierwise.routing.file_facts import GivenFile
from tierwise.text import Rejection

CASES_FILE = "commit_cases.jsonl.gz"


@dataclass(frozen=True, slots=True, kw_only=True)
class RouteCase:
    """One commit before it was made."""

    id: str
    repository: str
    instruction: str
    """The subject, and after an empty line the body."""
    files: tuple[GivenFile, ...]
    """Paths and texts before; None for a file the commit adds."""
    truth: Difficulty
    """What the diff says it was."""


def cases_folder(default: Path) -> Path:
    """Where measured cases lie: what TIERWISE_CASES says, else `default`."""
    named = os.environ.get("TIERWISE_CASES")
    return Path(named) if named else default


def default_folder() -> Path:
    """The folder with cases beside a checkout of the project."""
    return cases_folder(Path(__file__).parents[4] / "shared" / "data")


def read_route_cases(path: Path | None = None) -> tuple[RouteCase, ...] | Rejection:
    """The cases of a file, or of the folder that holds one; None: the default folder."""
    chosen = default_folder() if path is None else path
    file = chosen / CASES_FILE if chosen.is_dir() else chosen
    try:
        return tuple(_case_of(row) for row in _rows(file))
    except OSError as err:
        words = f"the cases {str(file)!r} cannot be read ({err.strerror or err}); set TIERWISE_CASES to their folder"
        return Rejection("unreadable", words)
    except (ValueError, KeyError, TypeError) as err:
        return Rejection("not-cases", f"{str(file)!r} does not hold commits as lines of JSON: {err}")


def _rows(file: Path) -> Iterator[Mapping[str, Any]]:
    with file.open("rb") as raw:
        is_packed = raw.read(2) == b"\x1f\x8b"
    with gzip.open(file, "rt", encoding="utf-8") if is_packed else file.open(encoding="utf-8") as lines:
        yield from (json.loads(line) for line in lines if line.strip())


def _case_of(row: Mapping[str, Any]) -> RouteCase:
    body = str(row.get("body") or "")
    return RouteCase(
        id=str(row["id"]),
        repository=str(row["repo"]),
        instruction=str(row["subject"]) + (f"\n\n{body}" if body else ""),
        files=tuple((str(file["path"]), file.get("before")) for file in row["files"]),
        truth=Difficulty(row["tier_rule"]),
    )
