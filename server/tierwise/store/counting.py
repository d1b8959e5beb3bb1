"""Rows of one table added up, a whole group at a time and column by column. Pure."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from operator import itemgetter
from typing import Any

from tierwise.store.checksums import Row
from tierwise.store.tables import ACTIONS, ATTEMPTS, FATES, HITS
from tierwise.store.tallies import Histogram, Tally, bucket

COMPARED = "compared"
"""The outcome of an answer that was asked for only to compare it with another one."""
_ANSWERED = frozenset(("accepted", "rejected", COMPARED))
SAVED = "saved"
"""Under this name a tally of answers from the cache keeps their money."""
Rows = Sequence[Row]
_Getter = Callable[[Row], Any]


def outcome_of(row: Row) -> str:
    """How a call ended; an answer nobody was offered neither passed nor failed, whatever the checks said of it."""
    outcome: str = row[_OUTCOME_PLACE]
    return COMPARED if row[_PLANNED_PLACE] == "tripwire" and outcome in _ANSWERED else outcome


def measured(row: Row) -> Row:
    """A call's row with how it ended and, of an answer, the buckets of its times; for many groups at once."""
    outcome = outcome_of(row)
    if outcome not in _ANSWERED:
        return (*row, outcome, None, None)
    first_us = _first_token(row)
    return (*row, outcome, bucket(_duration(row)), None if first_us is None else bucket(first_us))


def tally_calls(rows: Rows) -> Tally:
    """Calls of models; the rows are `measured`."""
    ended = [row for row in rows if _outcome(row) != "running"]
    counted = [row for row in ended if _input(row) is not None]
    accepted = [row for row in counted if _outcome(row) == "accepted"]
    tally = Tally(
        outcomes=_count(map(_outcome, rows)),
        escalations=_count(_reason(row) for row in rows if _planned(row) == "escalated"),
        fallbacks=_count(_reason(row) for row in rows if _planned(row) == "fallback"),
        input_tokens=_total(_input, counted),
        output_tokens=_total(_output, counted),
        cached_tokens=_total(_cached, counted),
        reasoning_tokens=_total(_reasoning, counted),
        accepted_input_tokens=_total(_input, accepted),
        accepted_output_tokens=_total(_output, accepted),
        prompt_files=_total(_files, rows),
        n_unknown_tokens=len(ended) - len(counted),
        n_clock_behind=_total(_clock_behind, rows),
    )
    tally.n_unknown_accepted = tally.outcomes.get("accepted", 0) - len(accepted)
    _add_money(tally, ended)
    _add_times(tally, rows)
    return tally


def _add_money(tally: Tally, ended: Rows) -> None:
    known = [row for row in ended if _cost(row) is not None]
    tally.n_unknown_cost = len(ended) - len(known)
    tally.estimated_pico_usd = _total(_cost, [row for row in known if _is_estimated(row)])
    for row in known:
        tally.spend[_planned(row)] = tally.spend.get(_planned(row), 0) + _cost(row)


def _add_times(tally: Tally, rows: Rows) -> None:
    answered = [row for row in rows if _duration_bucket(row) is not None]
    begun = [row for row in answered if _first_bucket(row) is not None]
    timed = [row for row in begun if _output(row) is not None and _first_token(row) < _duration(row)]
    tally.durations = Histogram(list(map(_duration_bucket, answered)))
    tally.first_tokens = Histogram(list(map(_first_bucket, begun)))
    tally.timed_tokens = _total(_output, timed)
    tally.timed_us = _total(_duration, timed) - _total(_first_token, timed)


def _tally_clicks(rows: Rows) -> Tally:
    return Tally(outcomes=_count(map(_click_outcome, rows)))


def _tally_hits(rows: Rows) -> Tally:
    known = [row for row in rows if _saved(row) is not None]
    counted = [row for row in rows if _hit_input(row) is not None]
    return Tally(
        outcomes=_count(map(_kind, rows)),
        spend={SAVED: _total(_saved, known)} if known else {},
        n_unknown_cost=len(rows) - len(known),
        input_tokens=_total(_hit_input, counted),
        output_tokens=_total(_hit_output, counted),
        n_unknown_tokens=len(rows) - len(counted),
    )


def _tally_fates(rows: Rows) -> Tally:
    return Tally(outcomes=_count(map(_fate, rows)))


def _count(values: Iterable[Any]) -> dict[Any, int]:
    return dict(Counter(values))


def _total(column: _Getter, rows: Rows) -> int:
    return sum(map(column, rows))


TALLIED: Mapping[str, Callable[[Rows], Tally]] = {
    ACTIONS.name: _tally_clicks,
    ATTEMPTS.name: tally_calls,
    HITS.name: _tally_hits,
    FATES.name: _tally_fates,
}
"""What adds up sound rows of a table, by its name; calls are `measured` before."""

_OUTCOME_PLACE, _PLANNED_PLACE = ATTEMPTS.columns.index("outcome"), ATTEMPTS.columns.index("planned")
_clock_behind, _planned, _reason, _files, _input, _output, _cached, _reasoning, _is_estimated, _first_token = (
    itemgetter(ATTEMPTS.columns.index(name))
    for name in (
        "is_clock_behind",
        "planned",
        "reason_code",
        "prompt_files",
        "input_tokens",
        "output_tokens",
        "cached_tokens",
        "reasoning_tokens",
        "is_usage_estimated",
        "first_token_us",
    )
)
_duration, _cost = (itemgetter(ATTEMPTS.columns.index(name)) for name in ("duration_us", "cost_pico_usd"))
# What `measured` adds stands behind the checksum.
_outcome, _duration_bucket, _first_bucket = itemgetter(-3), itemgetter(-2), itemgetter(-1)
_click_outcome = itemgetter(ACTIONS.columns.index("outcome"))
_kind, _hit_input, _hit_output, _saved = (
    itemgetter(HITS.columns.index(name)) for name in ("kind", "input_tokens", "output_tokens", "saved_pico_usd")
)
_fate = itemgetter(FATES.columns.index("fate"))
