"""Clicks of a log along other policies: what the log knows is taken from it, the rest is an average."""

import json
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import pytest

from evals.conftest import Run
from store.ledgers import CLICK, END, START, sound_rows
from tierwise.evals.replay import call_of
from tierwise.evals.rerouting import Odds, clicks_of, recorded, reroute
from tierwise.routing.money import Price
from tierwise.routing.tiers import Candidate, Tier
from tierwise.store.ledger import Ledger, open_ledger

PRICES = {Tier.LOCAL: 1, Tier.BULK: 10, Tier.TOP: 100}
"""Pico-USD for a token in; tokens out are free."""
WHO = tuple(
    Candidate(tier=tier, backend="demo", model=str(tier), price=Price(input=price, output=0, source="test"))
    for tier, price in PRICES.items()
)
COST = {tier: 1000 * price for tier, price in PRICES.items()}


def click(ledger: Ledger, *calls: tuple[Tier, str], action: str = "write_tests") -> None:
    """Book a click with these calls, each of a thousand tokens."""
    key = ledger.begin_action(replace(CLICK, action=action))
    for tier, outcome in calls:
        start = replace(START, action_key=key, tier=tier, backend="demo", model=str(tier))
        number = ledger.begin_attempt(start)
        end: Any = replace(END, outcome=outcome, cost_pico_usd=COST[tier])
        ledger.settle_attempt(number, end)
    ledger.end_action(key, "applied")


@pytest.fixture
def log(tmp_path: Path) -> Path:
    """Four clicks: bulk was right, bulk was wrong and top right, top alone was right, and one that failed."""
    path = tmp_path / "old.sqlite3"
    ledger = open_ledger(path)
    click(ledger, (Tier.BULK, "accepted"))
    click(ledger, (Tier.BULK, "rejected"), (Tier.TOP, "accepted"))
    click(ledger, (Tier.TOP, "accepted"))
    click(ledger, (Tier.BULK, "failed"))
    ledger.close()
    return path


def clicks_in(path: Path) -> Any:
    """The clicks of a ledger."""
    ledger = open_ledger(path)
    calls = [call_of(asdict(row)) for row in sound_rows(ledger)]
    ledger.close()
    return clicks_of(call for call in calls if call is not None)


def test_the_clicks_as_they_were(log: Path) -> None:
    then = recorded(clicks_in(log))
    assert (then.n_clicks, then.n_calls, then.n_passed) == (3, 4, 3)
    assert then.pico_usd == 2 * COST[Tier.BULK] + 2 * COST[Tier.TOP]


@pytest.mark.parametrize(
    ("policy", "calls", "passed", "money"),
    [
        # What nobody tried passes at the share that is given: local never, bulk in a quarter, top in half.
        ("always-top", 3, 0.5 + 1 + 1, 3 * COST[Tier.TOP]),
        ("always-bulk", 3, 1 + 0 + 0.25, 3 * COST[Tier.BULK]),
        ("always-local", 3, 0, 3 * COST[Tier.LOCAL]),
        ("cascade", 3 + 3 + 1 + 0.75, 3, 3 * COST[Tier.LOCAL] + 3 * COST[Tier.BULK] + 1.75 * COST[Tier.TOP]),
    ],
)
def test_what_the_log_knows_counts_and_the_rest_is_an_average(
    log: Path, policy: str, calls: float, passed: float, money: float
) -> None:
    shares = {"demo/local": 0.0, "demo/bulk": 0.25, "demo/top": 0.5}
    found = reroute(policy, clicks_in(log), WHO, Odds(shares=shares))
    assert (found.n_clicks, found.n_not_routed) == (3, 0)
    assert (found.n_calls, found.n_passed) == (pytest.approx(calls), pytest.approx(passed))
    assert found.pico_usd == pytest.approx(money)


def test_nobody_to_ask_is_said(log: Path) -> None:
    found = reroute("always-local", clicks_in(log), WHO[1:], Odds())
    assert (found.n_clicks, found.n_not_routed, found.n_calls, found.n_passed) == (3, 3, 0, 0)


def test_through_the_command_line(tierwise: Run, folder: Path, log: Path) -> None:
    code, document, _ = tierwise("replay", str(log), "--policy", "all", "--json")
    assert (code, document["recorded"]["nPassed"], len(document["policies"])) == (0, 3, 5)
    assert {one["nClicks"] for one in document["policies"]} == {3}
    assert [one["nNotRouted"] for one in document["policies"] if one["policy"] == "always-local"] == [3]
    code, words, _ = tierwise("replay", str(log), "--policy", "always-top")
    assert code == 0
    assert "as it was" in words
    assert "always-top" in words


def test_outcomes_of_a_run_stand_in(tierwise: Run, folder: Path, log: Path) -> None:
    case = {"id": "a", "action": "document", "language": "python", "path": "a.py"}
    text = "def add(a, b):\n    re$0turn a + b\n"
    (folder / "cases.json").write_text(json.dumps({**case, "files": {"a.py": text}}), "utf-8")
    run = str(folder / "run.jsonl")
    tierwise("eval", str(folder / "cases.json"), "--models", "demo/right", "--run", run, "--json")
    _, document, _ = tierwise("replay", str(log), "--policy", "always-top", "--outcomes", run, "--json")
    (top,) = document["policies"]
    assert (top["nPassed"], top["knownShare"]) == (3.0, 0.0)
    code, document, _ = tierwise("replay", str(log), "--outcomes", str(log), "--json")
    assert (code, document["code"]) == (2, "not-a-run")


def test_logs_and_policies_that_cannot_be_used_say_why(tierwise: Run, folder: Path, log: Path) -> None:
    assert tierwise("replay", str(log), "--policy", "luck", "--json")[1]["code"] == "unknown-policy"
    bare = {"tier": "bulk", "backend": "demo", "model": "x", "outcome": "accepted"}
    counts = {"input_tokens": 1, "output_tokens": 1, "cached_tokens": 0, "cost_pico_usd": 1}
    (folder / "log.jsonl").write_text(json.dumps({**bare, **counts}), "utf-8")
    code, document, _ = tierwise("replay", str(folder / "log.jsonl"), "--policy", "all", "--json")
    assert (code, document["code"]) == (2, "no-clicks")
