"""What the tripwire remembers is shared by all windows, and a damaged row begins anew."""

from datetime import timedelta
from pathlib import Path

from store.ledgers import ToldClock
from tierwise.routing.tripwire import LEARNT, TripwireCell
from tierwise.store.ledger import open_ledger
from tierwise.store.tripwire import Sampling, raised_cells

CELL = TripwireCell("document", "python", "near/small:7b")
ALWAYS = Sampling(judge="far/large", share=1.0, least=0)


def test_two_windows_share_a_cell(tmp_path: Path) -> None:
    path = tmp_path / "ledger.db"
    one, other = open_ledger(path), open_ledger(path)
    for window in (one, other) * (LEARNT // 2):
        assert window.tripwire.note_edit(CELL, ALWAYS)
        assert window.tripwire.note_sample(CELL, "far/large", "alike") is None
    events = [window.tripwire.note_sample(CELL, "far/large", "apart") for window in (one, other) * 10]
    assert events.count("raised") == 1
    assert raised_cells(one.tripwire, "far/large") == raised_cells(other.tripwire, "far/large") == {CELL}
    assert raised_cells(one.tripwire, "far/other") == frozenset()
    one.close()
    other.close()


def test_another_judge_begins_anew_and_late_samples_of_the_old_one_count_nothing(tmp_path: Path) -> None:
    ledger = open_ledger(tmp_path / "ledger.db")
    ledger.tripwire.note_edit(CELL, ALWAYS)
    ledger.tripwire.note_sample(CELL, "far/large", "apart")
    ledger.tripwire.note_edit(CELL, Sampling(judge="far/new", share=1.0, least=0))
    ledger.tripwire.note_sample(CELL, "far/large", "apart")
    state = ledger.tripwire.cells()[CELL]
    assert (state.judge, state.n_compared, state.n_seen) == ("far/new", 0, 1)
    ledger.close()


def test_a_judge_that_fails_says_nothing(tmp_path: Path) -> None:
    ledger = open_ledger(tmp_path / "ledger.db")
    ledger.tripwire.note_edit(CELL, ALWAYS)
    for _ in range(500):
        assert ledger.tripwire.note_sample(CELL, "far/large", "unjudged") is None
    state = ledger.tripwire.cells()[CELL]
    assert (state.n_compared, state.n_unjudged, state.is_raised) == (0, 500, False)
    ledger.close()


def test_a_week_has_its_least_samples_and_the_share_beyond(tmp_path: Path) -> None:
    clock = ToldClock()
    ledger = open_ledger(tmp_path / "ledger.db", clock=clock)
    rarely = Sampling(judge="far/large", share=0.01, least=3)
    first = [ledger.tripwire.note_edit(CELL, rarely) for _ in range(2000)]
    assert first[:3] == [True] * 3
    assert 8 <= sum(first[3:]) <= 35
    clock.now += timedelta(days=7)
    assert [ledger.tripwire.note_edit(CELL, rarely) for _ in range(3)] == [True] * 3
    never = Sampling(judge="far/large", share=0.0, least=0)
    assert not any(ledger.tripwire.note_edit(CELL, never) for _ in range(50))
    ledger.close()


def test_the_day_has_a_bound_in_all_windows_together(tmp_path: Path) -> None:
    clock, path = ToldClock(), tmp_path / "ledger.db"
    one, other = open_ledger(path, clock=clock), open_ledger(path, clock=clock)
    assert one.tripwire.reserve(60, 100)
    assert not other.tripwire.reserve(60, 100)
    one.tripwire.settle(60, 10)
    assert other.tripwire.reserve(60, 100)
    assert one.tripwire.spent_today() == 70
    clock.now += timedelta(days=1)
    assert one.tripwire.spent_today() == 0
    assert one.tripwire.reserve(100, 100)
    one.close()
    other.close()


def test_a_damaged_row_is_as_good_as_none_and_cells_can_be_forgotten(tmp_path: Path) -> None:
    path = tmp_path / "ledger.db"
    ledger = open_ledger(path)
    other = TripwireCell("format", "go", "near/small:7b")
    for cell in (CELL, other):
        ledger.tripwire.note_edit(cell, ALWAYS)
        ledger.tripwire.note_sample(cell, "far/large", "alike")
    with ledger._database.write() as connection:
        connection.execute("UPDATE tripwire SET body = replace(body, '1', '7') WHERE key = ?", (str(CELL),))
    assert set(ledger.tripwire.cells()) == {other}
    assert ledger.tripwire.note_sample(CELL, "far/large", "alike") is None
    assert ledger.tripwire.forget(other) == 1
    assert ledger.tripwire.forget(other) == 0
    ledger.tripwire.note_edit(CELL, ALWAYS)
    assert ledger.tripwire.forget() == 1
    assert ledger.tripwire.cells() == {}
    ledger.close()


def test_a_swap_raises_the_cells_of_a_model_together_and_a_recovered_one_counts_again(tmp_path: Path) -> None:
    ledger = open_ledger(tmp_path / "ledger.db")
    cells = [TripwireCell("document", language, "near/small:7b") for language in ("go", "python", "rust")]
    other = TripwireCell("document", "go", "near/else")
    for number in range(150):
        cell = cells[number % 3]
        ledger.tripwire.note_edit(cell, ALWAYS)
        ledger.tripwire.note_sample(cell, "far/large", "apart" if number % 15 == 0 else "alike")
    ledger.tripwire.note_edit(other, ALWAYS)
    ledger.tripwire.note_sample(other, "far/large", "alike")
    assert ledger.tripwire.models()["near/small:7b"].n_usual == 150
    events = []
    while not raised_cells(ledger.tripwire, "far/large"):
        assert len(events) < 30
        events.append(ledger.tripwire.note_sample(cells[len(events) % 3], "far/large", "apart"))
    assert raised_cells(ledger.tripwire, "far/large") == set(cells)
    assert events[-1] == "raised"
    assert not ledger.tripwire.models()["near/small:7b"].cells
    state = ledger.tripwire.cells()[cells[0]]
    assert state.late_rate == 1.0
    while ledger.tripwire.note_sample(cells[0], "far/large", "alike") is None:
        pass
    assert set(ledger.tripwire.models()["near/small:7b"].cells) == {str(cells[0])}
    assert ledger.tripwire.forget(cells[0]) == 1
    assert not ledger.tripwire.models()["near/small:7b"].cells
    assert ledger.tripwire.forget() == 3
    assert not ledger.tripwire.models()
    ledger.close()
