"""`tierwise doctor`: what is there, what is not, and the one command that would mend it."""

import asyncio
from pathlib import Path

import typer
from rich.table import Table
from rich.text import Text

from tierwise.cli.opening import is_trusted, load_for
from tierwise.cli.options import JsonOption
from tierwise.cli.output import REFUSED, console, print_json
from tierwise.config.doctor import DoctorReport, ModelFinding
from tierwise.config.doctor_json import doctor_json
from tierwise.dispatch.doctor import examine
from tierwise.dispatch.native.programs import narrow_search_path
from tierwise.dispatch.opening import ledger_of, open_runtime


def doctor(as_json: JsonOption = False) -> None:
    """What can be reached, with which models, and what would mend the rest; exit 1 when no tier is ready."""
    root = Path.cwd()
    narrow_search_path(() if is_trusted(root) else (root,))
    loaded = load_for(root)
    ledger, problem = ledger_of(loaded)

    async def examined() -> DoctorReport:
        runtime = open_runtime(loaded, ledger=ledger, ledger_problem=problem)
        try:
            return await examine(runtime, loaded, root, is_trusted=is_trusted(root))
        finally:
            await runtime.aclose()

    try:
        report = asyncio.run(examined())
    finally:
        if ledger is not None:
            ledger.close()
    if as_json:
        print_json(doctor_json(report))
    else:
        _print(report)
    if not any(tier.is_ready for tier in report.tiers):
        raise typer.Exit(REFUSED)


def _print(report: DoctorReport) -> None:
    out = console()
    for finding in (*report.versions, *report.tools):
        mark = "ok " if finding.is_ok else "!! "
        out.print(f"{mark}{finding.name}: {finding.found or finding.words}", markup=False)
    for problem in report.loaded.problems:
        out.print(f"!! configuration: {problem}", markup=False)
    table = Table("tier", "model", "state", "window", box=None, pad_edge=False)
    for tier in report.tiers:
        for model in tier.models:
            window = "" if model.window is None else f"{model.window:,}"
            table.add_row(*map(Text, (tier.name, model.ref, _state(model), window)))
    out.print(table)
    for words in report.standing:
        out.print(words, markup=False)
    for fix in report.fixes:
        out.print(f"to mend: {fix}", markup=False)


def _state(model: ModelFinding) -> str:
    words = f": {model.words}" if model.words else ""
    return f"{model.availability}{words}"
