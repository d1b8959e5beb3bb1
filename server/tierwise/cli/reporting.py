"""`tierwise report`: the statistics as a file to look at and to pass on."""

from pathlib import Path
from typing import Annotated, Optional

import typer

from tierwise.cli.money import parse_since
from tierwise.cli.opening import load_for
from tierwise.cli.output import console, print_json, refuse
from tierwise.dispatch.files import write_text
from tierwise.dispatch.opening import ledger_of
from tierwise.evals.headline import headline
from tierwise.evals.report import report_of


def report(
    html: Annotated[Path, typer.Option("--html", help="The file to write.")],
    since: Annotated[Optional[str], typer.Option("--since", help="e.g. 12h, 30d, 4w, or 2026-11-01.")] = None,  # noqa: UP045
    as_json: Annotated[bool, typer.Option("--json", help="One JSON document.")] = False,
) -> None:
    """What was spent, as one HTML file that needs nothing beside it."""
    moment = parse_since(since, as_json)
    ledger, problem = ledger_of(load_for(None))
    if ledger is None:
        refuse("no-ledger", problem or "there is no ledger", as_json=as_json)
    try:
        found, page = report_of(ledger, moment)
    finally:
        ledger.close()
    try:
        write_text(html, page, "utf-8")
    except OSError as err:
        refuse("not-written", f"{str(html)!r} cannot be written: {err.strerror}", as_json=as_json)
    if as_json:
        document = {"status": "done", "html": str(html), "headline": headline(found), "topShare": found.top_share}
        print_json(document)
    else:
        console().print(f"{headline(found)}\nwritten to {html}", markup=False)
