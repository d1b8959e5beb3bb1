"""Whether a change keeps a file in proportion."""

from tierwise.checks.base import Accepted, Verdict
from tierwise.text import Rejection

MAX_CHARS = 2**20
_FEW_LINES = 20
_MIN_KEPT = 0.2
_MAX_GROWTH = 6
_MIN_GROWTH = 2
_FREE_LINES = 300


def sane_size(before: str | None, after: str) -> Verdict:
    """Refuse a file that nearly vanishes or grows out of all proportion."""
    if MAX_CHARS < len(after) and len(before or "") < len(after):
        return Rejection("size-changed", f"the new text has {len(after):,} characters, more than {MAX_CHARS:,}")
    if before is None:
        return Accepted()
    n_before, n_after = _count(before), _count(after)
    # Formatters may spread one line over a hundred and join them again, so the characters must tell the same.
    n_chars_before, n_chars_after = len("".join(before.split())), len("".join(after.split()))
    if _FEW_LINES <= n_before and n_after < n_before * _MIN_KEPT and n_chars_after < n_chars_before * _MIN_KEPT:
        return Rejection("size-changed", f"only {n_after} of {n_before} lines are left; give back the whole text")
    if n_before * _MAX_GROWTH + _FREE_LINES < n_after and n_chars_before * _MIN_GROWTH < n_chars_after:
        return Rejection("size-changed", f"{n_before} lines became {n_after}; keep to what was asked")
    return Accepted()


def _count(text: str) -> int:
    return sum(bool(line.strip()) for line in text.splitlines())
