"""How one row of each table counts in a tally. Pure."""

from collections.abc import Callable, Mapping

from tierwise.store.checksums import Row
from tierwise.store.tables import ACTIONS, ATTEMPTS, FATES, HITS
from tierwise.store.tallies import Tally, bucket

COMPARED = "compared"
"""The outcome of an answer that was asked for only to compare it with another one."""
_ANSWERED = ("accepted", "rejected", COMPARED)
SAVED = "saved"
"""Under this name a tally of answers from the cache keeps their money."""


def count_attempt(tally: Tally, row: Row) -> None:
    """Add a call of a model."""
    outcome, planned, cost = outcome_of(row), row[_PLANNED], row[_COST]
    tally.outcomes[outcome] += 1
    tally.n_clock_behind += row[_CLOCK_BEHIND]
    tally.prompt_files += row[_FILES]
    if planned == "escalated":
        tally.escalations[row[_REASON]] += 1
    elif planned == "fallback":
        tally.fallbacks[row[_REASON]] += 1
    if outcome != "running":
        _add_cost(tally, planned, cost, row[_IS_ESTIMATED])
        _add_tokens(tally, row, is_accepted=outcome == "accepted")
    if outcome in _ANSWERED:
        _add_latency(tally, row[_DURATION], row[_FIRST_TOKEN], row[_OUTPUT])


def outcome_of(row: Row) -> str:
    """How a call ended; an answer nobody was offered neither passed nor failed, whatever the checks said of it."""
    outcome: str = row[_OUTCOME]
    return COMPARED if row[_PLANNED] == "tripwire" and outcome in _ANSWERED else outcome


def _add_cost(tally: Tally, planned: str, cost: int | None, is_estimated: int) -> None:
    if cost is None:
        tally.n_unknown_cost += 1
        return
    tally.spend[planned] += cost
    if is_estimated:
        tally.estimated_pico_usd += cost


def _add_tokens(tally: Tally, row: Row, *, is_accepted: bool) -> None:
    n_input, n_output = row[_INPUT], row[_OUTPUT]
    if n_input is None:
        tally.n_unknown_tokens += 1
        tally.n_unknown_accepted += is_accepted
        return
    tally.input_tokens += n_input
    tally.output_tokens += n_output
    tally.cached_tokens += row[_CACHED]
    tally.reasoning_tokens += row[_REASONING]
    if is_accepted:
        tally.accepted_input_tokens += n_input
        tally.accepted_output_tokens += n_output


def _add_latency(tally: Tally, duration_us: int, first_token_us: int | None, output_tokens: int | None) -> None:
    tally.durations[bucket(duration_us)] += 1
    if first_token_us is None:
        return
    tally.first_tokens[bucket(first_token_us)] += 1
    if output_tokens is not None and first_token_us < duration_us:
        tally.timed_tokens += output_tokens
        tally.timed_us += duration_us - first_token_us


def _count_action(tally: Tally, row: Row) -> None:
    tally.outcomes[row[_ACTION_OUTCOME]] += 1


def _count_hit(tally: Tally, row: Row) -> None:
    tally.outcomes[row[_KIND]] += 1
    if row[_SAVED] is None:
        tally.n_unknown_cost += 1
    else:
        tally.spend[SAVED] += row[_SAVED]
    if row[_HIT_INPUT] is None:
        tally.n_unknown_tokens += 1
    else:
        tally.input_tokens += row[_HIT_INPUT]
        tally.output_tokens += row[_HIT_OUTPUT]


def _count_fate(tally: Tally, row: Row) -> None:
    tally.outcomes[row[_FATE]] += 1


COUNTED: Mapping[str, Callable[[Tally, Row], None]] = {
    ACTIONS.name: _count_action,
    ATTEMPTS.name: count_attempt,
    HITS.name: _count_hit,
    FATES.name: _count_fate,
}
"""What adds a sound row of a table, by its name."""

_ACTION_OUTCOME = ACTIONS.columns.index("outcome")
_CLOCK_BEHIND, _PLANNED, _REASON, _FILES, _OUTCOME = map(
    ATTEMPTS.columns.index, ("is_clock_behind", "planned", "reason_code", "prompt_files", "outcome")
)
_INPUT, _OUTPUT, _CACHED, _REASONING, _IS_ESTIMATED, _FIRST_TOKEN, _DURATION, _COST = map(
    ATTEMPTS.columns.index,
    (
        "input_tokens",
        "output_tokens",
        "cached_tokens",
        "reasoning_tokens",
        "is_usage_estimated",
        "first_token_us",
        "duration_us",
        "cost_pico_usd",
    ),
)
_KIND, _HIT_INPUT, _HIT_OUTPUT, _SAVED = map(
    HITS.columns.index, ("kind", "input_tokens", "output_tokens", "saved_pico_usd")
)
_FATE = FATES.columns.index("fate")
