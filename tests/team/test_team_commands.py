"""`tierwise ledger push|pull` and `tierwise stats --team`, with the server there, gone and back."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from store.ledgers import END, book
from team.proxy import Proxy
from team.running import PASSWORD, Postgres, Redis
from tierwise.cli.app import build
from tierwise.store.ledger import open_ledger

COST = END.cost_pico_usd or 0


def machine(folder: Path, url: str, name: str) -> Path:
    """A machine of the team: its settings, and a ledger with one click."""
    home = folder / name
    home.mkdir()
    (home / "config.toml").write_text(
        f"[ledger]\npath = {json.dumps(str(home / 'ledger.db'))}\n"
        f'[ledger.team]\nurl = "{url}"\npassword_env = "TEAM_PASSWORD"\n'
        "[budgets.team]\nday = { hard_usd = 5 }\n"
    )
    spend(home)
    return home


def spend(home: Path) -> None:
    """One more click."""
    ledger = open_ledger(home / "ledger.db")
    book(ledger)
    ledger.close()


def invoke(home: Path, *arguments: str, password: str = PASSWORD) -> tuple[int, Any]:
    """Run a command on one machine."""
    env = {"HOME": str(home), "XDG_STATE_HOME": str(home), "TEAM_PASSWORD": password}
    env["TIERWISE_CONFIG"] = str(home / "config.toml")
    ran = CliRunner().invoke(build([arguments[0]]), [*arguments, "--json"], env=env)
    return ran.exit_code, json.loads(ran.stdout)


def test_two_machines_see_each_others_spending(tmp_path: Path, postgres: Postgres) -> None:
    url = postgres.url(postgres.new_database())
    ann, bob = (machine(tmp_path, url, name) for name in ("ann", "bob"))
    code, pushed = invoke(ann, "ledger", "push")
    assert (code, pushed["rows"], pushed["waiting"]) == (0, 2, 0)
    assert PASSWORD not in json.dumps(pushed)
    code, pulled = invoke(bob, "ledger", "pull")
    assert (code, pulled["rows"], pulled["refused"]) == (0, 2, 0)
    _, alone = invoke(bob, "stats")
    assert (alone["total"]["picoUsd"], alone["ofTeam"]) == (COST, False)
    _, together = invoke(bob, "stats", "--team")
    assert (together["total"]["picoUsd"], together["ofTeam"], together["notice"]) == (2 * COST, True, None)
    assert {**together["team"], "budgets": None} == {
        "budgets": None, "waiting": 0, "unreconciled": 0, "problem": None, "since": None,
    }  # fmt: skip
    money = {"spentPicoUsd": 2 * COST, "heldPicoUsd": 0, "hardPicoUsd": 5 * 10**12}
    assert together["team"]["budgets"]["day"] == money


def test_who_spent_is_known_by_a_name_where_one_is_given(tmp_path: Path, postgres: Postgres) -> None:
    with Proxy(postgres.port) as proxy:
        url = postgres.url(postgres.new_database(), proxy.port)
        ann, bob, laptop = (machine(tmp_path, url, name) for name in ("ann", "bob", "laptop"))
        for home in (ann, laptop):
            name_member(home, "Ann =1+1")
        spend(ann)
        for home in (ann, bob, laptop):
            assert invoke(home, "ledger", "push")[0] == 0
        code, found = invoke(bob, "stats", "--team", "--by", "member")
        anns, bobs = found["groups"]
        assert (code, found["by"], anns["name"]) == (0, "member", "Ann =1+1")
        assert (anns["picoUsd"], anns["nCalls"], anns["share"]) == (3 * COST, 3, 0.75)
        assert bobs["name"].startswith("ledger ")
        assert (bobs["picoUsd"], bobs["passRate"], bobs["nUnknownCost"]) == (COST, 1.0, 0)
        assert invoke(bob, "stats", "--team", "--by", "member", "--since", "2999-01-01")[1]["groups"] == []
        name_member(bob, "Bob")
        name_member(ann, None)
        invoke(ann, "ledger", "push")
        _, found = invoke(bob, "stats", "--team", "--by", "member")
        assert [one["name"] for one in found["groups"]][1:] == ["Ann =1+1", "Bob"]
        assert found["groups"][0]["name"].startswith("ledger ")
        proxy.set("cut")
        code, refused = invoke(bob, "stats", "--team", "--by", "member")
        assert (code, refused["code"]) == (1, "unreachable")
    assert invoke(bob, "stats", "--by", "member")[0] == 2


def name_member(home: Path, name: str | None) -> None:
    """Give a machine another name, or none."""
    file = home / "config.toml"
    lines = [line for line in file.read_text().splitlines() if not line.startswith("member")]
    if name is not None:
        lines.insert(lines.index("[ledger.team]") + 1, f"member = {json.dumps(name)}")
    file.write_text("\n".join(lines))


def test_what_a_team_may_spend_is_set_by_one_and_known_to_all(tmp_path: Path, postgres: Postgres) -> None:
    url = postgres.url(postgres.new_database())
    ann, bob = (machine(tmp_path, url, name) for name in ("ann", "bob"))
    nothing = {"dayPicoUsd": None, "monthPicoUsd": None}
    assert invoke(ann, "ledger", "caps")[1].items() >= nothing.items()
    code, told = invoke(ann, "ledger", "caps", "--day", "2.50", "--month", "40")
    assert (code, told["dayPicoUsd"], told["monthPicoUsd"]) == (0, 25 * 10**11, 40 * 10**12)
    assert invoke(bob, "ledger", "caps") == (0, told)
    budgets = invoke(bob, "stats", "--team")[1]["team"]["budgets"]
    assert (budgets["day"]["hardPicoUsd"], budgets["month"]["hardPicoUsd"]) == (25 * 10**11, 40 * 10**12)
    for amount in ("much", "-1", "NaN", "1e30"):
        code, refused = invoke(bob, "ledger", "caps", f"--day={amount}")
        assert (code, refused["code"]) == (1, "bad-amount"), refused
        assert repr(amount) in refused["message"]
    _, told = invoke(bob, "ledger", "caps", "--day", "none")
    assert told.items() >= {"dayPicoUsd": None, "monthPicoUsd": 40 * 10**12}.items()


def test_without_the_server_the_last_figures_are_shown(tmp_path: Path, postgres: Postgres) -> None:
    with Proxy(postgres.port) as proxy:
        home = machine(tmp_path, postgres.url(postgres.new_database(), proxy.port), "ann")
        proxy.set("cut")
        code, refused = invoke(home, "stats", "--team")
        assert (code, refused["code"]) == (1, "unreachable")
        code, refused = invoke(home, "ledger", "push")
        assert (code, refused["code"]) == (1, "unreachable")
        proxy.set("open")
        assert invoke(home, "stats", "--team")[1]["total"]["picoUsd"] == COST
        spend(home)
        proxy.set("cut")
        code, old = invoke(home, "stats", "--team")
        assert (code, old["total"]["picoUsd"]) == (0, COST)
        assert "cannot be reached" in old["notice"]
        assert old["team"]["waiting"] == 2
        proxy.set("open")
        code, new = invoke(home, "stats", "--team")
        assert (code, new["total"]["picoUsd"], new["notice"]) == (0, 2 * COST, None)


@pytest.mark.parametrize("command", [["ledger", "push"], ["ledger", "pull"], ["stats", "--team"]])
def test_a_wrong_password_is_a_sentence(tmp_path: Path, postgres: Postgres, command: list[str]) -> None:
    home = machine(tmp_path, postgres.url("postgres"), "ann")
    code, refused = invoke(home, *command, password="wrong")
    assert (code, "password" in refused["message"], "wrong" in refused["message"]) == (1, True, False)


@pytest.mark.parametrize("command", [["ledger", "push"], ["ledger", "pull"], ["stats", "--team"]])
def test_without_a_team_there_is_nothing_to_share_with(tmp_path: Path, command: list[str]) -> None:
    (tmp_path / "config.toml").write_text("")
    code, refused = invoke(tmp_path, *command)
    assert (code, refused["code"]) == (1, "no-address")
    assert "[ledger.team]" in refused["message"]


def findings(home: Path) -> dict[str, Any]:
    """What the doctor says of the team's servers."""
    _, report = invoke(home, "doctor")
    return {finding["name"]: finding for finding in report["tools"] if finding["name"].startswith("team")}


