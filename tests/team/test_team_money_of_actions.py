"""The team's budget on the road of an action: refused in words, known to menus, and counted later while it is away."""

import json
import os
from pathlib import Path
from typing import Any

import pytest

from dispatch.project import CODE, DOCUMENTED, Project, fenced, outcomes
from team.proxy import Proxy
from team.running import PASSWORD, Postgres
from team.sharing import SOON_S, standing
from tierwise.dispatch import Proposal, Refusal, Task, offers, run_action
from tierwise.store.ledger import open_ledger
from tierwise.store.team_caps import set_caps
from tierwise.store.team_pushing import push
from tierwise.store.team_server import TeamServer
from tierwise.store.team_standing import read_team_standing
from tierwise.syntax.outline import outline
from tierwise.text import Snapshot, Span

GOOD = {"when": "document", "reply": fenced(DOCUMENTED)}


def machine(folder: Path, url: str, budget: str, *, is_priced: bool = True) -> Project:
    os.environ["TIERWISE_TEST_TEAM_PASSWORD"] = PASSWORD
    folder.mkdir(exist_ok=True)
    own = f"[ledger.team]\nurl = {json.dumps(url)}\npassword_env = 'TIERWISE_TEST_TEAM_PASSWORD'\n{budget}\n"
    paid = {tier: {"models": [] if tier == "local" else [f"demo/{tier}-model"]} for tier in ("local", "bulk", "top")}
    settings: dict[str, Any] = {"tiers": paid}
    if not is_priced:
        settings["tiers"] = {tier: {"models": ["x/m"] if tier == "bulk" else []} for tier in paid}
        settings["backends"] = {"x": {"type": "openai", "base_url": "http://127.0.0.1:9/v1"}}
    return Project(folder, rules=[GOOD], settings=settings, own_file=own)


async def act(project: Project, name: str = "calc.py") -> Proposal | Refusal:
    snapshot = project.write(name, CODE)
    task = Task(action_id="document", snapshot=snapshot, selection=Span(20, 20), client="test")
    return await run_action(project.runtime, task, project, project.told.append)


def menu_says(project: Project, snapshot: Snapshot) -> str | None:
    """Why the menu's entry cannot be chosen; None: it can."""
    menu = project.runtime.menu(snapshot.uri, snapshot.language, project.roots)
    found = offers(menu, snapshot, outline(snapshot.text, "python"), Span(20, 20))
    return next(offer.disabled_reason for offer in found if offer.action_id == "document")


async def test_the_teams_bound_refuses_in_words(tmp_path: Path, postgres: Postgres, database: str) -> None:
    url = postgres.url(database)
    project = machine(tmp_path / "ann", url, "[budgets.team]\nday = { hard_usd = 0.0001 }\ntimeout_s = 30.0")
    outcome = await act(project)
    assert isinstance(outcome, Refusal), outcome
    assert outcome.code == "over-budget"
    assert "budgets.team.day.hard_usd" in outcome.words
    await project.close()


@pytest.mark.parametrize("is_priced", [True, False])
async def test_a_bound_on_the_server_holds_for_who_sets_none(
    tmp_path: Path, postgres: Postgres, database: str, server: TeamServer, is_priced: bool
) -> None:
    set_caps(server, {"day": 10**8}, SOON_S)
    project = machine(tmp_path / "ann", postgres.url(database), "[budgets.team]\ntimeout_s = 30.0", is_priced=is_priced)
    outcome = await act(project)
    assert isinstance(outcome, Refusal), outcome
    assert ("the team's day cap (tierwise ledger caps)" in outcome.words) == is_priced, outcome.words
    assert ("the model's price is unknown" in outcome.words) == (not is_priced), outcome.words
    await project.close()


async def test_a_server_that_never_answered_may_have_a_bound(tmp_path: Path) -> None:
    project = machine(tmp_path / "ann", "postgresql://ann@127.0.0.1:1/nowhere", "", is_priced=False)
    outcome = await act(project)
    assert isinstance(outcome, Refusal), outcome
    assert (
        "the team's server has not said yet whether there is a budget and the model's price is unknown" in outcome.words
    )
    await project.close()


async def test_a_bound_is_remembered_and_one_that_was_taken_away_forgotten(
    tmp_path: Path, postgres: Postgres, database: str, server: TeamServer
) -> None:
    set_caps(server, {"month": 0}, SOON_S)
    with Proxy(postgres.port) as proxy:
        own = "[budgets.team]\noffline = 'refuse'\ntimeout_s = 30.0\n[cache]\nenabled = false"
        ann = machine(tmp_path / "ann", postgres.url(database, proxy.port), own)
        assert isinstance(await act(ann), Refusal)
        await ann.close()
        proxy.set("cut")
        again = machine(tmp_path / "ann", postgres.url(database, proxy.port), own)
        outcome = await act(again)
        assert isinstance(outcome, Refusal), outcome
        assert "budgets.team.offline is 'refuse'" in outcome.words
        await again.close()
        proxy.set("open")
        set_caps(server, {"month": None}, SOON_S)
        free = machine(tmp_path / "ann", postgres.url(database, proxy.port), own)
        assert isinstance(await act(free), Proposal)
        await free.runtime.team.settled()
        await free.close()
        proxy.set("cut")
        later = machine(tmp_path / "ann", postgres.url(database, proxy.port), own)
        assert isinstance(await act(later, "other.py"), Proposal)
        await later.close()


