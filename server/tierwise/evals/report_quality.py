"""The report's parts on quality: cells, the tripwire, latency, reasons, the cache, clicks. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from itertools import islice
from typing import Any

from tierwise.evals.intervals import Interval, wilson
from tierwise.evals.report_charts import color_of
from tierwise.evals.report_findings import Findings
from tierwise.evals.report_markup import (
    NOTHING,
    count,
    figure,
    folded,
    key,
    name,
    paragraph,
    percent,
    rate,
    seconds,
    section,
    spent,
    table,
    text,
)
from tierwise.routing.money import format_money
from tierwise.store.stats import Grouped, GroupStats, Stats
from tierwise.store.sums import BETWEEN

_MAX_ROWS = 50
_MOST_CELLS = 200
_AT_ONCE = 16
"""Cells that are shown unfolded."""
_STATES = {"alert": "bad", "raised": "bad", "watching": "good", "learning": "", "off": ""}


def quality(findings: Findings) -> str:
    """How many edits pass and stand, for each action in each language by each model."""
    raised = {
        (one["action"], one["language"], one["model"]) for one in findings.tripwire["cells"] if one["state"] == "raised"
    }
    found = sorted(findings.cells.groups.items(), key=lambda item: -_n_judged(item[1]))
    rows = [_cell(cell, group, raised) for cell, group in islice(found, _MOST_CELLS)]
    heads = (" action", " language", " model", "checked", "passed", "followed", "kept", "spent")
    if not rows:
        return section("cells", "Quality by action, language and model", paragraph("no edits yet", "faint"))
    words = "Shares with the 95 % interval their number allows (Wilson). Few edits make wide intervals: compare those."
    return section(
        "cells", "Quality by action, language and model", paragraph(words, "faint"),
        table("Pass rate and kept rate by action, language and model", heads, rows[:_AT_ONCE]),
        _rest(heads, rows[_AT_ONCE:]),
        _more(len(found), "cell", _MOST_CELLS),
    )  # fmt: skip


def _rest(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    return folded(f"{len(rows):,} cells with fewer edits", table("Further cells", heads, rows)) if rows else ""


def _n_judged(group: GroupStats) -> int:
    return group.calls.n_accepted + group.calls.n_rejected


def _cell(cell: str, group: GroupStats, raised: set[tuple[str, str, str]]) -> tuple[str, ...]:
    action, language, model = [*cell.split(BETWEEN, 2), "", ""][:3]
    badge = ' <span class="badge bad">raised</span>' if (action, language, model) in raised else ""
    calls, fates = group.calls, group.fates
    return (
        name(action),
        name(language),
        name(model) + badge,
        count(_n_judged(group)),
        rate(_interval(calls.n_accepted, _n_judged(group))),
        count(fates.n_followed),
        rate(_interval(fates.n_kept, fates.n_followed)),
        spent(calls),
    )


def _interval(n_good: int, n: int) -> Interval | None:
    return wilson(n_good, n) if n else None


def _more(n: int, by: str, shown: int = _MAX_ROWS) -> str:
    words = f"{n - shown:,} more; tierwise stats --by {by} lists them all"
    return paragraph(words, "faint") if shown < n else ""


def alarms(findings: Findings) -> str:
    """How the tripwire stands."""
    found = findings.tripwire
    state = found["state"]
    badge = f'<span class="badge {_STATES.get(state, "")}">{text(state)}</span>'
    if found["judge"] is None:
        words = "tripwire.judge names no model, so nothing tells whether cheap models are still as good as they were."
        return section("tripwire", "Tripwire", f"<p>{badge} {text(words)}</p>")
    said = f"Accepted edits of cheap models are repeated by {found['judge']} and compared as programs."
    rows = [_watched(cell) for cell in found["cells"][:_MAX_ROWS]]
    heads = (" action", " language", " model", " state", "disagreed before", "disagrees now", "compared")
    cells = table("Cells the tripwire watches", heads, rows) if rows else paragraph("nothing was compared yet", "faint")
    return section("tripwire", "Tripwire", f"<p>{badge} {text(said)}</p>", cells)


def _watched(cell: Mapping[str, Any]) -> tuple[str, ...]:
    state = cell["state"]
    return (
        name(cell["action"]),
        name(cell["language"]),
        name(cell["model"]),
        f'<span class="badge {_STATES.get(state, "")}">{text(state)}</span>',
        _share_of(cell["usualDisagreement"], cell["usualSamples"]),
        _share_of(cell["lateDisagreement"], cell["lateSamples"]),
        count(cell["compared"]),
    )


def _share_of(share: float | None, n: int) -> str:
    return NOTHING if share is None else f"{share:.0%} <small>of {n:,}</small>"


def latency(findings: Findings, drawn: Mapping[str, Any]) -> str:
    """How long models take."""
    stats = findings.stats
    rows = [(key(tier, color_of(tier)), *_times(calls)) for tier, calls in stats.tiers.items() if calls.n_calls]
    rows += [(name(model), *_times(group.calls)) for model, group in islice(findings.models.groups.items(), _MAX_ROWS)]
    if not rows:
        return ""
    heads = (" tier or model", "calls", "first token", "median", "p95", "tokens/s")
    return section("latency", "Latency", figure("latency", drawn), table("Latency by tier and model", heads, rows))


def _times(calls: Any) -> tuple[str, ...]:
    speed = calls.tokens_per_s
    return (
        count(calls.n_calls),
        seconds(calls.first_token.median_s),
        seconds(calls.duration.median_s),
        seconds(calls.duration.p95_s),
        NOTHING if speed is None else f"{speed:,.0f}",
    )


def reasons(stats: Stats, drawn: Mapping[str, Any]) -> str:
    """Why other models had to be asked."""
    escalated = _by_reason(stats, "escalations", "Calls after a refused edit")
    fell_back = _by_reason(stats, "fallbacks", "Calls after a failed call")
    return section(
        "reasons", "Escalations by reason", figure("reasons", drawn),
        escalated or paragraph("no edit was refused", "faint"),
        fell_back and f"<h3>Fallbacks by reason</h3>\n{fell_back}",
    )  # fmt: skip


def _by_reason(stats: Stats, which: str, caption: str) -> str:
    counts: Mapping[str, int] = getattr(stats.total, which)
    if not counts:
        return ""
    names = [tier for tier, calls in stats.tiers.items() if getattr(calls, which)]
    rows = [
        (name(reason), *(count(getattr(stats.tiers[tier], which).get(reason, 0)) for tier in names), count(n))
        for reason, n in islice(counts.items(), _MAX_ROWS)
    ]
    return table(f"{caption}, by reason and the tier that took over", (" reason", *names, "all"), rows)


def kept_answers(stats: Stats) -> str:
    """What the cache spared, and what became of edits."""
    hits, fates = stats.hits, stats.fates
    n_answers = hits.n_hits + stats.total.n_calls
    unknown = f" + {hits.n_unknown_saved:,} of unknown cost" if hits.n_unknown_saved else ""
    rows = [
        ("answers from the cache", count(hits.n_hits), percent(hits.n_hits / n_answers if n_answers else None)),
        *((f"of them {text(kind)}", count(n), "") for kind, n in hits.by_kind.items()),
        ("money they did not cost again", text(format_money(hits.saved_pico_usd) + unknown), ""),
        ("edits kept as applied", count(fates.n_kept), percent(fates.kept_rate)),
        ("edits changed afterwards", count(fates.n_changed), ""),
        ("edits undone", count(fates.n_undone), ""),
    ]
    return section(
        "cache",
        "Answers used again, edits kept",
        table("The cache, and what became of edits", (" what", "number", "share"), rows),
    )


def clicks(findings: Findings) -> str:
    """The same money by action and language."""
    outcomes = findings.stats.actions.outcomes
    ended = ", ".join(f"{n:,} {outcome}" for outcome, n in outcomes.items())
    return section(
        "clicks", "By action, language and model", paragraph(f"Clicks: {ended}.") if ended else "",
        *(_group(group) for group in (findings.actions, findings.languages, findings.models)),
    )  # fmt: skip


def _group(group: Grouped) -> str:
    if not group.groups:
        return paragraph(f"no {group.by} yet", "faint")
    rows = [(name(value), *_summed(one)) for value, one in islice(group.groups.items(), _MAX_ROWS)]
    heads = (f" {group.by}", "calls", "spent", "passed", "kept", "from cache", "median")
    more = _more(len(group.groups), group.by)
    return table(f"By {group.by}", heads, rows) + more


def _summed(one: GroupStats) -> Iterable[str]:
    calls = one.calls
    return (
        count(calls.n_calls),
        spent(calls),
        percent(calls.pass_rate),
        percent(one.fates.kept_rate),
        count(one.hits.n_hits),
        seconds(calls.duration.median_s),
    )
