"""`tierwise ledger push|pull|caps`: rows to and from the team's server, and what the team may spend."""

import contextlib
import time
from collections.abc import Iterator
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Annotated

import typer

from tierwise.cli.opening import load_for
from tierwise.cli.options import JsonOption
from tierwise.cli.output import console, print_json, refuse
from tierwise.config import Loaded
from tierwise.dispatch.budgets import pico
from tierwise.dispatch.opening import ledger_of
from tierwise.dispatch.team_servers import ledger_address
from tierwise.routing.money import format_money
from tierwise.store.database import Database
from tierwise.store.errors import LedgerError
from tierwise.store.ledger import Ledger
from tierwise.store.team import open_team_server
from tierwise.store.team_caps import Period, read_caps, set_caps
from tierwise.store.team_pulling import pull as pull_rows
from tierwise.store.team_pulling import team_copy_beside
from tierwise.store.team_pushing import n_waiting
from tierwise.store.team_pushing import push as push_rows

if TYPE_CHECKING:
    from tierwise.store.team_server import TeamServer

_LONGEST_S = 10.0
_MOST_USD = 1_000_000
app = typer.Typer(no_args_is_help=True, rich_markup_mode=None)


@app.command()
def push(as_json: JsonOption = False) -> None:
    """Send what the team's server has not been told yet."""
    with _server(as_json=as_json) as (loaded, ledger, server):
        done = push_rows(ledger.database, server, member=loaded.config.ledger.team.member or "")
        left = n_waiting(ledger.database)
        shown = server.address.shown
    if as_json:
        figures = {"rows": done.n_rows, "changed": done.n_changed, "waiting": left}
        print_json({"status": "done", "server": shown, **figures})
        return
    console().print(f"{done.n_rows} rows were sent to {shown}, of which {done.n_changed} were new to it", markup=False)


@app.command()
def pull(as_json: JsonOption = False) -> None:
    """Fetch the rows of the whole team, for `tierwise stats --team`."""
    with _server(as_json=as_json) as (loaded, _, server):
        copy = Database(team_copy_beside(loaded.ledger_path), "normal")
        try:
            done = pull_rows(copy, server, time.time_ns() // 1000)
        finally:
            copy.close()
        shown = server.address.shown
    if as_json:
        figures = {"rows": done.n_rows, "refused": done.n_refused}
        print_json({"status": "done", "server": shown, "path": str(copy.path), **figures})
        return
    refused = f"; {done.n_refused} were refused, since they are not what was sent" if done.n_refused else ""
    console().print(f"{done.n_rows} rows were fetched from {shown}{refused}", markup=False)


@app.command()
def caps(
    day: Annotated[str | None, typer.Option(help="US dollars for a day in UTC; `none` takes the bound away.")] = None,
    month: Annotated[str | None, typer.Option(help="US dollars for a calendar month; `none` as above.")] = None,
    as_json: JsonOption = False,
) -> None:
    """Show what the whole team may spend, or set it: everybody's Tierwise keeps to what stands on the server."""
    given: tuple[tuple[Period, str | None], ...] = (("day", day), ("month", month))
    changes = {period: _cap_of(text, as_json=as_json) for period, text in given if text is not None}
    with _server(as_json=as_json) as (_, _, server):
        stands = set_caps(server, changes, _LONGEST_S) if changes else read_caps(server, _LONGEST_S)
        shown = server.address.shown
    if as_json:
        print_json({"status": "done", "server": shown, "dayPicoUsd": stands.day, "monthPicoUsd": stands.month})
        return
    words = (
        f"{period}: {'any amount' if cap is None else format_money(cap)}"
        for period, cap in (("a day", stands.day), ("a month", stands.month))
    )
    console().print(f"what the team of {shown} may spend, {', '.join(words)}", markup=False)


def _cap_of(text: str, *, as_json: bool) -> int | None:
    """Dollars as the user typed them, in pico-USD; leaves with a sentence for what is none."""
    if text.strip().lower() == "none":
        return None
    try:
        usd = Decimal(text)
    except InvalidOperation:
        usd = Decimal(-1)
    if not (usd.is_finite() and 0 <= usd <= _MOST_USD):
        refuse("bad-amount", f"{text!r} is no bound: give US dollars up to {_MOST_USD:,}, or 'none'", as_json=as_json)
    return pico(usd)


@contextlib.contextmanager
def _server(*, as_json: bool) -> Iterator[tuple[Loaded, Ledger, "TeamServer"]]:
    """The team's server and the ledger; leaves with a sentence where something is wrong with either."""
    loaded = load_for(None)
    ledger, problem = ledger_of(loaded)
    if ledger is None:
        refuse("no-ledger", problem or "there is no ledger", as_json=as_json)
    try:
        server = open_team_server(ledger_address(loaded.config.ledger.team))
        try:
            yield loaded, ledger, server
        finally:
            server.close()
    except LedgerError as err:
        refuse(err.code, err.words, as_json=as_json)
    finally:
        ledger.close()
