"""Rows added up: counts, tokens, money and latencies. Pure, and exact but for latencies.

Tallies of different rows add up to the tally of all of them, so finished parts of the ledger need not be read again.
"""

import struct
import sys
from binascii import a2b_base64, b2a_base64
from bisect import bisect_left
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, fields
from itertools import accumulate, chain, zip_longest
from operator import attrgetter
from typing import Any

_OCTAVE_BITS = 5
"""A latency keeps its first six binary digits, the first of which is always 1: it is off by 1.6 % at most."""
_OCTAVE = 1 << _OCTAVE_BITS
_COUNT_BITS = 32
"""Room for how many latencies fell into one bucket."""
_COUNT_BYTES = _COUNT_BITS // 8
_FEW = 128
"""So many latencies are kept one by one: counting the buckets of so few would take more room and more time."""
Plain = list[Any]
"""A tally as JSON holds it; see `Tally.to_plain`."""


@dataclass(slots=True)
class Histogram:
    """Latencies by their bucket, of many in one number: figures of many names are made of thousands of histograms, and
    Python adds up hundreds of counts in no other way as fast."""

    singles: list[int] = field(default_factory=list)
    """Buckets, one for each latency."""
    counted: int = 0
    """How many more fell into each bucket, each in `_COUNT_BITS` bits of this number, the lowest for bucket 0."""


@dataclass(slots=True)
class Tally:
    """The sum of some rows of one table. Money is in pico-USD; rows whose money is unknown are counted beside it."""

    outcomes: dict[str, int] = field(default_factory=dict)
    """By outcome; answers from the cache by their kind, edits that were applied by their fate."""
    spend: dict[str, int] = field(default_factory=dict)
    """Money by why the model was asked: first, escalated, fallback, forced; of answers from the cache: saved."""
    escalations: dict[str, int] = field(default_factory=dict)
    """Calls after a rejected edit, by the reason's code."""
    fallbacks: dict[str, int] = field(default_factory=dict)
    """Calls after a backend's failure, by the reason's code."""
    durations: Histogram = field(default_factory=Histogram)
    """Of calls that ended in an edit, accepted or rejected."""
    first_tokens: Histogram = field(default_factory=Histogram)
    input_tokens: int = 0
    output_tokens: int = 0
    cached_tokens: int = 0
    reasoning_tokens: int = 0
    accepted_input_tokens: int = 0
    """The part of the tokens that went into accepted edits."""
    accepted_output_tokens: int = 0
    n_unknown_accepted: int = 0
    """Accepted edits whose tokens nobody counted."""
    prompt_files: int = 0
    """Files shown, once for every call that was shown them."""
    estimated_pico_usd: int = 0
    """The part of the money that is our upper bound because the server did not count."""
    n_unknown_cost: int = 0
    n_unknown_tokens: int = 0
    timed_tokens: int = 0
    """Output tokens of calls whose writing time is known."""
    timed_us: int = 0
    """Microseconds from first token to end of those calls."""
    n_clock_behind: int = 0

    @property
    def pico_usd(self) -> int:
        """All the known money."""
        return sum(self.spend.values())

    @property
    def n_rows(self) -> int:
        """How many rows were added up."""
        return sum(self.outcomes.values())

    def to_plain(self) -> Plain:
        """As JSON can hold it: the fields in their order, without zeros at the end."""
        plain = [_packed(value) if isinstance(value, Histogram) else value for value in _values_of(self)]
        while plain and not plain[-1]:
            plain.pop()
        return plain

    @classmethod
    def from_plain(cls, plain: Plain) -> "Tally":
        """Back from JSON that `to_plain` made."""
        values = plain.copy()
        values[_HISTOGRAMS] = map(_histogram, plain[_HISTOGRAMS])
        return cls(*values)


_values_of: Callable[[Tally], Sequence[Any]] = attrgetter(*(entry.name for entry in fields(Tally)))
_COUNTERS, _HISTOGRAMS, _NUMBERS = slice(4), slice(4, 6), slice(6, None)
"""Where a tally's values of each kind stand."""
_NOTHING: Sequence[Any] = _values_of(Tally())