def test_the_doctor_says_how_the_servers_are(tmp_path: Path, postgres: Postgres, redis_server: Redis) -> None:
    with Proxy(postgres.port) as proxy:
        home = machine(tmp_path, postgres.url(postgres.new_database(), proxy.port), "ann")
        with (home / "config.toml").open("a") as file:
            file.write(f'[cache.team]\nurl = "{redis_server.url}"\npassword_env = "TEAM_PASSWORD"\n')
        well = findings(home)
        assert [finding["isOk"] for finding in well.values()] == [True, True]
        assert "2 rows wait" in well["team's ledger"]["found"]
        assert "$5.00 left of $5.00" in well["team's ledger"]["found"]
        assert "answers are not signed" in well["team's cache"]["found"]
        assert PASSWORD not in json.dumps(well)
        proxy.set("cut")
        assert "cannot be reached" in findings(home)["team's ledger"]["words"]


def test_the_doctor_misses_a_server_for_the_teams_budget(tmp_path: Path) -> None:
    (tmp_path / "config.toml").write_text("[budgets.team]\nday = { hard_usd = 5 }\n")
    finding, cache = findings(tmp_path).values()
    assert (finding["isOk"], "[ledger.team]" in finding["words"]) == (False, True)
    assert (cache["isOk"], "cache.team.url" in cache["found"]) == (True, True)


def test_who_has_no_team_pays_for_no_library(tmp_path: Path) -> None:
    (tmp_path / "config.toml").write_text("")
    script = (
        "import sys; from tierwise.cli.app import build; from typer.testing import CliRunner;"
        "ran = CliRunner().invoke(build(['stats']), ['stats', '--json']); assert ran.exit_code == 0, ran.output;"
        "print([name for name in ('psycopg', 'redis') if name in sys.modules])"
    )
    env = {**os.environ, "XDG_STATE_HOME": str(tmp_path), "TIERWISE_CONFIG": str(tmp_path / "config.toml")}
    done = subprocess.run([sys.executable, "-c", script], env=env, capture_output=True, text=True, check=False)
    assert (done.stdout.strip(), done.stderr) == ("[]", "")
