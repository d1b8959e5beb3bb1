"""Booking: every call one row, ended once, holding neither code nor anything a column cannot hold."""

import asyncio
import threading
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from store.ledgers import CLICK, END, NOON, START, ToldClock, book, sound_rows
from tierwise.backends.base import Usage
from tierwise.routing.tiers import Tier
from tierwise.store.errors import LedgerError
from tierwise.store.ledger import open_ledger
from tierwise.store.rows import AttemptEnd, CacheHit, Fate
from tierwise.store.written import MAX_INTEGER, MAX_TEXT


def test_a_call_is_one_row_from_its_beginning_to_its_end(tmp_path: Path) -> None:
    ledger = open_ledger(tmp_path / "new" / "folder" / "ledger.db", clock=ToldClock())
    key = ledger.begin_action(CLICK)
    number = ledger.begin_attempt(replace(START, action_key=key, planned="escalated", reason_code="parses"))
    (running,) = sound_rows(ledger)
    assert (running.outcome, running.duration_s, running.cost_pico_usd) == ("running", None, None)
    assert ledger.settle_attempt(number, END)
    (row,) = sound_rows(ledger)
    assert row.id == number == 1
    assert row.action_key == key
    assert (row.action, row.language, row.workspace, row.client) == ("write_tests", "python", "5f2a", "test 1.0")
    assert row.started_at == "2026-03-01T12:00:00.000000+00:00"
    assert (row.tier, row.backend, row.model) == ("bulk", "zai", "glm-5.1")
    assert (row.planned, row.reason_code, row.prompt_files) == ("escalated", "parses", 2)
    assert (row.price_input, row.price_output, row.price_cache_read) == (1_400_000, 4_400_000, None)
    assert (row.outcome, row.duration_s, row.first_token_s) == ("accepted", 4.0, 1.0)
    assert (row.input_tokens, row.output_tokens, row.cached_tokens) == (1000, 300, 100)
    assert row.cost_pico_usd == 2_720_000_000
    ledger.close()


def test_keys_are_version_8_uuids_and_differ(tmp_path: Path) -> None:
    ledger = open_ledger(tmp_path / "ledger.db", synchronous="normal", clock=ToldClock())
    keys = {ledger.begin_action(CLICK) for _ in range(50)}
    assert len(keys) == 50
    assert {(len(key), key[12], key[16] in "89ab") for key in keys} == {(32, "8", True)}
    ledger.close()


def test_what_has_ended_does_not_end_again(tmp_path: Path) -> None:
    ledger = open_ledger(tmp_path / "ledger.db")
    key = ledger.begin_action(CLICK)
    number = ledger.begin_attempt(replace(START, action_key=key))
    assert ledger.settle_attempt(number, END)
    assert not ledger.settle_attempt(number, replace(END, outcome="cancelled", cost_pico_usd=0))
    assert not ledger.settle_attempt(number + 1, END)
    assert ledger.end_action(key, "applied")
    assert not ledger.end_action(key, "failed")
    assert not ledger.end_action("not a key", "failed")
    assert sound_rows(ledger)[0].outcome == "accepted"
    ledger.close()


@pytest.mark.parametrize("key", ["", "zz", "0" * 32, "f" * 32, "1", "é" * 32])
def test_a_call_without_its_click_is_refused(tmp_path: Path, key: str) -> None:
    ledger = open_ledger(tmp_path / "ledger.db")
    ledger.begin_action(CLICK)
    with pytest.raises(LedgerError, match="is not in the ledger") as refused:
        ledger.begin_attempt(replace(START, action_key=key))
    assert refused.value.code == "no-action"
    assert sound_rows(ledger) == []
    ledger.close()


@pytest.mark.parametrize(("keep_details", "kept"), [(False, ""), (True, "name 'secret' is not defined")])
def test_words_that_may_quote_code_are_written_only_when_asked_for(
    tmp_path: Path, keep_details: bool, kept: str
) -> None:
    path = tmp_path / "ledger.db"
    ledger = open_ledger(path, keep_details=keep_details)
    end = replace(END, outcome="rejected", code="undefined", detail="name 'secret' is not defined")
    book(ledger, end=end)
    (row,) = sound_rows(ledger)
    assert (row.code, row.detail) == ("undefined", kept)
    ledger.close()
    assert (b"secret" in path.read_bytes()) == keep_details


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("glm\x00-5", "glm\N{REPLACEMENT CHARACTER}-5"),
        ("a\ud800b", "a\N{REPLACEMENT CHARACTER}b"),
        ("a\nb", "a\N{REPLACEMENT CHARACTER}b"),
        ("'; DROP TABLE attempts; --", "'; DROP TABLE attempts; --"),
        ("x" * 10_000, "x" * MAX_TEXT),
        ("模型", "模型"),
        ("a|b", "a|b"),
    ],
)
def test_any_name_can_be_booked(tmp_path: Path, given: str, kept: str) -> None:
    ledger = open_ledger(tmp_path / "ledger.db")
    book(ledger, model=given)
    assert sound_rows(ledger)[0].model == kept
    ledger.close()


