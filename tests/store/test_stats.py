"""Figures: exact money, honest shares, and the same answer whether rows or kept sums are read."""

import json
import random
from dataclasses import replace
from datetime import timedelta
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from store.ledgers import END, NOON, ToldClock, book, fill, settled_call, sound_rows
from tierwise.routing.money import Price, cost
from tierwise.routing.tiers import Tier
from tierwise.store.exports import microseconds
from tierwise.store.ledger import open_ledger
from tierwise.store.stats_json import stats_json
from tierwise.store.sums import DAY_US, Sums, join_sums, sum_rows
from tierwise.store.tables import ATTEMPTS
from tierwise.store.tallies import Histogram, Tally, bucket, bucket_middle, joined, quantiles

CENT = 10**10


def test_figures_of_a_small_day(tmp_path: Path) -> None:
    ledger = open_ledger(tmp_path / "ledger.db", clock=ToldClock())
    rejected = replace(END, outcome="rejected", code="parses")
    book(ledger, tier=Tier.LOCAL, end=replace(END, cost_pico_usd=0))
    book(ledger, tier=Tier.LOCAL, end=replace(rejected, cost_pico_usd=0, duration_s=8.0))
    book(ledger, tier=Tier.BULK, planned="escalated", reason_code="parses", end=replace(END, cost_pico_usd=CENT))
    book(ledger, tier=Tier.BULK, planned="fallback", reason_code="timeout", end=replace(END, cost_pico_usd=None))
    book(ledger, tier=Tier.TOP, planned="escalated", reason_code="parses", end=replace(END, cost_pico_usd=CENT))
    forced = replace(END, cost_pico_usd=2 * CENT, is_usage_estimated=True)
    book(ledger, tier=Tier.TOP, planned="forced", reason_code="user", end=forced)
    book(ledger, tier=Tier.TOP, end=replace(END, outcome="failed", usage=None, cost_pico_usd=0))
    book(ledger, tier=Tier.TOP, end=None)
    stats = ledger.stats()
    local, bulk, top = (stats.tiers[tier] for tier in ("local", "bulk", "top"))
    assert (local.n_calls, local.n_accepted, local.n_rejected, local.pass_rate) == (2, 1, 1, 0.5)
    assert (bulk.pico_usd, bulk.n_unknown_cost) == (CENT, 1)
    assert (bulk.escalations, bulk.fallbacks) == ({"parses": 1}, {"timeout": 1})
    assert (top.n_calls, top.n_failed, top.n_running, top.n_unknown_tokens) == (4, 1, 1, 1)
    spent = {planned: money for planned, money in top.pico_usd_by_planned.items() if money}
    assert spent == {"escalated": CENT, "forced": 2 * CENT}
    assert (top.pico_usd, top.estimated_pico_usd) == (3 * CENT, 2 * CENT)
    assert (stats.top_share, stats.total.pico_usd, stats.total.n_unknown_cost) == (0.75, 4 * CENT, 1)
    assert stats.total.escalations == {"parses": 2}
    assert stats.total.tokens_per_s == pytest.approx(300 * 6 / (3.0 * 5 + 7.0))
    assert local.duration.median_s == pytest.approx(4.0, rel=0.016)
    assert local.duration.p95_s == pytest.approx(8.0, rel=0.016)
    assert local.first_token.median_s == pytest.approx(1.0, rel=0.016)
    assert stats.actions.outcomes == {"applied": 7, "running": 1}
    assert [(day.tier, day.n_calls, day.pico_usd) for day in stats.days] == [
        ("local", 2, 0),
        ("bulk", 2, CENT),
        ("top", 4, 3 * CENT),
    ]
    ledger.close()


def test_an_empty_ledger_has_figures_without_ratios(tmp_path: Path) -> None:
    ledger = open_ledger(tmp_path / "ledger.db")
    stats = ledger.stats()
    assert list(stats.tiers) == ["local", "bulk", "top"]
    assert (stats.top_share, stats.total.pass_rate, stats.total.tokens_per_s) == (None, None, None)
    assert stats.total.duration.median_s is None
    assert stats.days == ()
    ledger.close()


def test_what_the_judge_was_asked_costs_money_and_passes_nothing(tmp_path: Path) -> None:
    ledger = open_ledger(tmp_path / "ledger.db")
    book(ledger)
    book(ledger, planned="tripwire", tier=Tier.JUDGE)
    book(ledger, planned="tripwire", tier=Tier.JUDGE, end=replace(END, outcome="rejected"))
    stats = ledger.stats()
    ledger.close()
    assert (stats.total.n_calls, stats.total.n_accepted, stats.total.pass_rate) == (3, 1, 1.0)
    assert (stats.tiers["judge"].pass_rate, stats.tiers["judge"].pico_usd) == (None, 2 * (END.cost_pico_usd or 0))
    assert stats.total.pico_usd == sum(stats.total.pico_usd_by_planned.values())
    assert stats.total.accepted_input_tokens == 1000
    assert stats.tiers["judge"].duration.median_s is not None
    assert [day.n_accepted for day in stats.days] == [1, 0]