async def test_what_one_machine_spends_another_cannot(
    tmp_path: Path, postgres: Postgres, database: str, server: TeamServer
) -> None:
    budget = "[budgets.team]\nmonth = { hard_usd = 0.2, soft_usd = 0.000001 }\ntimeout_s = 30.0"
    ann = machine(tmp_path / "ann", postgres.url(database), budget)
    outcome = await act(ann)
    assert isinstance(outcome, Proposal), outcome
    assert outcomes(outcome) == [("bulk", "accepted", "")]
    await ann.close()
    assert standing(server).month == outcome.cost_pico_usd
    assert standing(server).month_held == 0
    with server.transaction(SOON_S) as remote:
        remote.execute("UPDATE tierwise.attempts SET cost_pico_usd = 199999999999")
    bob = machine(tmp_path / "bob", postgres.url(database), budget)
    refused = await act(bob)
    assert isinstance(refused, Refusal)
    assert "by the team" in refused.words
    await bob.close()


async def test_menus_know_what_is_left_of_the_teams_money(
    tmp_path: Path, postgres: Postgres, database: str, server: TeamServer
) -> None:
    with Proxy(postgres.port) as proxy:
        url = postgres.url(database, proxy.port)
        bob = machine(tmp_path / "bob", url, "[budgets.team]\nday = { hard_usd = 1 }\ntimeout_s = 30.0")
        snapshot = bob.write("calc.py", CODE)
        await bob.runtime.learn()
        await bob.runtime.team.settled()
        assert menu_says(bob, snapshot) is None
        with server.transaction(SOON_S) as remote:
            remote.execute("INSERT INTO tierwise.spending VALUES (tierwise.today(), 999999999999)")
        bob.runtime.team.look()
        await bob.runtime.team.settled()
        over = menu_says(bob, snapshot)
        assert over is not None
        assert "budgets.team.day.hard_usd" in over
        proxy.set("cut")
        bob.runtime.team.look()
        await bob.runtime.team.settled()
        assert menu_says(bob, snapshot) is None, "without the server's word the machine's own bounds hold"
        await bob.close()


async def test_without_the_server_work_goes_on_and_is_counted_later(
    tmp_path: Path, postgres: Postgres, database: str, server: TeamServer
) -> None:
    with Proxy(postgres.port) as proxy:
        proxy.set("cut")
        url = postgres.url(database, proxy.port)
        ann = machine(tmp_path / "ann", url, "[budgets.team]\nday = { hard_usd = 1 }")
        outcome = await act(ann)
        assert isinstance(outcome, Proposal), outcome
        (note,) = (note for note in outcome.notes if "cannot be reached" in note)
        assert "only the budgets of this machine hold" in note
        again = await act(ann, "more.py")
        assert isinstance(again, Proposal)
        assert not any("cannot be reached" in note for note in again.notes)
        assert read_team_standing(ann.ledger.database).n_unreconciled == 2
        await ann.close()
        ledger = open_ledger(ann.ledger.path)
        proxy.set("open")
        push(ledger.database, server)
        assert standing(server).day == outcome.cost_pico_usd + again.cost_pico_usd
        assert read_team_standing(ledger.database).n_unreconciled == 0
        ledger.close()


@pytest.mark.parametrize("state", ["cut", "silent"])
async def test_without_the_server_nothing_is_asked_where_that_was_agreed(
    tmp_path: Path, postgres: Postgres, database: str, state: str
) -> None:
    with Proxy(postgres.port) as proxy:
        proxy.set(state)  # type: ignore[arg-type]
        url = postgres.url(database, proxy.port)
        budget = "[budgets.team]\nday = { hard_usd = 1 }\noffline = 'refuse'\ntimeout_s = 0.1"
        project = machine(tmp_path / "ann", url, budget)
        outcome = await act(project)
        assert isinstance(outcome, Refusal), outcome
        assert (outcome.code, "budgets.team.offline is 'refuse'" in outcome.words) == ("over-budget", True)
        proxy.set("open")
        await project.close()


async def test_a_budget_without_a_server_is_said(tmp_path: Path) -> None:
    project = Project(tmp_path, rules=[GOOD], own_file="[budgets.team]\nday = { hard_usd = 1 }\n")
    outcome = await act(project)
    assert isinstance(outcome, Proposal), outcome
    assert any("[ledger.team]" in note for note in outcome.notes), outcome.notes
    await project.close()
