"""What the ledger knows of how models did: accepted and rejected edits by action, language, model and size, and times.

Rows are added up by SQLite and their checksums not looked at: a damaged row could move a count by one, and no money
depends on it.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from tierwise.routing.beliefs import MEDIUM_TOKENS, SMALL_TOKENS, OutcomeCount, Size
from tierwise.routing.priors import Pace
from tierwise.store.database import Database
from tierwise.store.sums import DAY_US
from tierwise.store.tables import fetch

MOST_CALLS = 20_000
"""Only so many of the newest calls are looked at; older ones hardly count any more."""
NOT_EDITS = ("scout", "plan", "classify", "embed", "tripwire")
"""Reasons of calls whose answer is no edit that was offered."""
MEASURING = "eval"
"""The client of calls that measure models on cases: these move the choice of models only when the user says so."""
_LEAST_TIMED = 5
_SIZES: tuple[Size, ...] = ("small", "medium", "large")

_OUTCOMES = f"""
SELECT actions.action, actions.language, attempts.backend, attempts.model,
       (attempts.estimated_input_tokens >= {SMALL_TOKENS}) + (attempts.estimated_input_tokens >= {MEDIUM_TOKENS}),
       attempts.started_us / {DAY_US}, sum(attempts.outcome = 'accepted'), sum(attempts.outcome = 'rejected')
FROM attempts JOIN actions ON actions.id = attempts.action
WHERE attempts.id > (SELECT ifnull(max(id), 0) FROM attempts) - {MOST_CALLS}
  AND actions.client <> '{MEASURING}'
  AND attempts.outcome IN ('accepted', 'rejected') AND attempts.reason_code NOT IN ({", ".join("?" * len(NOT_EDITS))})
GROUP BY 1, 2, 3, 4, 5, 6
"""  # noqa: S608 - constants of this module.
_TIMES = f"""
SELECT backend, model, count(*), avg(first_token_us), sum(output_tokens), sum(duration_us - first_token_us)
FROM attempts
WHERE id > (SELECT ifnull(max(id), 0) FROM attempts) - {MOST_CALLS}
  AND outcome IN ('accepted', 'rejected') AND first_token_us < duration_us AND 0 < output_tokens
GROUP BY 1, 2
"""  # noqa: S608 - constants of this module.


@dataclass(frozen=True, slots=True)
class Experience:
    """What was seen of models."""

    outcomes: tuple[OutcomeCount, ...]
    paces: Mapping[str, Pace]
    """By `backend/model`, of those timed often enough."""


def outcome_counts(database: Database, now_us: int) -> Experience:
    """Add up the newest calls; `now_us` is now in microseconds since 1970. Raises LedgerError."""
    with database.read() as connection:
        rows = fetch(connection, _OUTCOMES, NOT_EDITS)
        timed = fetch(connection, _TIMES)
    outcomes = tuple(
        OutcomeCount(
            action=action,
            language=language,
            ref=f"{backend}/{model}",
            size=_SIZES[size],
            n_accepted=accepted,
            n_rejected=rejected,
            age_days=max(0.0, now_us / DAY_US - day),
        )
        for action, language, backend, model, size, day, accepted, rejected in rows
    )
    paces = {
        f"{backend}/{model}": Pace(first_us / 10**6, tokens / (writing_us / 10**6))
        for backend, model, n, first_us, tokens, writing_us in timed
        if _LEAST_TIMED <= n
    }
    return Experience(outcomes, paces)
