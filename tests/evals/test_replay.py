"""Old calls at the prices of now: exact, and what is unknown stays apart."""

import json
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import pytest

from evals.conftest import Run
from store.ledgers import END, book, sound_rows
from tierwise.evals.replay import call_of
from tierwise.routing.tiers import Tier
from tierwise.store.ledger import open_ledger

THEN = 2_720_000_000
NOW = 900 * 2_000_000 + 100 * 1_000_000 + 300 * 4_000_000
"""1000 tokens in, 100 of them from the cache, 300 out, at $2, $1 and $4 a million."""


def make_log(path: Path) -> list[dict[str, Any]]:
    """A ledger of six calls; returns its rows as they are exported."""
    ledger = open_ledger(path)
    book(ledger)
    book(ledger, end=replace(END, cost_pico_usd=None))
    book(ledger, end=replace(END, usage=None, outcome="failed", code="timeout-total"))
    book(ledger, tier=Tier.TOP, backend="gone", model="<script>", end=replace(END, cost_pico_usd=10**20 % 2**62))
    book(ledger, tier=Tier.LOCAL, backend="demo", model="right", end=replace(END, cost_pico_usd=0))
    book(ledger, end=None)
    rows = [asdict(row) for row in sound_rows(ledger)]
    ledger.close()
    return rows


def figures(document: dict[str, Any], tier: str) -> tuple[int, ...]:
    """Then and how many unknown, now and how many unknown."""
    sums = document["tiers"][tier]
    return sums["thenPicoUsd"], sums["nUnknownThen"], sums["nowPicoUsd"], sums["nUnknownNow"]


@pytest.mark.parametrize("form", ["own ledger", "other ledger", "lines"])
def test_every_form_of_a_log_gives_the_same_exact_figures(tierwise: Run, folder: Path, form: str) -> None:
    log = folder / ("ledger.sqlite3" if form == "own ledger" else "old.sqlite3")
    rows = make_log(log)
    if form == "lines":
        log = folder / "log.jsonl"
        log.write_text("\n".join(map(json.dumps, rows)), "utf-8")
    before = log.read_bytes()
    code, document, _ = tierwise("replay", str(log), "--json")
    assert code == 0
    assert figures(document, "bulk") == (2 * THEN, 1, 2 * NOW, 1)
    assert figures(document, "top") == (10**20 % 2**62, 0, 0, 1)
    assert figures(document, "local") == (0, 0, 1000 * 5_000_000 + 300 * 25_000_000, 0)
    total = document["total"]
    assert (total["nCalls"], total["nRunning"], total["nCompared"]) == (6, 1, 2)
    assert (total["comparedThenPicoUsd"], total["comparedNowPicoUsd"]) == (THEN, NOW + 12_500_000_000)
    assert (document["unpricedModels"], document["nUnreadableRows"]) == (["gone/<script>"], 0)
    if form != "own ledger":
        assert log.read_bytes() == before
        assert not list(folder.glob("old.sqlite3*.damaged*"))


def test_every_call_priced_as_one_model(tierwise: Run, folder: Path) -> None:
    make_log(folder / "ledger.sqlite3")
    code, document, _ = tierwise("replay", str(folder / "ledger.sqlite3"), "--price", "zai/glm-5.1", "--json")
    assert (code, figures(document, "top")[2:], document["unpricedModels"]) == (0, (NOW, 0), [])
    code, document, _ = tierwise("replay", str(folder / "ledger.sqlite3"), "--price", "far/new", "--json")
    assert (code, document["code"]) == (2, "unknown-price")


def test_what_if_a_model_charged_something_else(tierwise: Run, folder: Path) -> None:
    make_log(folder / "ledger.sqlite3")
    asked = ("--price-of", "zai/glm-5.1=4,8", "--price-of", "gone/<script>=1,0,0.5")
    code, document, _ = tierwise("replay", str(folder / "ledger.sqlite3"), *asked, "--json")
    assert (code, figures(document, "bulk")[2:]) == (0, (2 * (1000 * 4_000_000 + 300 * 8_000_000), 1))
    assert figures(document, "top")[2:] == (900 * 1_000_000 + 100 * 500_000, 0)
    assert document["unpricedModels"] == []


@pytest.mark.parametrize(
    "words", ["zai/glm-5.1", "glm=1,2", "zai/glm-5.1=1", "a/b=1,x", "a/b=1,-2", "a/b=1,2,3,4", "a/b=1,nan"]
)
def test_what_is_no_price_is_said(tierwise: Run, folder: Path, words: str) -> None:
    make_log(folder / "ledger.sqlite3")
    code, document, _ = tierwise("replay", str(folder / "ledger.sqlite3"), "--price-of", words, "--json")
    assert (code, document["code"], words in document["message"]) == (2, "usage", True)


def test_lines_that_are_no_rows_are_counted(tierwise: Run, folder: Path) -> None:
    row = make_log(folder / "ledger.sqlite3")[0]
    bad = ["nothing", "[1]", json.dumps({"id": 3}), json.dumps(row | {"input_tokens": -1}), "[" * 100_000]
    (folder / "log.jsonl").write_text("\n".join([json.dumps(row), *bad, ""]), "utf-8")
    code, document, _ = tierwise("replay", str(folder / "log.jsonl"), "--json")
    assert (code, document["total"]["nCalls"], document["nUnreadableRows"]) == (0, 1, 5)
    code, words, _ = tierwise("replay", str(folder / "log.jsonl"))
    assert code == 0
    assert "1 of 1 calls can be compared: 0.27 ¢ then, 0.31 ¢ now" in words
    assert "5 rows cannot be read and are in no figure" in words


@pytest.mark.parametrize(
    ("content", "error_code"),
    [(b"hello\n", "not-a-log"), (b"\xff\xfe\x00", "not-a-log"), (b"SQLite format 3\x00" + b"x" * 200, "damaged")],
)
def test_what_is_no_log_is_refused_and_left_alone(tierwise: Run, folder: Path, content: bytes, error_code: str) -> None:
    log = folder / "log"
    log.write_bytes(content)
    code, document, _ = tierwise("replay", str(log), "--json")
    assert (code, document["code"]) == (2, error_code)
    assert document["message"]
    assert log.read_bytes() == content
    assert tierwise("replay", str(folder / "none"), "--json")[1]["code"] == "unreadable"


def test_names_from_a_log_do_not_steer_the_terminal(tierwise: Run, folder: Path) -> None:
    row = make_log(folder / "ledger.sqlite3")[0]
    hostile = row | {"tier": "[red]\x1b[2J", "backend": "gone", "model": "\x1b]0;x\x07[/bold]"}
    (folder / "log.jsonl").write_text(json.dumps(hostile), "utf-8")
    code, words, _ = tierwise("replay", str(folder / "log.jsonl"))
    assert code == 0
    assert "\x1b" not in words
    assert "[red]" in words
    assert "[/bold]" in words


@pytest.mark.parametrize(
    "change",
    [{"model": 3}, {"output_tokens": True}, {"output_tokens": 1.5}, {"cached_tokens": 1001}, {"cost_pico_usd": "1"}],
)
def test_rows_that_cannot_be_are_none(tmp_path: Path, change: dict[str, Any]) -> None:
    row = make_log(tmp_path / "ledger.sqlite3")[0]
    assert call_of(row) is not None
    assert call_of(row | change) is None
    assert call_of({name: value for name, value in row.items() if name not in change}) is None
