"""`tierwise stats --team --by member`: who of the team spent how much, as its server has it now."""

import csv
import io
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any

import typer
from rich.text import Text

from tierwise.cli.output import console, print_json, refuse
from tierwise.cli.stats_tables import defused
from tierwise.cli.tables import money, printable, table
from tierwise.config import Loaded
from tierwise.dispatch.team_servers import ledger_address
from tierwise.store.errors import LedgerError
from tierwise.store.ledger import Ledger
from tierwise.store.stats import ratio
from tierwise.store.team import open_team_server
from tierwise.store.team_members import MemberFigures, read_members
from tierwise.store.team_pushing import push

_LONGEST_S = 10.0
MEMBER = "member"


def show_members(
    loaded: Loaded, ledger: Ledger, since: datetime | None, *, as_json: bool = False, as_csv: bool = False
) -> None:
    """Print everybody's figures; leaves with a sentence where the server cannot be asked."""
    team = loaded.config.ledger.team
    try:
        server = open_team_server(ledger_address(team))
        try:
            push(ledger.database, server, member=team.member or "", longest_s=_LONGEST_S)
            since_us = 0 if since is None else int(since.timestamp() * 10**6)
            found = read_members(server, since_us, _LONGEST_S)
        finally:
            server.close()
    except LedgerError as err:
        refuse(err.code, f"who spent what is known to the team's server only: {err.words}", as_json=as_json)
    whole = sum(one.pico_usd for one in found)
    if as_json:
        print_json({"by": MEMBER, "ofTeam": True, "groups": [_json(one, whole) for one in found]})
    elif as_csv:
        typer.echo(_csv(found, whole), nl=False)
    else:
        _show(found, whole)


def _show(found: tuple[MemberFigures, ...], whole: int) -> None:
    shown = table(MEMBER, "calls", "in", "out", "spent", "share", "to the top tier", "passed", "last call")
    for one in found:
        spent = money(one.pico_usd, one.n_unknown_cost)
        shares = (ratio(one.pico_usd, whole), ratio(one.top_pico_usd, one.pico_usd), one.pass_rate)
        part, top, passed = ("–" if share is None else f"{share:.0%}" for share in shares)
        counts = (f"{one.n_calls:,}", f"{one.input_tokens:,}", f"{one.output_tokens:,}", spent, part, top, passed)
        shown.add_row(*map(Text, (printable(one.member), *counts, f"{_moment(one):%Y-%m-%d %H:%M}")))
    console().print(shown)
    if not found:
        console().print("nobody of the team has asked a model yet")


def _json(one: MemberFigures, whole: int) -> dict[str, Any]:
    return {
        "name": one.member,
        "nCalls": one.n_calls,
        "nAccepted": one.n_accepted,
        "nRejected": one.n_rejected,
        "inputTokens": one.input_tokens,
        "outputTokens": one.output_tokens,
        "picoUsd": one.pico_usd,
        "nUnknownCost": one.n_unknown_cost,
        "share": ratio(one.pico_usd, whole),
        "topPicoUsd": one.top_pico_usd,
        "topShare": ratio(one.top_pico_usd, one.pico_usd),
        "passRate": one.pass_rate,
        "lastCall": _moment(one).isoformat(),
    }


def _csv(found: tuple[MemberFigures, ...], whole: int) -> str:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    figures = [
        {**asdict(one), "share_of_spend": ratio(one.pico_usd, whole), "pass_rate": one.pass_rate} for one in found
    ]
    names = [*MemberFigures.__slots__, "share_of_spend", "pass_rate"]
    writer.writerow(names)
    for one in figures:
        writer.writerow([defused(one[MEMBER]), *(one[name] for name in names[1:])])
    return text.getvalue()


def _moment(one: MemberFigures) -> datetime:
    return datetime.fromtimestamp(one.last_us / 10**6, UTC)
