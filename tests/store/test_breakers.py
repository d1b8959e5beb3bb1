"""When a server is left alone: pure transitions over moments that a test makes up, and the same through two windows."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from store.ledgers import CLICK, END, START, ToldClock
from tierwise.store.admission import Paused, Terms
from tierwise.store.breakers import COOLDOWN_US, LONGEST_COOLDOWN_US, Breaker, Event, Heard, Moment, after, elapsed_us
from tierwise.store.database import Database
from tierwise.store.ledger import Ledger, open_ledger

TARGET = "https://api.z.ai glm-5.1"
SECOND = 10**6


def at(seconds: float, boot: str = "b1") -> Moment:
    return Moment(int(1_700_000_000 * SECOND + seconds * SECOND), int(seconds * SECOND), boot)


def heard(event: Event, **changes: Any) -> Heard:
    return Heard(target=TARGET, event=event, kind="overloaded", fingerprint="f1", **changes)


def after_all(*events: tuple[float, Heard]) -> Breaker | None:
    """The breaker after these calls, none of which was the one that tries."""
    breaker: Breaker | None = None
    for seconds, one in events:
        breaker = after(breaker, one, None, at(seconds))
    return breaker


@pytest.mark.parametrize(
    ("events", "is_open"),
    [
        ([(0, "failed"), (1, "failed")], False),
        ([(0, "failed"), (1, "failed"), (2, "failed")], True),
        ([(0, "failed"), (61, "failed"), (62, "failed")], False),
        ([(0, "failed"), (1, "answered"), (2, "failed"), (3, "failed")], True),
        ([(0, "failed"), *[(1, "answered")] * 5, (2, "failed"), (3, "failed")], False),
        ([(0, "unreachable")], True),
        ([(0, "shut")], True),
        ([(0, "left"), (1, "left"), (2, "left")], False),
        ([(0, "answered")], False),
    ],
)
def test_what_opens_it(events: list[tuple[float, Event]], is_open: bool) -> None:
    breaker = after_all(*((seconds, heard(event)) for seconds, event in events))
    assert (breaker is not None and breaker.is_open) is is_open


def test_it_stays_open_twice_as_long_after_each_failed_try() -> None:
    breaker = after(None, heard("unreachable"), None, at(0))
    now, expected = 0.0, COOLDOWN_US
    for _ in range(8):
        assert breaker is not None
        assert breaker.left_us(at(now)) == expected
        assert breaker.holds_back("f1", at(now + expected / SECOND - 0.001))
        now += expected / SECOND
        assert not breaker.holds_back("f1", at(now))
        breaker = after(replace(breaker, prober=7, probed=at(now), lease_us=SECOND), heard("failed"), 7, at(now))
        expected = min(2 * expected, LONGEST_COOLDOWN_US)
    assert breaker is not None
    probed = replace(breaker, prober=8, probed=at(now), lease_us=SECOND)
    assert after(probed, heard("answered"), 8, at(now)) is None


def test_a_time_the_server_names_is_kept_to() -> None:
    breaker = after_all((0, heard("failed", retry_after_s=1800)))
    assert breaker is not None
    assert breaker.left_us(at(1799)) == SECOND
    longer = after(breaker, heard("failed", retry_after_s=7200), None, at(10))
    assert longer is not None
    assert longer.left_us(at(10)) == 7200 * SECOND
    assert after(breaker, heard("failed", retry_after_s=5), None, at(10)) == breaker


def test_a_refused_key_waits_for_another_one() -> None:
    breaker = after_all((0, heard("shut")))
    assert breaker is not None
    assert breaker.holds_back("f1", at(10**7))
    assert not breaker.holds_back("f2", at(1))
    assert after(breaker, replace(heard("answered"), fingerprint="f2"), None, at(2)) is None
    assert after(breaker, heard("answered"), None, at(2)) == breaker


def test_a_call_that_was_under_way_closes_nothing() -> None:
    breaker = after_all((0, heard("unreachable")), (1, heard("answered")))
    assert breaker is not None
    assert breaker.is_open


@pytest.mark.parametrize(
    ("now", "passed_s"),
    [
        (Moment(at(0).wall_us - 86_400 * SECOND, 5 * SECOND, "b1"), 5),
        (Moment(at(0).wall_us + 86_400 * 3650 * SECOND, 5 * SECOND, "b1"), 5),
        (Moment(at(60).wall_us, 1, "b2"), 60),
        (Moment(at(60).wall_us, 1, ""), 60),
    ],
)
def test_clocks_that_jump(now: Moment, passed_s: int) -> None:
    assert elapsed_us(at(0), now) == passed_s * SECOND


def test_a_clock_set_back_over_a_boot_lets_the_server_be_tried() -> None:
    breaker = after_all((0, heard("failed", retry_after_s=3600)))
    assert breaker is not None
    assert breaker.left_us(at(-100, "b2")) == 0


@given(
    st.lists(
        st.tuples(st.floats(0, 400), st.sampled_from(["answered", "failed", "unreachable", "shut", "left"])),
        max_size=12,
    )
)
def test_a_breaker_survives_being_written_down(events: list[tuple[float, Event]]) -> None:
    breaker = after_all(*((seconds, heard(event)) for seconds, event in sorted(events)))
    if breaker is not None:
        assert Breaker.from_text(breaker.to_text()) == breaker


class Window:
    """One window on a shared ledger, with a clock of its own."""

    def __init__(self, path: Path, ticks: list[int]) -> None:
        self.ledger: Ledger = open_ledger(path, clock=ToldClock(), ticks=lambda: ticks[0] * 1000)
        self.key = self.ledger.begin_action(CLICK)

    def admit(self, fingerprint: str = "f1") -> object:
        terms = Terms(target=TARGET, fingerprint=fingerprint, lease_us=60 * SECOND)
        return self.ledger.admit(replace(START, action_key=self.key), terms)

    def call(self, event: Event, **changes: Any) -> None:
        number = self.admit()
        assert isinstance(number, int), number
        self.ledger.settle_attempt(number, END, heard(event, **changes))


def test_windows_share_breakers_and_one_of_them_tries(tmp_path: Path) -> None:
    ticks = [0]
    one, other = Window(tmp_path / "ledger.db", ticks), Window(tmp_path / "ledger.db", ticks)
    one.call("unreachable")
    denied = other.admit()
    assert isinstance(denied, Paused)
    assert denied.left_s == 15
    ticks[0] = COOLDOWN_US
    trying = other.admit()
    assert isinstance(trying, int)
    second = one.admit()
    assert isinstance(second, Paused)
    assert second.left_s == 0
    other.ledger.settle_attempt(trying, END, heard("answered"))
    assert isinstance(one.admit(), int)
    assert one.ledger.breakers() == {}
    for window in (one, other):
        window.ledger.close()


def test_a_try_that_is_cancelled_or_never_ends_lets_another_try(tmp_path: Path) -> None:
    ticks = [0]
    one = Window(tmp_path / "ledger.db", ticks)
    one.call("unreachable")
    ticks[0] = COOLDOWN_US
    trying = one.admit()
    assert isinstance(trying, int)
    one.ledger.settle_attempt(trying, END, heard("left"))
    assert isinstance(one.admit(), int)
    ticks[0] += 61 * SECOND
    assert isinstance(one.admit(), int)
    one.ledger.close()


def test_forgetting_lets_be_asked_again(tmp_path: Path) -> None:
    one = Window(tmp_path / "ledger.db", [0])
    one.call("shut")
    assert isinstance(one.admit(), Paused)
    assert isinstance(one.admit("f2"), int)
    one.ledger.forget_breakers([TARGET])
    assert isinstance(one.admit(), int)
    one.ledger.close()


def test_a_damaged_breaker_is_none(tmp_path: Path) -> None:
    path = tmp_path / "ledger.db"
    one = Window(path, [0])
    one.call("shut")
    database = Database(path, "normal")
    with database.write() as connection:
        connection.execute("UPDATE breakers SET body = 'rubbish'")
    database.close()
    assert isinstance(one.admit(), int)
    assert one.ledger.breakers() == {}
    one.ledger.close()
