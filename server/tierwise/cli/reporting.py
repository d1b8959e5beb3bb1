"""`tierwise report`: the statistics as a file to look at and to pass on."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Optional

import typer

from tierwise.cli.adding_up import tell_of_adding_up
from tierwise.cli.money import parse_since
from tierwise.cli.opening import load_for
from tierwise.cli.options import JsonOption, SinceOption
from tierwise.cli.output import USAGE, console, print_json, refuse
from tierwise.dispatch.files import write_text
from tierwise.dispatch.opening import ledger_of
from tierwise.evals.headline import headline
from tierwise.evals.report import report_of


def report(
    html: Annotated[Path, typer.Option("--html", help="The file to write.")],
    since: SinceOption = None,
    baseline: Annotated[
        Optional[str],  # noqa: UP045
        typer.Option("--baseline", help="The model that would have done everything; unset: the top tier's first."),
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """What was spent, as one HTML file that needs nothing beside it."""
    moment = parse_since(since, as_json)
    loaded = load_for(None)
    ledger, problem = ledger_of(loaded)
    if ledger is None:
        refuse("no-ledger", problem or "there is no ledger", as_json=as_json)
    tell_of_adding_up(ledger)
    try:
        found, page = report_of(ledger, loaded, moment, baseline, datetime.now(UTC))
    except LookupError as err:
        refuse("usage", str(err.args[0]), as_json=as_json, exit_code=USAGE)
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
