"""Look at everything the doctor reports on: servers, keys, prices, the sandbox, formatters."""

import asyncio
import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path

from tierwise.checks.running.sandbox import find_sandbox
from tierwise.config import Loaded
from tierwise.config.doctor import DoctorReport, Surroundings, diagnose
from tierwise.config.keys import EditorKey, Key, find_key
from tierwise.dispatch.native import FormatterFinder
from tierwise.dispatch.optional_doctor import examine_optional
from tierwise.dispatch.runtime import Runtime
from tierwise.dispatch.standing import left_alone, share_words, standings
from tierwise.dispatch.team_doctor import examine_team
from tierwise.dispatch.troubles import now
from tierwise.store.database import sqlite_version
from tierwise.store.errors import LedgerError
from tierwise.text import Rejection

_SANDBOX = "bubblewrap: no network, no writes outside, bounded time and memory"
_PROGRAMS = ("ollama", "llama-server", "git")
_LANGUAGES = {
    "python": "x.py",
    "javascript": "x.js",
    "typescript": "x.ts",
    "go": "x.go",
    "rust": "x.rs",
    "cpp": "x.cpp",
}


async def examine(
    runtime: Runtime, loaded: Loaded, root: Path, *, is_trusted: bool, editor_keys: Sequence[EditorKey] = ()
) -> DoctorReport:
    """Ask every configured server whether it is there, look for tools, and put together what was found."""
    await runtime.learn()
    standing = await asyncio.to_thread(_standing, runtime)
    # Whoever runs the doctor has mended something, or wants to know whether it is.
    await runtime.forget_troubles()
    probes = await runtime.probe()
    keys, sandbox, formatters, team, optional = await asyncio.gather(
        asyncio.to_thread(_keys, loaded, editor_keys),
        asyncio.to_thread(find_sandbox),
        asyncio.to_thread(_formatters, root, is_trusted),
        examine_team(runtime.config, runtime.ledger),
        examine_optional(runtime),
    )
    around = Surroundings(
        probes=probes,
        keys=keys,
        prices={candidate.ref: candidate.price for candidate in runtime.candidates},
        windows={candidate.ref: candidate.window for candidate in runtime.candidates},
        price_table=runtime.price_table,
        programs={name: shutil.which(name) for name in _PROGRAMS},
        formatters=formatters,
        sandbox=None if isinstance(sandbox, Rejection) else _SANDBOX,
        sandbox_words=sandbox.detail if isinstance(sandbox, Rejection) else "",
        sqlite_version=sqlite_version(),
        ledger_words=runtime.ledger_problem or "",
        team=team,
        optional=optional,
        standing=standing,
    )
    return diagnose(loaded, around)


def _standing(runtime: Runtime) -> tuple[str, ...]:
    """What is left of the budgets, and who was left alone until now."""
    if runtime.ledger is None:
        return ()
    try:
        spent, breakers = runtime.ledger.spent(), runtime.ledger.breakers()
    except LedgerError as err:
        return (str(err),)
    budgets = [one.words for one in standings(runtime.config.budgets, spent)]
    alone = [f"{one.words}; it is asked again from now on" for one in left_alone(breakers, now())]
    return tuple(filter(None, (*budgets, share_words(runtime.config.budgets, spent), *alone)))


def _keys(loaded: Loaded, editor_keys: Sequence[EditorKey]) -> Mapping[str, Key]:
    backends = loaded.config.backends
    found = {name: find_key(options, editor_keys=editor_keys) for name, options in backends.items()}
    return {name: key for name, key in found.items() if key is not None}


def _formatters(root: Path, is_trusted: bool) -> dict[str, str | None]:
    """The formatter of each language the folder has configured one for."""
    finder = FormatterFinder()
    found = {
        language: finder.find(root / name, language, root, is_trusted=is_trusted)
        for language, name in _LANGUAGES.items()
    }
    return {language: formatter.source for language, formatter in found.items() if formatter is not None}
