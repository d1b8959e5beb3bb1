"""The statistics as tables and sentences for people, and as comma-separated values."""

import csv
import io
from collections.abc import Iterable, Mapping

from rich.table import Table
from rich.text import Text

from tierwise.cli.output import console
from tierwise.evals.headline import headline
from tierwise.evals.savings import Savings, unseen
from tierwise.routing.money import format_money
from tierwise.store.stats import CallStats, Grouped, GroupStats, Stats, ratio

_COLUMNS = ("calls", "in", "out", "spent", "share", "passed", "kept", "hits", "median", "p95", "tokens/s")
_RISKY = ("=", "+", "-", "@", "\t")
"""A cell that begins so is a formula to a spreadsheet."""


def print_stats(found: Stats, groups: Grouped | None = None, savings: Savings | str | None = None) -> None:
    """The headline, a row for each group, and what else should be known; `savings` in words says why there are none."""
    out = console()
    out.print(headline(found), markup=False)
    if groups is not None:
        out.print(_table(groups, found))
    for line in _lines(found, savings):
        out.print(line, markup=False)


def csv_text(groups: Grouped, total: CallStats) -> str:
    """One line a group; money is in whole pico-USD, and what is unknown is empty."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow([groups.by, *_CSV_COLUMNS])
    for name, group in groups.groups.items():
        writer.writerow([_defused(name), *_csv_cells(group, total)])
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
        *(calls.input_tokens, calls.output_tokens, calls.cached_tokens, calls.pico_usd, calls.n_unknown_cost),
        *(ratio(calls.pico_usd, total.pico_usd), calls.pass_rate),
        *(hits.n_hits, hits.saved_pico_usd, fates.n_kept, fates.n_changed, fates.n_undone, fates.kept_rate),
        *(calls.duration.median_s, calls.duration.p95_s, calls.tokens_per_s),
    )


def _defused(name: str) -> str:
    return f"'{name}" if name.startswith(_RISKY) else name


def _table(groups: Grouped, found: Stats) -> Table:
    table = Table(box=None, pad_edge=False)
    table.add_column(groups.by)
    for name in _COLUMNS:
        table.add_column(name, justify="right")
    for name, group in groups.groups.items():
        table.add_row(Text(name or "unknown"), *_cells(group, found.total))
    everything = GroupStats(calls=found.total, hits=found.hits, fates=found.fates)
    table.add_row("all", *_cells(everything, found.total), style="bold")
    return table


def _cells(group: GroupStats, total: CallStats) -> list[str]:
    calls = group.calls
    unknown = f" + {calls.n_unknown_cost} unknown" if calls.n_unknown_cost else ""
    speed = calls.tokens_per_s
    return [
        f"{calls.n_calls:,}",
        f"{calls.input_tokens:,}",
        f"{calls.output_tokens:,}",
        format_money(calls.pico_usd) + unknown,
        _percent(ratio(calls.pico_usd, total.pico_usd)),
        _percent(calls.pass_rate),
        _percent(group.fates.kept_rate),
        f"{group.hits.n_hits:,}",
        _seconds(calls.duration.median_s),
        _seconds(calls.duration.p95_s),
        "–" if speed is None else f"{speed:.0f}",
    ]


def _lines(found: Stats, savings: Savings | str | None) -> Iterable[str]:
    total = found.total
    yield from _counted("escalated", total.escalations)
    yield from _counted("fell back", total.fallbacks)
    yield from _cache(found)
    fates = found.fates
    if fates.n_followed:
        yield (
            f"edits followed after they were applied: {fates.n_followed:,}, "
            f"{_percent(fates.kept_rate)} kept, {fates.n_changed:,} changed, {fates.n_undone:,} undone"
        )
    yield from _unseen(found)
    if savings is not None:
        yield savings if isinstance(savings, str) else _saved(savings)
    if total.n_unknown_cost:
        yield f"the cost of {total.n_unknown_cost:,} calls is unknown and in no figure above"
    yield from _doubts(found)


def _counted(title: str, counts: Mapping[str, int]) -> Iterable[str]:
    if counts:
        yield f"{title}: " + ", ".join(f"{n:,} × {code}" for code, n in counts.items())


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
