"""`tierwise stats`: tables for people, one JSON document, or comma-separated values."""

import csv
import io
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from store.ledgers import CLICK, END, book
from tierwise.backends.base import Usage
from tierwise.cli.app import build
from tierwise.routing.tiers import Tier
from tierwise.store.ledger import open_ledger
from tierwise.store.rows import CacheHit, Fate
from tierwise.store.sums import DIMENSIONS

CONFIG = """
[ledger]
path = "{ledger}"
[tiers.top]
models = ["far/large"]
[backends.far]
type = "openai"
base_url = "http://127.0.0.1:9"
[models."far/large"]
input_usd_per_million = 5
output_usd_per_million = 25
"""
HOSTILE = "=cmd|' /C calc'!A0 [bold]x[/bold]"


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A ledger in which everything there is happened once, and the configuration that leads to it."""
    path = tmp_path / "ledger.db"
    (tmp_path / "config.toml").write_text(CONFIG.format(ledger=path), "utf-8")
    monkeypatch.setenv("TIERWISE_CONFIG", str(tmp_path / "config.toml"))
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    ledger = open_ledger(path)
    book(ledger)
    book(ledger, end=replace(END, outcome="rejected", code="parses"))
    book(ledger, tier=Tier.TOP, model=HOSTILE, planned="escalated", reason_code="parses")
    book(ledger, end=replace(END, cost_pico_usd=None, usage=None))
    key = ledger.begin_action(replace(CLICK, action="document", language="go"))
    hit = CacheHit(action_key=key, kind="exact", tier=Tier.BULK, backend="zai", model="glm-5.1", saved_pico_usd=10**10)
    ledger.book_cache_hit(replace(hit, usage=Usage(input_tokens=1000, output_tokens=300)))
    fate = Fate(action_key=key, fate="kept", tier=Tier.BULK, backend="zai", model="glm-5.1")
    ledger.book_fates([fate, replace(fate, fate="undone")])
    ledger.close()
    return tmp_path


def run(*arguments: str) -> tuple[int, str]:
    """Run the command in this process; its exit code and what it printed."""
    result = CliRunner().invoke(build(["stats", "models"]), ["stats", *arguments])
    return result.exit_code, result.output


def document(*arguments: str) -> Any:
    """The JSON document."""
    code, text = run("--json", *arguments)
    assert code == 0
    return json.loads(text)


def test_the_table_says_all_there_is_to_know(place: Path) -> None:
    code, text = run()
    assert code == 0
    header = next(line for line in text.splitlines() if line.startswith("tier "))
    assert " ".join(header.split()) == "tier calls in out spent share passed kept hits median p95 tokens/s"
    rows = {line.split()[0]: line.split() for line in text.splitlines() if line.startswith(("bulk", "all"))}
    assert " ".join(rows["bulk"]) == "bulk 3 2,000 600 0.54 ¢ + 1 unknown 67% 67% 50% 1 4.0 s 4.0 s 100"
    assert rows["all"][:2] == ["all", "4"]
    assert "escalated: 1 × parses" in text
    assert "cache: 1 hits (1 exact), 20% of all answers, 1 ¢ not spent again" in text
    assert "edits followed after they were applied: 2, 50% kept, 0 changed, 1 undone" in text
    assert "context the top tier never saw: 67%; it was sent 1,000 of 3,000 tokens and 2 of 8 files" in text
    assert "beside 'far/large' for everything: 0.82 ¢ instead of 3.75 ¢, 78% less; 2 uncounted calls" in text
    assert "the cost of 1 calls is unknown and in no figure above" in text


@pytest.mark.parametrize("by", DIMENSIONS)
def test_groups_add_up_to_the_total_whatever_they_are(place: Path, by: str) -> None:
    found = document("--by", by)
    assert found["by"] == by
    assert sum(group["nCalls"] for group in found["groups"]) == found["total"]["nCalls"] == 4
    assert sum(group["picoUsd"] for group in found["groups"]) == found["total"]["picoUsd"] == 3 * 2_720_000_000
    assert sum(group["cache"]["savedPicoUsd"] for group in found["groups"]) == found["cache"]["savedPicoUsd"] == 10**10
    assert sum(group["fates"]["nKept"] for group in found["groups"]) == found["fates"]["nKept"] == 1
    assert sum(group["nUnknownCost"] for group in found["groups"]) == 1
    code, text = run("--by", by, "--csv")
    lines = list(csv.DictReader(io.StringIO(text)))
    assert code == 0
    assert [int(line["pico_usd"]) for line in lines] == [group["picoUsd"] for group in found["groups"]]
    assert sum(int(line["cache_hits"]) for line in lines) == 1
    assert run("--by", by)[0] == 0


def test_names_cannot_be_formulas_or_markup(place: Path) -> None:
    _, text = run("--by", "model", "--csv")
    names = [row[0] for row in csv.reader(io.StringIO(text))]
    assert names == ["model", "zai/glm-5.1", f"zai/{HOSTILE}"]
    assert f"zai/{HOSTILE}" in run("--by", "model")[1]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("--by", "weather"), "one of tier, model, action, language, workspace, day"),
        (("--baseline", "nobody/nothing"), "the price of 'nobody/nothing' is unknown"),
        (("--since", "soon"), "is no time"),
        (("--json", "--csv"), "choose one of --json and --csv"),
    ],
)
def test_wrong_usage_is_a_sentence(place: Path, arguments: tuple[str, ...], words: str) -> None:
    code, text = run(*arguments)
    assert code == 2
    assert words in text


def test_a_baseline_can_be_named_and_what_is_before_left_out(place: Path) -> None:
    saved = document("--baseline", "far/large")["saved"]
    assert saved["baselinePicoUsd"] == 3000 * 5_000_000 + 900 * 25_000_000
    assert saved["savedPicoUsd"] == saved["baselinePicoUsd"] - saved["spentPicoUsd"]
    later = document("--since", "9999-01-01")
    assert (later["total"]["nCalls"], later["cache"]["nHits"], later["groups"][0]["passRate"]) == (0, 0, None)
    assert later["neverSeenByTop"]["share"] is None
