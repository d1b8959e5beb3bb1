"""The statistics as tables and sentences for people, and as comma-separated values."""

import csv
import io
from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import islice
from operator import attrgetter

from rich.measure import Measurement
from rich.table import Table
from rich.text import Text

from tierwise.cli.output import console
from tierwise.cli.tables import printable, spent_words, table
from tierwise.evals.headline import headline
from tierwise.evals.savings import Savings, unseen
from tierwise.routing.money import format_money
from tierwise.store.stats import CallStats, Grouped, GroupStats, Stats, ratio

_COLUMNS = ("calls", "of all", "in", "out", "spent", "share", "passed", "kept", "hits", "median", "p95", "tokens/s")
_ANY_WIDTH = 10_000
_N_FIRST = 5
"""So many of them stand in the first of two tables."""
_COLORS = {"local": "green", "bulk": "blue", "top": "yellow"}
_UNITS = ((10**9, 10**9, "G"), (10**6, 10**6, "M"), (10**4, 10**3, "k"))
"""From which number on, divided by what, a number is shortened."""
_MOST_REASONS = 10
_ESCALATED: Callable[[CallStats], Mapping[str, int]] = attrgetter("escalations")
_FELL_BACK: Callable[[CallStats], Mapping[str, int]] = attrgetter("fallbacks")
_RISKY = ("=", "+", "-", "@", "\t")
"""A cell that begins so is a formula to a spreadsheet."""


def print_stats(found: Stats, groups: Grouped | None = None, savings: Savings | str | None = None) -> None:
    """The headline, a row for each group, and what else should be known; `savings` in words says why there are none."""
    out = console()
    out.print(headline(found), markup=False)
    if groups is not None:
        for one in (
            *_tables(groups, found),
            *_reasons("escalated", _ESCALATED, found),
            *_reasons("fell back", _FELL_BACK, found),
        ):
            out.print(one, "")
    for line in _lines(found, savings):
        out.print(line, markup=False)