def test_figures_as_json(tmp_path: Path) -> None:
    ledger = open_ledger(tmp_path / "ledger.db", clock=ToldClock())
    book(ledger)
    plain = json.loads(json.dumps(stats_json(ledger.stats(NOON - timedelta(days=1)))))
    ledger.close()
    assert plain["since"] == "2026-02-28T12:00:00+00:00"
    assert plain["tiers"]["bulk"]["picoUsd"] == END.cost_pico_usd
    assert (plain["tiers"]["bulk"]["shareOfSpend"], plain["top"]["share"]) == (1.0, 0.0)
    assert (plain["tiers"]["top"]["passRate"], plain["tiers"]["bulk"]["passRate"]) == (None, 1.0)
    assert set(plain["tiers"]["bulk"]["duration"]) == {"medianS", "p95S"}
    assert plain["days"][0] | {"picoUsd": 0} == {
        "day": "2026-03-01",
        "tier": "bulk",
        "nCalls": 1,
        "nAccepted": 1,
        "nRejected": 0,
        "inputTokens": 1000,
        "outputTokens": 300,
        "cachedTokens": 100,
        "picoUsd": 0,
        "nUnknownCost": 0,
    }
    assert plain["actions"] == {"nActions": 1, "outcomes": {"applied": 1}, "byAction": {"write_tests": 1}}


_CALLS = st.tuples(
    st.decimals(min_value=0, max_value=1000, places=6),
    st.decimals(min_value=0, max_value=1000, places=6),
    st.integers(0, 2_000_000),
    st.integers(0, 200_000),
)


@settings(max_examples=25, deadline=None)
@given(st.lists(_CALLS, min_size=1, max_size=12))
def test_money_equals_exact_rationals(tmp_path_factory: pytest.TempPathFactory, calls: list[Any]) -> None:
    ledger = open_ledger(tmp_path_factory.mktemp("money") / "ledger.db", synchronous="normal")
    exact = Fraction(0)
    for usd_in, usd_out, n_in, n_out in calls:
        price = Price(input=int(usd_in * 10**6), output=int(usd_out * 10**6))
        book(ledger, price=price, end=replace(END, cost_pico_usd=cost(price, input_tokens=n_in, output_tokens=n_out)))
        exact += (Fraction(usd_in) * n_in + Fraction(usd_out) * n_out) / 10**6
    total = ledger.stats().total.pico_usd
    ledger.close()
    assert Fraction(total, 10**12) == exact


@pytest.mark.slow
def test_a_million_amounts_equal_exact_rationals() -> None:
    chance = random.Random(4)  # noqa: S311 -- amounts, not secrets.
    cost_at, started_at = ATTEMPTS.columns.index("cost_pico_usd"), ATTEMPTS.columns.index("started_us")
    row = list(settled_call(1, microseconds(NOON), chance))
    exact, parts = Fraction(0), list[Sums]()
    for day in range(2000):
        rows = []
        for _ in range(500):
            usd_per_million, n_tokens = Fraction(chance.randrange(10**9), 10**6), chance.randrange(10**6)
            price = Price(input=int(usd_per_million * 10**6), output=0)
            exact += usd_per_million * n_tokens / 10**6
            row[cost_at] = cost(price, input_tokens=n_tokens, output_tokens=0)
            row[started_at] = microseconds(NOON) + day * DAY_US
            rows.append(tuple(row))
        kept = sum_rows(ATTEMPTS, rows, {}, ["model"])["model"]
        parts.append(Sums.from_plain(json.loads(json.dumps(kept.to_plain()))))
    found = join_sums(parts)
    assert found.total.n_rows == 10**6
    assert Fraction(found.total.pico_usd, 10**12) == exact


@settings(max_examples=300, deadline=None)
@given(st.lists(st.integers(0, 10**9), min_size=1, max_size=60), st.integers(1, 100), st.integers(0, 3), st.data())
def test_quantiles_are_the_nearest_rank_within_their_precision(
    values: list[int], percent: int, doubled: int, draw: st.DataObject
) -> None:
    values *= 2**doubled
    nearest_rank = sorted(values)[-(-len(values) * percent // 100) - 1]
    where = draw.draw(st.integers(0, len(values)))
    parts = [Tally(durations=Histogram(list(map(bucket, part)))) for part in (values[:where], values[where:])]
    plain = json.loads(json.dumps([part.to_plain() for part in parts]))
    once_more = joined([joined(plain).to_plain(), Tally()])
    assert quantiles(once_more.durations, percent) == quantiles(joined(parts).durations, percent)
    (found,) = quantiles(once_more.durations, percent)
    assert found is not None
    assert abs(found - nearest_rank) <= nearest_rank * 0.016


@given(st.integers(0, 2**63), st.integers(0, 2**63))
def test_buckets_keep_the_order(left: int, right: int) -> None:
    assert (bucket(left) <= bucket(right)) or right < left
    assert bucket(bucket_middle(bucket(left))) == bucket(left)


def test_rows_come_out_in_order_and_since_a_moment(tmp_path: Path) -> None:
    path = tmp_path / "ledger.db"
    fill(path, 1300)
    ledger = open_ledger(path)
    rows = sound_rows(ledger)
    assert [row.id for row in rows] == list(range(1, 1301))
    since = NOON + timedelta(days=2)
    late = list(ledger.attempt_rows(since))
    assert len(late) == ledger.stats(since).total.n_calls
    assert 0 < len(late) < 1300
    assert sum(row.cost_pico_usd or 0 for row in rows) == ledger.stats().total.pico_usd
    ledger.close()
