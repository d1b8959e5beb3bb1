"""Whether a call that failed is made once more, and when. Pure: chance comes in as an argument."""

from random import Random

from tierwise.backends.base import BackendError, FailureKind

LONGEST_WAIT_S = 10.0
"""A server that asks for more time than this is left alone, and the next one is asked."""
_MOST_TRIES = 2
_JITTER_S = {
    FailureKind.REFUSED: 0.2,
    FailureKind.CONNECTION: 0.5,
    FailureKind.RATE_LIMITED: 1.0,
    FailureKind.OVERLOADED: 1.0,
}
"""Failures after which the same call may be made again, since no model has run, and how long to wait at most.
Chance decides below that, so that windows that failed together do not come back together."""
_LEAST_LEFT_S = 0.5


def wait_before_retry(err: BackendError, n_tries: int, left_s: float, chance: Random) -> float | None:
    """Seconds until the call is made again; None: it is not, because that would not help or there is no time."""
    most = _JITTER_S.get(err.kind)
    if most is None or _MOST_TRIES <= n_tries:
        return None
    if err.n_output_chars or err.usage is not None:
        # The model has written something: a second call would be paid for again.
        return None
    wait = chance.uniform(0, most) if err.retry_after_s is None else err.retry_after_s
    is_short = wait <= LONGEST_WAIT_S and wait + _LEAST_LEFT_S <= left_s
    return wait if is_short else None
