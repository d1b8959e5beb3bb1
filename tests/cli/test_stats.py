"""`tierwise stats`: tables for people, one JSON document, or comma-separated values."""

import contextlib
import csv
import io
import json
import os
import pty
import re
import subprocess
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from e2e.loaded import tierwise
from store.ledgers import CLICK, END, book
from store.rich import ACTIONS, JUDGE, RAISED, Month
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
    assert " ".join(header.split()) == "tier calls of all in out spent share passed kept hits median p95 tokens/s"
    rows = {line.split()[0]: line.split() for line in text.splitlines() if line.startswith(("bulk", "all"))}
    assert " ".join(rows["bulk"]) == "bulk 3 75% 2,000 600 0.54 ¢ + 1 unknown 67% 67% 50% 1 4.0 s 4.0 s 100"
    assert rows["all"][:2] == ["all", "4"]
    assert " ".join(text.split("escalated")[2].split()[:5]) == "top all parses 1 1"
    assert "cache: 1 hits (1 exact), 20% of all answers, 1 ¢ not spent again" in text
    assert "edits followed after they were applied: 2, 50% kept, 0 changed, 1 undone" in text
    assert "context the top tier never saw: 67%; it was sent 1,000 of 3,000 tokens and 2 of 8 files" in text
    assert "beside 'far/large' for everything: 0.82 ¢ instead of 3.75 ¢, 78% less; 2 uncounted calls" in text
    assert "the cost of 1 call is unknown and in no figure above" in text
    assert "tripwire: off (tripwire.judge names no model)" in text


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


def test_what_is_all_unknown_is_called_so_and_never_zero(place: Path) -> None:
    ledger = open_ledger(place / "ledger.db")
    book(ledger, model="free lunch", end=replace(END, cost_pico_usd=None))
    ledger.close()
    _, text = run("--by", "model")
    (row,) = (line for line in text.splitlines() if "free lunch" in line)
    assert " ".join(row.split()[2:]) == "1 20% 1,000 300 unknown – 100% – 0 4.0 s 4.0 s 100"
    lines = {line["model"]: line for line in csv.DictReader(io.StringIO(run("--by", "model", "--csv")[1]))}
    unknown = lines["zai/free lunch"]
    assert (unknown["pico_usd"], unknown["share_of_spend"], unknown["unknown_cost_calls"]) == ("", "", "1")
    assert lines["zai/glm-5.1"]["pico_usd"] == str(2 * 2_720_000_000)


def test_nothing_a_terminal_would_obey_is_printed(place: Path) -> None:
    ledger = open_ledger(place / "ledger.db")
    book(ledger, model="\x1b[31mred\u202e\n", planned="escalated", reason_code="\x1b]0;title\x07")
    ledger.close()
    _, text = run("--by", "model")
    assert "\ufffd[31mred\ufffd\ufffd" in text
    assert not {"\x1b", "\x07", "\u202e"} & set(text)


def in_terminal(place: Path, columns: int, *arguments: str) -> list[str]:
    """What a terminal of this width shows, line by line."""
    ours, theirs = pty.openpty()
    command = tierwise("stats", *arguments)
    environment = {**os.environ, "TERM": "xterm", "COLUMNS": str(columns)}
    with subprocess.Popen(command, stdin=theirs, stdout=theirs, cwd=place, env=environment) as process:
        os.close(theirs)
        shown = b""
        # Linux ends the conversation with an error once the other side is gone.
        with contextlib.suppress(OSError):
            while piece := os.read(ours, 4096):
                shown += piece
    os.close(ours)
    assert process.returncode == 0
    return re.sub(r"\x1b\[[0-9;]*m", "", shown.decode()).splitlines()


def test_a_narrow_terminal_gets_two_tables_instead_of_a_torn_one(tmp_path: Path, place: Path) -> None:
    (place / "ledger.db").unlink()
    Month(place / "ledger.db").fill().close()
    wide, narrow = (in_terminal(place, columns, "--by", "model") for columns in (140, 80))
    assert sum(line.startswith("model ") for line in wide) == 1
    heads = [line.split() for line in narrow if line.startswith("model ")]
    assert heads == [
        ["model", "calls", "of", "all", "in", "out", "spent"],
        ["model", "share", "passed", "kept", "hits", "median", "p95", "tokens/s"],
    ]
    assert all(len(line) <= 80 for line in narrow)
    for name in ("ollama/qwen2.5-coder:7b", "anthropic/claude-opus", "ollama-cloud/glm-4.6"):
        assert sum(line.startswith(name) for line in narrow) == 2
    assert not any("…" in line for line in narrow)


def test_a_month_of_work_is_told_in_all_its_parts(place: Path) -> None:
    (place / "ledger.db").unlink()
    Month(place / "ledger.db").fill().close()
    with (place / "config.toml").open("a", encoding="utf-8") as file:
        file.write(f'[tripwire]\njudge = "{JUDGE}"\n')
    found, cells = document("--baseline", "far/large"), document("--by", "cell")
    assert found["tripwire"]["state"] == "alert"
    assert [cell["cell"] for cell in found["tripwire"]["cells"] if cell["state"] == "raised"] == [str(RAISED)]
    assert 0 < found["saved"]["savedShare"] < 1
    assert 0 < found["neverSeenByTop"]["share"] < 1
    assert found["cache"]["nHits"] > 20
    assert len(found["days"]) > 20
    assert {group["name"].split(" · ")[0] for group in cells["groups"]} == set(ACTIONS)
    for figure in ("nCalls", "picoUsd", "nAccepted", "nRejected", "nUnknownCost"):
        assert sum(group[figure] for group in cells["groups"]) == found["total"][figure]
    assert sum(group["fates"]["nKept"] for group in cells["groups"]) == found["fates"]["nKept"]
    _, text = run()
    assert "tripwire: alert; 'anthropic/claude-opus' is asked about 2 cells" in text
    assert f"tripwire: {RAISED.ref!r} on {RAISED.action!r} in {RAISED.language} came to disagree" in text
