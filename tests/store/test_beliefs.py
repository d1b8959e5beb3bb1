"""What the ledger knows of models, added up for the policy."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from store.ledgers import END, NOON, ToldClock, book
from tierwise.store.ledger import open_ledger


def test_outcomes_are_added_up_by_cell_and_day(tmp_path: Path) -> None:
    clock = ToldClock()
    ledger = open_ledger(tmp_path / "ledger.sqlite3", clock=clock)
    for outcome in ("accepted", "accepted", "rejected", "failed", "cancelled"):
        book(ledger, end=replace(END, outcome=outcome))
    book(ledger, end=None)
    book(ledger, estimated_input_tokens=1000)
    book(ledger, estimated_input_tokens=4000, model="glm-4.6")
    book(ledger, reason_code="scout")
    clock.now = NOON + timedelta(days=3)
    book(ledger)
    # Ages count from the start of a day in UTC, so at noon three days are three and a half.
    found = {(one.ref, one.size, one.age_days): one for one in ledger.experience().outcomes}
    counts = {key: (one.n_accepted, one.n_rejected) for key, one in found.items()}
    assert counts == {
        ("zai/glm-5.1", "small", 3.5): (2, 1),
        ("zai/glm-5.1", "small", 0.5): (1, 0),
        ("zai/glm-5.1", "medium", 3.5): (1, 0),
        ("zai/glm-4.6", "large", 3.5): (1, 0),
    }
    assert {(one.action, one.language) for one in found.values()} == {("write_tests", "python")}
    ledger.close()


def test_paces_need_a_few_timed_answers(tmp_path: Path) -> None:
    ledger = open_ledger(tmp_path / "ledger.sqlite3", clock=ToldClock())
    for _ in range(4):
        book(ledger)
    assert ledger.experience().paces == {}
    book(ledger, end=replace(END, first_token_s=None))
    book(ledger)
    pace = ledger.experience().paces["zai/glm-5.1"]
    assert pace.first_token_s == pytest.approx(1.0)
    assert pace.tokens_per_s == pytest.approx(100.0)
    ledger.close()


def test_an_empty_ledger_teaches_nothing(tmp_path: Path) -> None:
    ledger = open_ledger(tmp_path / "ledger.sqlite3")
    assert ledger.experience().outcomes == ()
    ledger.close()