def csv_text(groups: Grouped, total: CallStats) -> str:
    """One line a group; money is in whole pico-USD, and what is unknown is empty."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow([groups.by, *_CSV_COLUMNS])
    for name, group in groups.groups.items():
        writer.writerow([defused(name), *_csv_cells(group, total)])
    return text.getvalue()


_CSV_COLUMNS = (
    *("calls", "accepted", "rejected", "failed", "cancelled", "escalated", "fell_back"),
    *("input_tokens", "output_tokens", "cached_tokens", "pico_usd", "unknown_cost_calls", "share_of_spend"),
    *("pass_rate", "cache_hits", "saved_pico_usd", "kept", "changed", "undone", "kept_rate"),
    *("median_s", "p95_s", "tokens_per_s"),
)


def _csv_cells(group: GroupStats, total: CallStats) -> tuple[float | int | None, ...]:
    calls, hits, fates = group.calls, group.hits, group.fates
    return (
        *(calls.n_calls, calls.n_accepted, calls.n_rejected, calls.n_failed, calls.n_cancelled),
        *(sum(calls.escalations.values()), sum(calls.fallbacks.values())),
        *(calls.input_tokens, calls.output_tokens, calls.cached_tokens),
        *(None if calls.is_cost_unknown else calls.pico_usd, calls.n_unknown_cost),
        *(None if calls.is_cost_unknown else ratio(calls.pico_usd, total.pico_usd), calls.pass_rate),
        *(hits.n_hits, hits.saved_pico_usd, fates.n_kept, fates.n_changed, fates.n_undone, fates.kept_rate),
        *(calls.duration.median_s, calls.duration.p95_s, calls.tokens_per_s),
    )


def defused(name: str) -> str:
    """A name that no spreadsheet takes for a formula."""
    return f"'{name}" if name.startswith(_RISKY) else name


def _tables(groups: Grouped, found: Stats) -> Iterable[Table]:
    """One table, or two beside whose names the columns are divided, where a terminal is too narrow for one."""
    rows = [(printable(name) or "unknown", _cells(group, found.total)) for name, group in groups.groups.items()]
    everything = GroupStats(calls=found.total, hits=found.hits, fates=found.fates)
    rows.append(("all", _cells(everything, found.total)))
    whole = _table(groups.by, rows, slice(None))
    out = console()
    if Measurement.get(out, out.options.update(max_width=_ANY_WIDTH), whole).maximum <= out.width:
        return [whole]
    return [_table(groups.by, rows, slice(_N_FIRST)), _table(groups.by, rows, slice(_N_FIRST, None))]


def _table(by: str, rows: Sequence[tuple[str, tuple[str, ...]]], columns: slice) -> Table:
    made = table(by, *_COLUMNS[columns])
    for name, cells in rows[:-1]:
        made.add_row(Text(name, _COLORS.get(name, "")), *cells[columns])
    name, cells = rows[-1]
    made.add_row(name, *cells[columns], style="bold")
    return made


def _cells(group: GroupStats, total: CallStats) -> tuple[str, ...]:
    calls = group.calls
    speed = calls.tokens_per_s
    return (
        f"{calls.n_calls:,}",
        _percent(ratio(calls.n_calls, total.n_calls)),
        _count(calls.input_tokens),
        _count(calls.output_tokens),
        spent_words(calls),
        _percent(None if calls.is_cost_unknown else ratio(calls.pico_usd, total.pico_usd)),
        _percent(calls.pass_rate),
        _percent(group.fates.kept_rate),
        f"{group.hits.n_hits:,}",
        _seconds(calls.duration.median_s),
        _seconds(calls.duration.p95_s),
        "–" if speed is None else f"{speed:.0f}",
    )


def _count(n: int) -> str:
    """A number for a narrow column; `--json` has it to the last digit."""
    return next((f"{n / by:.3g} {unit}" for least, by, unit in _UNITS if least <= n), f"{n:,}")


def _reasons(title: str, of: Callable[[CallStats], Mapping[str, int]], found: Stats) -> Iterable[Table]:
    """Why another model was asked, by the tier that took over."""
    reasons = of(found.total)
    if not reasons:
        return
    tiers = [name for name, calls in found.tiers.items() if of(calls)]
    made = table(title, *tiers, "all")
    for reason, n_calls in islice(reasons.items(), _MOST_REASONS):
        made.add_row(
            Text(printable(reason)), *(f"{of(found.tiers[tier]).get(reason, 0):,}" for tier in tiers), f"{n_calls:,}"
        )
    others = list(reasons.values())[_MOST_REASONS:]
    if others:
        made.add_row(f"{len(others)} more", *("" for _ in tiers), f"{sum(others):,}")
    yield made


def _lines(found: Stats, savings: Savings | str | None) -> Iterable[str]:
    total = found.total
    yield from _cache(found)
    fates = found.fates
    if fates.n_followed:
        yield (
            f"edits followed after they were applied: {fates.n_followed:,}, "
            f"{_percent(fates.kept_rate)} kept, {fates.n_changed:,} changed, {fates.n_undone:,} undone"
        )
    yield from _unseen(found)
    if isinstance(savings, str):
        yield savings
    elif savings is not None and (savings.baseline_pico_usd or savings.spent_pico_usd):
        yield _saved(savings)
    if total.n_unknown_cost:
        yield f"the cost of {_calls(total.n_unknown_cost)} is unknown and in no figure above"
    if total.estimated_pico_usd:
        yield f"{format_money(total.estimated_pico_usd)} of it is an upper bound, since a server did not count"
    yield from _doubts(found)


def _calls(n: int) -> str:
    return f"{n:,} call" if n == 1 else f"{n:,} calls"


def _cache(found: Stats) -> Iterable[str]:
    hits = found.hits
    if not hits.n_hits:
        return
    kinds = ", ".join(f"{n:,} {kind}" for kind, n in hits.by_kind.items())
    unknown = f", {hits.n_unknown_saved:,} of unknown cost" if hits.n_unknown_saved else ""
    # Whatever else a click needed, an answer from the cache stands for one call that was not made.
    rate = ratio(hits.n_hits, hits.n_hits + found.total.n_calls)
    yield (
        f"cache: {hits.n_hits:,} hits ({kinds}), {_percent(rate)} of all answers, "
        f"{format_money(hits.saved_pico_usd)} not spent again{unknown}"
    )


def _unseen(found: Stats) -> Iterable[str]:
    context = unseen(found)
    if context.share is not None:
        yield (
            f"context the top tier never saw: {context.share:.0%}; it was sent {context.n_top_tokens:,} of "
            f"{context.n_tokens:,} tokens and {context.n_top_files:,} of {context.n_files:,} files"
        )


def _saved(savings: Savings) -> str:
    before, spent = format_money(savings.baseline_pico_usd), format_money(savings.spent_pico_usd)
    unknown = f"; {savings.n_unknown:,} uncounted calls are in neither" if savings.n_unknown else ""
    share = savings.saved_share
    if share is None:
        return f"beside {savings.baseline!r} for everything: {spent} instead of {before}{unknown}"
    word = "less" if 0 <= share else "more"
    return f"beside {savings.baseline!r} for everything: {spent} instead of {before}, {abs(share):.0%} {word}{unknown}"


def _doubts(found: Stats) -> Iterable[str]:
    """What is wrong with the ledger itself."""
    if found.n_damaged_rows:
        yield (
            f"{found.n_damaged_rows:,} rows of the ledger are damaged and in no figure above; check the disk it lies on"
        )
    if found.n_lost_rows:
        yield f"{found.n_lost_rows:,} calls were lost when a damaged ledger was replaced and are in no figure above"
    if found.n_clock_behind:
        yield f"the clock was set back before {found.n_clock_behind:,} of the calls, so their days may be wrong"
    yield from found.notices


def _percent(value: float | None) -> str:
    return "–" if value is None else f"{value:.0%}"


def _seconds(value: float | None) -> str:
    return "–" if value is None else f"{value:.1f} s"