def test_counts_no_column_can_hold_are_cut_and_money_is_refused(tmp_path: Path) -> None:
    ledger = open_ledger(tmp_path / "ledger.db")
    book(ledger, end=replace(END, usage=Usage(input_tokens=10**30, output_tokens=-5), duration_s=-1.0))
    (row,) = sound_rows(ledger)
    assert (row.input_tokens, row.output_tokens, row.duration_s) == (MAX_INTEGER, 0, 0.0)
    number = book(ledger, end=None)
    for cost in (-1, 2**63):
        with pytest.raises(ValueError, match="cannot cost"):
            ledger.settle_attempt(number, replace(END, cost_pico_usd=cost))
    assert ledger.settle_attempt(number, replace(END, cost_pico_usd=MAX_INTEGER))
    assert ledger.stats().total.pico_usd == MAX_INTEGER + 2_720_000_000
    ledger.close()


def test_an_unknown_price_stays_unknown(tmp_path: Path) -> None:
    ledger = open_ledger(tmp_path / "ledger.db")
    book(ledger, price=None, end=replace(END, cost_pico_usd=None, usage=None))
    (row,) = sound_rows(ledger)
    assert (row.price_input, row.cost_pico_usd, row.input_tokens) == (None, None, None)
    total = ledger.stats().total
    assert (total.pico_usd, total.n_unknown_cost, total.n_unknown_tokens) == (0, 1, 1)
    ledger.close()


@pytest.mark.parametrize(("back", "is_noted"), [(timedelta(minutes=4), False), (timedelta(minutes=6), True)])
def test_a_clock_that_jumps_back_is_noted_and_nothing_is_lost(tmp_path: Path, back: timedelta, is_noted: bool) -> None:
    clock = ToldClock()
    ledger = open_ledger(tmp_path / "ledger.db", clock=clock)
    book(ledger)
    clock.now = NOON - back
    book(ledger)
    clock.now = NOON + timedelta(seconds=1)
    book(ledger)
    assert [row.is_clock_behind for row in sound_rows(ledger)] == [False, is_noted, False]
    assert ledger.stats().n_clock_behind == int(is_noted)
    assert ledger.stats().total.n_calls == 3
    assert ledger.stats(NOON).total.n_calls == 2
    ledger.close()


def test_a_clock_from_before_1970_or_far_ahead_is_booked(tmp_path: Path) -> None:
    clock = ToldClock()
    ledger = open_ledger(tmp_path / "ledger.db", clock=clock)
    for year in (1960, 2100, 9999):
        clock.now = NOON.replace(year=year)
        book(ledger)
    assert [row.started_at[:4] for row in sound_rows(ledger)] == ["1960", "2100", "9999"]
    assert [day.day.year for day in ledger.stats().days] == [1960, 2100, 9999]
    ledger.close()


def test_a_closed_ledger_says_so(tmp_path: Path) -> None:
    ledger = open_ledger(tmp_path / "ledger.db")
    ledger.close()
    ledger.close()
    with pytest.raises(LedgerError, match="is closed"):
        ledger.begin_action(CLICK)
    with pytest.raises(LedgerError, match="is closed"):
        ledger.stats()


def test_any_thread_may_book_while_figures_are_read(tmp_path: Path) -> None:
    ledger = open_ledger(tmp_path / "ledger.db", synchronous="normal")
    calls: list[int] = []
    threads = [
        threading.Thread(target=lambda tier=tier: calls.extend(book(ledger, tier=tier) for _ in range(25)))
        for tier in (Tier.LOCAL, Tier.BULK, Tier.TOP, Tier.LOCAL)
    ]
    for thread in threads:
        thread.start()
    seen = [ledger.stats().total.n_calls for _ in range(5)]
    for thread in threads:
        thread.join()
    assert sorted(calls) == list(range(1, 101))
    assert seen == sorted(seen)
    stats = ledger.stats()
    assert [stats.tiers[tier].n_calls for tier in ("local", "bulk", "top")] == [50, 25, 25]
    ledger.close()


async def test_an_event_loop_books_through_threads(tmp_path: Path) -> None:
    ledger = await asyncio.to_thread(open_ledger, tmp_path / "ledger.db", synchronous="normal")
    numbers = await asyncio.gather(*(asyncio.to_thread(book, ledger) for _ in range(20)))
    assert sorted(numbers) == list(range(1, 21))
    await asyncio.to_thread(ledger.close)


def test_a_kept_answer_and_an_edits_fate_are_rows_of_their_click(tmp_path: Path) -> None:
    ledger = open_ledger(tmp_path / "ledger.db")
    key = ledger.begin_action(CLICK)
    hit = CacheHit(
        action_key=key,
        kind="exact",
        tier=Tier.BULK,
        backend="zai",
        model="glm-5.1",
        saved_pico_usd=2_720_000_000,
        usage=Usage(input_tokens=1000, output_tokens=300),
    )
    assert [ledger.book_cache_hit(hit), ledger.book_cache_hit(replace(hit, saved_pico_usd=None, usage=None))] == [1, 2]
    assert ledger.stats().total.n_calls == 0
    fate = Fate(action_key=key, fate="kept", tier=Tier.BULK, backend="zai", model="glm-5.1")
    assert ledger.book_fates([fate, replace(fate, action_key="0" * 32), replace(fate, fate="undone")]) == 2
    assert ledger.book_fates([]) == 0
    with pytest.raises(LedgerError, match="is not in the ledger"):
        ledger.book_cache_hit(replace(hit, action_key="nobody"))
    with pytest.raises(ValueError, match="cannot cost"):
        ledger.book_cache_hit(replace(hit, saved_pico_usd=-1))
    ledger.close()


def test_an_end_needs_only_what_is_known() -> None:
    end = AttemptEnd(outcome="failed", duration_s=0.1, cost_pico_usd=0, code="connection-refused")
    assert (end.usage, end.first_token_s, end.detail) == (None, None, "")
