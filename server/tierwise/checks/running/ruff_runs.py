"""What ruff says of a text, through standard input."""

import asyncio
import json
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ruff import find_ruff_bin  # type: ignore[import-untyped]

_TIMEOUT_S = 20
_FOUND_SOMETHING = 1


@dataclass(frozen=True, slots=True)
class Finding:
    """One diagnostic."""

    code: str
    message: str
    line: int


async def run_ruff(text: str, path: str, *, rules: str | None, cwd: Path | None = None) -> tuple[Finding, ...] | None:
    """The findings on a text as if it stood at `path`; None when ruff cannot be run or does not understand.

    `rules` selects rules and leaves the project's configuration aside; None uses that configuration.
    """
    options = ["check", "--output-format", "json", "--force-exclude", "--no-cache", "--quiet", "--stdin-filename", path]
    options += ["--isolated", "--select", rules, "--target-version", "py314"] if rules is not None else []
    try:
        process = await asyncio.create_subprocess_exec(
            find_ruff_bin(),
            *options,
            "-",
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.DEVNULL,
            cwd=cwd,
        )
    except (FileNotFoundError, PermissionError):
        return None
    try:
        async with asyncio.timeout(_TIMEOUT_S):
            output, _ = await process.communicate(text.encode("utf-8", "surrogatepass"))
    except TimeoutError:
        return None
    finally:
        if process.returncode is None:
            process.kill()
            await asyncio.shield(process.wait())
    if process.returncode not in (0, _FOUND_SOMETHING):
        return None
    return _findings(output)


def new_findings(before: tuple[Finding, ...], after: tuple[Finding, ...]) -> tuple[Finding, ...]:
    """Findings that were not there before, wherever they stood then."""
    known = Counter((finding.code, finding.message) for finding in before)
    found = []
    for finding in after:
        key = (finding.code, finding.message)
        if known[key]:
            known[key] -= 1
        else:
            found.append(finding)
    return tuple(found)


def _findings(output: bytes) -> tuple[Finding, ...] | None:
    try:
        rows: list[dict[str, Any]] = json.loads(output)
    except ValueError:
        return None
    return tuple(
        Finding(row.get("code") or "syntax-error", str(row["message"]), int(row["location"]["row"])) for row in rows
    )
