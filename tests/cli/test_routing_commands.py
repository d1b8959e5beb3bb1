"""`tierwise route`, the twins of `tierwise actions`, and `tierwise models compare`, as other programs call them."""

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from tierwise.cli.app import build

CODE = "def add(a, b):\n    return a + b\n"
PRICES = {"local": (0, 0), "bulk": (1, 4), "top": (5, 25)}
Run = Callable[..., tuple[int, Any, str]]


@pytest.fixture
def tierwise(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Runs a command in this process, in a folder with one file, with a scripted model of a price on every tier."""
    work = tmp_path / "work"
    work.mkdir()
    (work / "calc.py").write_text(CODE, "utf-8")
    (work / "pyproject.toml").write_text("", "utf-8")
    (tmp_path / "script.json").write_text("[]", "utf-8")
    lines = [f'[tiers.{tier}]\nmodels = ["demo/{tier}"]' for tier in PRICES]
    lines += [
        f'[models."demo/{tier}"]\ninput_usd_per_million = {a}\noutput_usd_per_million = {b}'
        for tier, (a, b) in PRICES.items()
    ]
    lines.append(f'[backends.demo]\ntype = "scripted"\nscript = {json.dumps(str(tmp_path / "script.json"))}')
    lines.append(f"[ledger]\npath = {json.dumps(str(tmp_path / 'ledger.sqlite3'))}")
    (tmp_path / "config.toml").write_text("\n".join(lines), "utf-8")
    home = {"PATH": os.environ["PATH"], "HOME": str(tmp_path), "XDG_STATE_HOME": str(tmp_path)}
    env = home | {"TIERWISE_CONFIG": str(tmp_path / "config.toml")}
    monkeypatch.chdir(work)

    def run(*arguments: str) -> tuple[int, Any, str]:
        ran = CliRunner().invoke(build([arguments[0]]), list(arguments), env=env)
        document = json.loads(ran.stdout) if "--json" in arguments and ran.stdout else ran.stdout
        return ran.exit_code, document, ran.stderr

    return run


@pytest.mark.parametrize(
    ("arguments", "tier", "code"),
    [
        (("document",), "bulk", "difficulty-standard"),
        (("document", "--hint", "high"), "top", "hint-high"),
        (("document", "--hint", "low"), "local", "hint-low"),
        (("do", "--instruction", "rename add to plus"), "local", "mechanical-words"),
        (("do", "--instruction", "fix a crash when a is None"), "bulk", "difficulty-standard"),
        (("do", "--instruction", "x " * 1200), "top", "long-instruction"),
    ],
)
def test_a_route_says_why(tierwise: Run, arguments: tuple[str, ...], tier: str, code: str) -> None:
    exit_code, document, _ = tierwise("route", arguments[0], "calc.py", "--range", "1:5", *arguments[1:], "--json")
    assert (exit_code, document["tier"]) == (0, tier)
    assert code in [reason["code"] for reason in document["reasons"]]
    expected = document["expected"]
    assert 0 < expected["right"] + expected["wrong"] <= 1
    assert 0 <= expected["picoUsd"] <= document["mostPicoUsd"]
    _, shown, _ = tierwise("route", arguments[0], "calc.py", "--range", "1:5", *arguments[1:])
    assert f"[{code}]" in shown
    assert "end with a right edit" in shown


def test_the_menu_shows_what_it_comes_to_and_the_tiers_beside_it(tierwise: Run) -> None:
    _, document, _ = tierwise("actions", "calc.py", "--range", "1:5", "--json")
    by_id = {entry["action"]: entry for entry in document["actions"]}
    entry = by_id["document"]
    twins = {twin["direction"]: twin for twin in entry["twins"]}
    assert {name: twin["tier"] for name, twin in twins.items()} == {"up": "top", "down": "local"}
    assert entry["mostPicoUsd"] == entry["pricePicoUsd"] + twins["up"]["pricePicoUsd"]
    low, _, high = entry["title"].rpartition("≈ ")[2].removesuffix(" ¢").partition("–")
    assert 0 < float(low) < float(high)
    assert by_id["refactor_across_files"]["twins"][0]["direction"] == "down"


@pytest.mark.parametrize(
    ("arguments", "costs", "saved"),
    [
        ((), ("$550.00", "$66.10"), 87.98),
        (("--all", "demo/top", "--mix", "demo/bulk=90,demo/top=10"), ("$1,250.00", "$323.00"), 74.16),
        (("--all", "demo/top", "--mix", "demo/bulk=100", "--input", "1M", "--output", "0"), ("$5.00", "$1.00"), 80.0),
    ],
)
def test_models_are_compared_in_money(
    tierwise: Run, arguments: tuple[str, ...], costs: tuple[str, str], saved: float
) -> None:
    code, document, _ = tierwise("models", "compare", *arguments, "--json")
    first = document["comparisons"][0]
    assert (code, first["aloneCost"], first["mixedCost"], first["savedPercent"]) == (0, *costs, saved)
    assert tierwise("models", "compare", *arguments)[1].splitlines()


@pytest.mark.parametrize(
    "arguments",
    [
        ("models", "contrast"),
        ("models", "compare", "--all", "demo/top"),
        ("models", "compare", "--input", "200M"),
        ("models", "compare", "--all", "demo/top", "--mix", "demo/bulk=50"),
        ("models", "compare", "--all", "demo/top", "--mix", "demo/bulk"),
        ("models", "compare", "--all", "demo/top", "--mix", "demo/bulk=1/0"),
        ("models", "compare", "--all", "nobody/knows-this", "--mix", "demo/bulk=100"),
        ("models", "compare", "--all", "demo/top", "--mix", "demo/bulk=100", "--input", "many"),
        ("models", "compare", "--all", "demo/top", "--mix", "demo/bulk=100", "--output", "-1"),
        ("route", "document", "calc.py", "--hint", "enormous"),
    ],
)
def test_wrong_usage_says_why(tierwise: Run, arguments: tuple[str, ...]) -> None:
    code, document, _ = tierwise(*arguments, "--json")
    assert (code, document["code"]) == (2, "usage")
    assert document["message"]
