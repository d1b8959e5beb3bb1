"""The report is one page that asks nothing of the network and that no name can break out of."""

import json
from base64 import b64encode
from dataclasses import replace
from datetime import UTC, datetime
from hashlib import sha256
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

from evals.conftest import Run
from store.ledgers import CLICK, END, START, book
from store.rich import JUDGE, RAISED, Month
from tierwise.config import Config
from tierwise.dispatch.tripwire_telling import tripwire_json
from tierwise.evals.headline import headline
from tierwise.evals.report import read_assets, report_html
from tierwise.evals.report_findings import Findings
from tierwise.evals.savings import Savings
from tierwise.routing.tiers import Tier
from tierwise.store.ledger import Ledger, open_ledger

ASSETS = read_assets()
VOID = {"meta"}
LOADING = {"link", "img", "iframe", "object", "embed", "video", "audio", "source", "base", "form"}


class Page(HTMLParser):
    """Reads a page strictly: every element is closed in its turn."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: set[str] = set()
        self.attributes: list[tuple[str, str | None]] = []
        self.words: list[str] = []
        self.scripts: list[str] = []
        self.feed(text)
        self.close()
        assert not self.open, f"never closed: {self.open}"

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes += attrs
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if "script" in self.open:
            self.scripts.append(data)
        elif "style" not in self.open:
            self.words.append(data.strip())


def findings_of(ledger: Ledger, **changes: Any) -> Findings:
    """Everything a ledger has to say, without a judge and without a baseline."""
    return Findings(
        stats=replace(ledger.stats(), **changes),
        models=ledger.grouped("model"),
        actions=ledger.grouped("action"),
        languages=ledger.grouped("language"),
        cells=ledger.grouped("cell"),
        savings="nothing to compare with",
        tripwire=tripwire_json(Config(), {}, None),
    )


def check_page(findings: Findings) -> Page:
    """The report of these figures must be whole and must need nothing beside it."""
    page = Page(report_html(findings, ASSETS))
    assert not page.tags & LOADING
    # The library and the drawing script are ours to the letter; the policy allows no others.
    assert page.scripts[1:] == [ASSETS.library, ASSETS.script]
    allowed = {f"'sha256-{b64encode(sha256(script.encode()).digest()).decode()}'" for script in page.scripts[1:]}
    (policy,) = (value or "" for name, value in page.attributes if name == "content" and "default-src" in (value or ""))
    assert set(policy.split("script-src ")[1].split()) == allowed
    names = {name for name, _ in page.attributes}
    assert not names & {"src", "href", "srcset", "action"}
    assert not any(name.startswith("on") for name in names)
    return page


@pytest.fixture
def ledger(tmp_path: Path) -> Ledger:
    """An empty one."""
    return open_ledger(tmp_path / "ledger.sqlite3")


def test_an_empty_ledger_makes_a_page(ledger: Ledger) -> None:
    assert "no model has been called yet" in check_page(findings_of(ledger)).words
    since = datetime(2026, 3, 1, 12, tzinfo=UTC)
    assert headline(ledger.stats(since)) == "no model has been called since 2026-03-01 12:00 UTC"
    ledger.close()


def test_figures_stand_where_they_belong(ledger: Ledger) -> None:
    book(ledger, end=replace(END, cost_pico_usd=9 * 10**11))
    for planned, cents in (("escalated", 7), ("fallback", 3)):
        end = replace(END, cost_pico_usd=cents * 10**10)
        book(ledger, tier=Tier.TOP, planned=planned, reason_code=f"code-{cents}", end=end)
    book(ledger, end=replace(END, cost_pico_usd=None))
    page = check_page(findings_of(ledger))
    ledger.close()
    assert (
        "top tier: 10% of $1.00 (escalated 7 ¢, fallback 3 ¢), within the 15% that mark good dispatching" in page.words
    )
    assert "the cost of 1 call is unknown and in no figure" in page.words
    assert {"code-7", "code-3", "90 ¢", "10%", "write_tests"} <= set(page.words)
    widths = [
        value for name, value in page.attributes if name == "style" and value and value.startswith(("width", "left"))
    ]
    assert widths == ["width:7.00%", "width:3.00%", "left:15.00%", "left:15.00%"]
    drawn = {chart["id"]: chart for chart in json.loads(page.scripts[0])}
    shares = {series["name"]: series["values"][-1] for series in drawn["by-tier"]["series"]}
    assert shares == {"local": 0, "bulk": 0.9, "top": 0.1}
    guide = {series["name"]: series["values"][1] for series in drawn["by-tier"]["series"]}
    assert guide == {"local": 0.4, "bulk": 0.5, "top": 0.1}
    assert {series["name"]: series["values"] for series in drawn["by-day"]["series"]} == {"bulk": [0.9], "top": [0.1]}


HOSTILE = (
    "<script>alert(1)</script>", '"><img src=x onerror=alert(1)>', "' onmouseover='x", "</style></table>", "&lt;b&gt;",
    "<!--", "]]>", "javascript:alert(1)",
)  # fmt: skip


@pytest.mark.parametrize("name", HOSTILE)
def test_no_name_becomes_markup(ledger: Ledger, name: str) -> None:
    plain = _hostile(ledger, "harmless")
    ledger.close()
    ledger = open_ledger(ledger.path.with_name("hostile.sqlite3"))
    page = _hostile(ledger, name)
    ledger.close()
    assert page.tags == plain.tags
    assert {key for key, _ in page.attributes} == {key for key, _ in plain.attributes}
    assert name in page.words
    assert len(page.words) == len(plain.words)
    named = [series["name"] for chart in json.loads(page.scripts[0]) for series in chart["series"]]
    assert name in named


def test_what_utf_8_cannot_hold_is_replaced(ledger: Ledger) -> None:
    page = check_page(findings_of(ledger, notices=("a\ud800b", "c\x1b[0m\u202ed\u2028e")))
    ledger.close()
    assert "a\ufffdb" in page.words
    assert "c\ufffd[0m\ufffdd\ufffde" in page.words


def _hostile(ledger: Ledger, name: str) -> Page:
    """The page with the name wherever a ledger, or a file made to look like one, can hold one."""
    for planned in ("escalated", "fallback"):
        key = ledger.begin_action(replace(CLICK, action=name, language=name, workspace=name))
        changes = {"planned": planned, "reason_code": name, "model": name, "backend": name, "tier": name}
        number = ledger.begin_attempt(replace(START, action_key=key, **changes))
        ledger.settle_attempt(number, END)
    cell = {"action": name, "language": name, "model": f"{name}/{name}", "state": "raised", "compared": 3}
    figures = {"usualDisagreement": 0.1, "usualSamples": 9, "lateDisagreement": None, "lateSamples": 0}
    tripwire = {"state": "alert", "judge": name, "cells": [cell | figures]}
    saved = Savings(baseline=name, baseline_pico_usd=5, spent_pico_usd=3, n_unknown=1)
    return check_page(replace(findings_of(ledger, notices=(name,)), tripwire=tripwire, savings=saved))


def test_the_command_writes_the_page(tierwise: Run, folder: Path) -> None:
    ledger = open_ledger(folder / "ledger.sqlite3")
    book(ledger)
    ledger.close()
    target = folder / "deep" / "report.html"
    code, document, _ = tierwise("report", "--html", str(target), "--since", "2999-01-01", "--json")
    assert (code, document["status"], document["topShare"]) == (0, "done", None)
    code, document, _ = tierwise("report", "--html", str(target), "--json")
    assert (code, document["topShare"]) == (0, 0)
    assert document["headline"] in Page(target.read_text("utf-8")).words
    code, document, _ = tierwise("report", "--html", str(folder), "--json")
    assert (code, document["code"]) == (1, "not-written")
    assert tierwise("report")[0] == 2


def test_a_month_is_told_whole(tierwise: Run, folder: Path) -> None:
    Month(folder / "ledger.sqlite3").fill().close()
    with (folder / "config.toml").open("a", encoding="utf-8") as file:
        file.write(f'\n[tripwire]\njudge = "{JUDGE}"\n')
    target = folder / "month.html"
    assert tierwise("report", "--html", str(target), "--baseline", "claude-opus-4-5", "--json")[0] == 0
    page = Page(target.read_text("utf-8"))
    parts = (
        "Why the top tier was paid", "Over time", "By tier", "What was saved", "Quality by action, language and model",
        "Tripwire", "Latency", "Escalations by reason", "Answers used again, edits kept",
    )  # fmt: skip
    assert set(parts) <= set(page.words)
    assert {"claude-opus-4-5 for everything", "alert", "raised", RAISED.ref, "no-mutant-killed", "planned"} <= set(
        page.words
    )
    assert any("the cost of" in words for words in page.words)
    drawn = {chart["id"]: chart for chart in json.loads(page.scripts[0])}
    assert set(drawn) == {"by-day", "by-tier", "latency", "reasons"}
    assert len(drawn["by-day"]["labels"]) == 30
    assert tierwise("report", "--html", str(target), "--baseline", "nobody/nothing")[0] == 2


def test_years_are_drawn_in_weeks_and_months_with_nothing_lost(tmp_path: Path) -> None:
    for n_days, period, n_bars in ((200, "week", 29), (900, "month", 30)):
        ledger = Month(tmp_path / f"{n_days}.sqlite3").fill(n_days, 2)
        total = ledger.stats().total.pico_usd
        page = check_page(findings_of(ledger))
        ledger.close()
        chart = next(chart for chart in json.loads(page.scripts[0]) if chart["id"] == "by-day")
        assert chart["title"] == f"Money spent by {period} and tier"
        assert abs(len(chart["labels"]) - n_bars) <= 1
        drawn = sum(sum(series["values"]) for series in chart["series"])
        assert drawn == pytest.approx(total / 10**12)
