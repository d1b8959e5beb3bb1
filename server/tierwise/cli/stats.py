"""`tierwise stats`: what was spent, by tier or by anything else, and what came of it."""

import contextlib
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any

import typer

from tierwise.cli.adding_up import tell_of_adding_up
from tierwise.cli.money import parse_since
from tierwise.cli.opening import load_for
from tierwise.cli.options import BaselineOption, ByOption, CsvOption, JsonOption, SinceOption, TeamOption
from tierwise.cli.output import USAGE, console, print_json, refuse
from tierwise.cli.stats_tables import csv_text, print_stats
from tierwise.cli.team_members import MEMBER, show_members
from tierwise.cli.team_stats import TeamFigures, standing_of, team_figures, team_json
from tierwise.config import Config, Loaded
from tierwise.dispatch.opening import ledger_of, loaded_prices
from tierwise.dispatch.standing import LeftAlone, left_alone, share_words, standing_json, standings
from tierwise.dispatch.team_doctor import standing_words
from tierwise.dispatch.tripwire_telling import tripwire_json, tripwire_words
from tierwise.dispatch.troubles import now
from tierwise.evals.savings import Savings, savings_beside, unseen
from tierwise.routing.tripwire import CellState, TripwireCell
from tierwise.store.ledger import Ledger
from tierwise.store.spending import Spent
from tierwise.store.stats import Grouped, Stats
from tierwise.store.stats_json import grouped_json, stats_json
from tierwise.store.sums import DIMENSIONS, Dimension
from tierwise.store.team_standing import TeamStanding


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """What the ledger says."""

    figures: TeamFigures
    spent: Spent
    alone: tuple[LeftAlone, ...]
    """Servers that are not asked."""
    watched: Mapping[TripwireCell, CellState]
    judging: int | None
    """Pico-USD that went into judging today."""
    team: TeamStanding | None


def stats(
    since: SinceOption = None,
    by: ByOption = "tier",
    baseline: BaselineOption = None,
    as_json: JsonOption = False,
    as_csv: CsvOption = False,
    of_team: TeamOption = False,
) -> None:
    """What was spent, by tier; the headline is the top tier's share."""
    if as_json and as_csv:
        refuse("usage", "choose one of --json and --csv", as_json=True, exit_code=USAGE)
    dimension = _dimension("tier" if of_team and by == MEMBER else by, as_json=as_json)
    moment = parse_since(since, as_json)
    loaded = load_for(None)
    if of_team and by == MEMBER:
        with contextlib.closing(_opened(loaded, as_json)) as ledger:
            show_members(loaded, ledger, moment, as_json=as_json, as_csv=as_csv)
        return
    seen = _look(loaded, dimension, moment, of_team=of_team, as_json=as_json)
    found, groups = seen.figures.found, seen.figures.groups
    if as_csv:
        typer.echo(csv_text(groups, found.total), nl=False)
        return
    saved = _savings(found, loaded.config, baseline, as_json=as_json)
    if as_json:
        print_json(_stats_json(loaded.config, seen, saved) | {"ofTeam": of_team})
        return
    print_stats(found, _with_folder(groups), saved)
    for line in filter(None, _words_on(loaded.config, seen)):
        console().print(line, markup=False)


def _opened(loaded: Loaded, as_json: bool) -> Ledger:
    ledger, problem = ledger_of(loaded)
    if ledger is None:
        refuse("no-ledger", problem or "there is no ledger", as_json=as_json)
    tell_of_adding_up(ledger)
    return ledger


def _look(loaded: Loaded, dimension: Dimension, since: datetime | None, *, of_team: bool, as_json: bool) -> Seen:
    with contextlib.closing(_opened(loaded, as_json)) as ledger:
        if of_team:
            figures = team_figures(loaded, ledger, dimension, since, as_json=as_json)
        else:
            figures = TeamFigures(ledger.stats(since), ledger.grouped(dimension, since), "")
        return Seen(
            figures=figures,
            spent=ledger.spent(),
            alone=left_alone(ledger.breakers(), now()),
            watched=ledger.tripwire.cells(),
            judging=ledger.tripwire.spent_today(),
            team=standing_of(loaded, ledger),
        )


def _stats_json(config: Config, seen: Seen, saved: Savings | str) -> dict[str, Any]:
    figures = seen.figures
    return {
        **stats_json(figures.found),
        **grouped_json(figures.groups, figures.found.total),
        **_more_json(figures.found, saved),
        "standing": standing_json(config.budgets, seen.spent, seen.alone),
        "tripwire": tripwire_json(config, seen.watched, seen.judging),
        "notice": figures.notice or None,
        "team": team_json(config, seen.team, figures.spent),
    }


def _words_on(config: Config, seen: Seen) -> list[str]:
    """How budgets, servers, the tripwire and the team stand, in sentences, of which some may be empty."""
    words = [share_words(config.budgets, seen.spent)]
    words += [one.words for one in standings(config.budgets, seen.spent)] + [one.words for one in seen.alone]
    words += tripwire_words(config, seen.watched)
    words += () if seen.figures.spent is None else standing_words(config, seen.figures.spent)
    return [*words, seen.figures.notice or ("" if seen.team is None else seen.team.words)]


def _dimension(by: str, *, as_json: bool) -> Dimension:
    for dimension in DIMENSIONS:
        if dimension == by:
            return dimension
    words = f"nothing is added up by {by!r}; write --by with one of {', '.join(DIMENSIONS)}, or member with --team"
    refuse("usage", words, as_json=as_json, exit_code=USAGE)


def _savings(found: Stats, config: Config, baseline: str | None, *, as_json: bool) -> Savings | str:
    """The bill beside the baseline's, or a sentence why there is no such comparison."""
    try:
        return savings_beside(found, config, loaded_prices(), baseline)
    except LookupError as err:
        refuse("usage", str(err.args[0]), as_json=as_json, exit_code=USAGE)


def _more_json(found: Stats, saved: Savings | str) -> dict[str, Any]:
    context = unseen(found)
    return {
        "saved": {"baseline": None, "message": saved}
        if isinstance(saved, str)
        else {
            "baseline": saved.baseline,
            "baselinePicoUsd": saved.baseline_pico_usd,
            "spentPicoUsd": saved.spent_pico_usd,
            "savedPicoUsd": saved.saved_pico_usd,
            "savedShare": saved.saved_share,
            "nUnknown": saved.n_unknown,
        },
        "neverSeenByTop": {
            "share": context.share,
            "nTokens": context.n_tokens,
            "nTopTokens": context.n_top_tokens,
            "nFiles": context.n_files,
            "nTopFiles": context.n_top_files,
        },
    }


def _with_folder(groups: Grouped) -> Grouped:
    """The ledger knows folders by their hash only; the one the user stands in can be named all the same."""
    if groups.by != "workspace":
        return groups
    here = hashlib.sha256(str(Path.cwd()).encode()).hexdigest()[:16]
    named = {f"{name} (this folder)" if name == here else name: group for name, group in groups.groups.items()}
    return replace(groups, groups=named)