def joined(parts: Iterable[Tally | Plain]) -> Tally:
    """The tally of the rows of all parts, which stay as they are; JSON is not taken apart before it is added up."""
    values = [_values_of(part) if isinstance(part, Tally) else part for part in parts]
    # A column at a time, since figures of many names are made of thousands of parts.
    columns = list(zip_longest(*values, _NOTHING, fillvalue=0))
    together: list[Any] = [*map(_joined_counts, columns[_COUNTERS]), *map(_joined_histogram, columns[_HISTOGRAMS])]
    return Tally(*together, *map(sum, columns[_NUMBERS]))


def _joined_counts(column: Iterable[dict[str, int] | int]) -> dict[str, int]:
    total: dict[str, int] = {}
    for counts in filter(None, column):
        if isinstance(counts, dict):
            for name, number in counts.items():
                total[name] = total.get(name, 0) + number
    return total


def _joined_histogram(column: Iterable[Any]) -> Histogram:
    """Of histograms as they are and as `_packed` made them."""
    singles: list[Iterable[int]] = []
    packed: list[bytes] = []
    counted = 0
    for part in filter(None, column):
        if isinstance(part, str):
            packed.append(a2b_base64(part))
        else:
            histogram = _histogram(part)
            singles.append(histogram.singles)
            counted += histogram.counted
    # What few latencies of many parts there are is read at one go.
    return Histogram([*_unpacked(b"".join(packed)), *chain.from_iterable(singles)], counted)


def _histogram(part: Any) -> Histogram:
    if isinstance(part, Histogram):
        return part
    if isinstance(part, str):
        return Histogram(_unpacked(a2b_base64(part)))
    first, text = part or (0, "")
    return Histogram([], int.from_bytes(a2b_base64(text), "little") << first * _COUNT_BITS)


def bucket(value: int) -> int:
    """The histogram's bucket of a number of microseconds."""
    shift = max(value.bit_length() - _OCTAVE_BITS - 1, 0)
    return (shift << _OCTAVE_BITS) + (value >> shift)


def bucket_middle(number: int) -> int:
    """The number of microseconds that stands for a bucket."""
    shift = max((number >> _OCTAVE_BITS) - 1, 0)
    return (number - (shift << _OCTAVE_BITS) << shift) + ((1 << shift) >> 1)


def quantiles(histogram: Histogram, *percents: int) -> tuple[int | None, ...]:
    """For each percent the smallest latency, in microseconds, that so many of all do not exceed; None of nothing."""
    if not histogram.counted:
        ranked = sorted(histogram.singles)
        if not ranked:
            return (None,) * len(percents)
        return tuple(bucket_middle(ranked[-(-len(ranked) * percent // 100) - 1]) for percent in percents)
    up_to = list(accumulate(_counts(histogram)))
    return tuple(bucket_middle(bisect_left(up_to, -(-up_to[-1] * percent // 100))) for percent in percents)


def _packed(histogram: Histogram) -> str | list[Any]:
    """As JSON can hold it: few latencies one by one, of many how many fell into each bucket from the first one on."""
    if not histogram.counted and len(histogram.singles) <= _FEW:
        singles = sorted(histogram.singles)
        return b2a_base64(struct.pack(f"<{len(singles)}H", *singles), newline=False).decode()
    counts = _counts(histogram)
    first = next(place for place, number in enumerate(counts) if number)
    content = struct.pack(f"<{len(counts) - first}I", *counts[first:])
    return [first, b2a_base64(content, newline=False).decode()]


def _unpacked(content: bytes) -> list[int]:
    if sys.byteorder == "little":
        # Read as it lies there, since figures of many names are made of thousands of parts.
        return memoryview(content).cast("H").tolist()
    return list(struct.unpack(f"<{len(content) // 2}H", content))


def _counts(histogram: Histogram) -> list[int]:
    """How many latencies fell into each bucket, from bucket 0 to the last that is needed."""
    n_counted = -(-histogram.counted.bit_length() // _COUNT_BITS)
    content = histogram.counted.to_bytes(n_counted * _COUNT_BYTES, "little")
    counts = list(struct.unpack(f"<{n_counted}I", content))
    counts += [0] * (max(histogram.singles, default=-1) + 1 - n_counted)
    for where, number in Counter(histogram.singles).items():
        counts[where] += number
    return counts
