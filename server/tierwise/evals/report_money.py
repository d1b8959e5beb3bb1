"""The report's parts on money: cards, the top tier's share, days, tiers, savings. Pure."""

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from tierwise.evals.headline import TARGET_SHARE, WORDS
from tierwise.evals.report_charts import GUIDE, color_of
from tierwise.evals.report_findings import Findings
from tierwise.evals.report_markup import (
    NOTHING,
    bar,
    calls_words,
    count,
    figure,
    folded,
    key,
    paragraph,
    percent,
    seconds,
    section,
    spent,
    table,
    text,
)
from tierwise.evals.savings import Savings, unseen
from tierwise.routing.money import format_money
from tierwise.routing.tiers import Tier
from tierwise.store.stats import PLANNED, CallStats, DayStats, Stats, ratio

_FEW_DAYS = 10
_GUIDED = (
    f"As a guide, dispatching that works leaves {GUIDE[Tier.TOP]:.0%} of the calls to the top tier,"
    f" {GUIDE[Tier.BULK]:.0%} to bulk models and {GUIDE[Tier.LOCAL]:.0%} to the local one."
)
_SPLIT = ("first", "escalated", "fallback", "forced")
_WHY = {
    "first": "the first choice for the work",
    "escalated": "a cheaper model's edit was refused",
    "fallback": "a server could not be reached",
    "forced": "you asked for this tier",
}


def cards(findings: Findings) -> str:
    """The figures that matter most."""
    stats = findings.stats
    total, share = stats.total, stats.top_share
    limit = f"of the money; good is {TARGET_SHARE:.0%} or less"
    is_over = share is not None and TARGET_SHARE < share
    shown = [
        _card("Spent", spent(total), calls_words(total.n_calls)),
        _card("Top tier", percent(share), limit, "bad" if is_over else "good" if share is not None else ""),
        _saved_card(findings.savings),
        _card("Passed", percent(total.pass_rate), f"of {count(total.n_accepted + total.n_rejected)} edits checked"),
        _card("Kept", percent(stats.fates.kept_rate), f"of {count(stats.fates.n_followed)} edits followed"),
        _card(
            "Not paid again", text(format_money(stats.hits.saved_pico_usd)), f"{count(stats.hits.n_hits)} cache hits"
        ),
    ]
    return f'<dl class="cards">\n{"".join(shown)}</dl>'


def _card(title: str, figure_: str, words: str, style: str = "") -> str:
    return (
        f'<div class="card {style}"><dt>{text(title)}</dt><dd class="big">{figure_}</dd><dd>{text(words)}</dd></div>\n'
    )


def _saved_card(savings: Savings | str) -> str:
    if isinstance(savings, str) or savings.saved_share is None:
        return _card(
            "Saved", NOTHING, "no model to compare with" if isinstance(savings, str) else "nothing was done yet"
        )
    is_more = savings.saved_pico_usd < 0
    than = f"{abs(savings.saved_share):.0%} {'more' if is_more else 'less'} than {savings.baseline} for everything"
    return _card("Spent more" if is_more else "Saved", text(format_money(abs(savings.saved_pico_usd))), than)


def caveats(stats: Stats) -> str:
    """What the figures do not hold."""
    sentences = list(_caveats(stats))
    if not sentences:
        return ""
    items = "".join(f"<li>{text(sentence)}</li>" for sentence in sentences)
    return f'<ul class="notes" aria-label="What the figures do not hold">{items}</ul>'


def _caveats(stats: Stats) -> Iterable[str]:
    total = stats.total
    if total.n_unknown_cost:
        yield f"the cost of {calls_words(total.n_unknown_cost)} is unknown and in no figure"
    if total.estimated_pico_usd:
        yield f"{format_money(total.estimated_pico_usd)} of it is an upper bound, since a server did not count"
    if total.n_running:
        yield f"{calls_words(total.n_running)} under way"
    if stats.n_damaged_rows or stats.n_lost_rows:
        yield f"{stats.n_damaged_rows:,} rows of the ledger are damaged and {stats.n_lost_rows:,} are lost"
    if stats.n_clock_behind:
        yield f"the clock was set back before {calls_words(stats.n_clock_behind)}, so their days may be wrong"
    yield from stats.notices


def top_share(stats: Stats) -> str:
    """The headline drawn: why the top tier was paid, beside the part it should have."""
    share = stats.top_share
    if share is None:
        return ""
    whole, planned = stats.total.pico_usd, stats.top.pico_usd_by_planned
    parts = [(f"top why-{why}", ratio(planned.get(why, 0), whole) or 0) for why in _SPLIT]
    words = f"top tier {share:.0%} of the money, mark at {TARGET_SHARE:.0%}"
    rows = [
        (
            f'<span class="key top why-{why}" aria-hidden="true"></span>{text(WORDS.get(why, why))}',
            text(_WHY[why]),
            text(format_money(planned.get(why, 0))),
            percent(ratio(planned.get(why, 0), stats.top.pico_usd)),
            percent(ratio(planned.get(why, 0), whole)),
        )
        for why in _SPLIT
    ]
    foot = (
        "all",
        "",
        text(format_money(stats.top.pico_usd)),
        percent(1.0 if stats.top.pico_usd else None),
        percent(share),
    )
    heads = (" reason", " because", "spent", "of the top tier", "of all money")
    return section(
        "top",
        "Why the top tier was paid",
        bar(parts, words, mark=TARGET_SHARE),
        f'<p class="scale faint" aria-hidden="true"><span style="left:{TARGET_SHARE:.2%}">{TARGET_SHARE:.0%}</span>'
        "<span>0%</span><span>100%</span></p>",
        table("The top tier's money by reason", heads, rows, foot),
    )


def days(stats: Stats, drawn: Mapping[str, Any]) -> str:
    """Money over time."""
    by_day: dict[date, list[DayStats]] = {}
    for one in stats.days:
        by_day.setdefault(one.day, []).append(one)
    names = list(dict.fromkeys(one.tier for one in sorted(stats.days, key=lambda one: _place(stats, one.tier))))
    rows = [(day.isoformat(), *(_day_cells(by_tier, names))) for day, by_tier in sorted(by_day.items(), reverse=True)]
    heads = (" day", "calls", "accepted", "rejected", *names, "spent")
    figures = table("Money and calls by day, newest first", heads, rows) if rows else paragraph("no calls", "faint")
    inside = folded(f"Figures of {len(rows)} days", figures) if _FEW_DAYS < len(rows) else figures
    return section("days", "Over time", figure("by-day", drawn), inside)


def _day_cells(of_day: list[DayStats], names: list[str]) -> Iterable[str]:
    by_tier = {one.tier: one for one in of_day}
    yield from (
        count(sum(getattr(one, figure) for one in of_day)) for figure in ("n_calls", "n_accepted", "n_rejected")
    )
    for tier in names:
        yield text(format_money(by_tier[tier].pico_usd)) if tier in by_tier else NOTHING
    n_unknown = sum(one.n_unknown_cost for one in of_day)
    more = f' <span class="unknown">+ {n_unknown:,} unknown</span>' if n_unknown else ""
    yield text(format_money(sum(one.pico_usd for one in of_day))) + more


def _place(stats: Stats, tier: str) -> int:
    return list(stats.tiers).index(tier) if tier in stats.tiers else len(stats.tiers)


def tiers(stats: Stats, drawn: Mapping[str, Any]) -> str:
    """Calls, tokens and money by tier, beside the article's 10/50/40."""
    heads = (
        " tier", "calls", "of all", "guide", "tokens in", "tokens out", "spent", "share", "accepted", "rejected",
        "failed", "passed", "median", "p95", "tokens/s",
    )  # fmt: skip
    guides = {str(tier): share for tier, share in GUIDE.items()}
    rows = [
        (key(name, color_of(name)), *_figures(calls, stats.total, percent(guides.get(name))))
        for name, calls in stats.tiers.items()
    ]
    foot = ("all", *_figures(stats.total, stats.total, ""))
    context = unseen(stats)
    words = (
        f"The top tier never saw {context.share:.0%} of the context: it was sent {context.n_top_tokens:,} of "
        f"{context.n_tokens:,} tokens and {context.n_top_files:,} of {context.n_files:,} files."
        if context.share is not None
        else ""
    )
    return section(
        "tiers", "By tier", figure("by-tier", drawn), paragraph(_GUIDED, "faint"),
        table("Calls, tokens and money by tier", heads, rows, foot),
        paragraph(words) if words else "",
        folded("Why each tier was asked", _planned(stats)),
    )  # fmt: skip


def _figures(calls: CallStats, total: CallStats, guide: str) -> tuple[str, ...]:
    speed = calls.tokens_per_s
    return (
        count(calls.n_calls),
        percent(ratio(calls.n_calls, total.n_calls)),
        guide,
        count(calls.input_tokens),
        count(calls.output_tokens),
        spent(calls),
        percent(None if calls.is_cost_unknown else ratio(calls.pico_usd, total.pico_usd)),
        count(calls.n_accepted),
        count(calls.n_rejected),
        count(calls.n_failed),
        percent(calls.pass_rate),
        seconds(calls.duration.median_s),
        seconds(calls.duration.p95_s),
        NOTHING if speed is None else f"{speed:,.0f}",
    )


def _planned(stats: Stats) -> str:
    rows = [(key(name, color_of(name)), *_by_planned(calls)) for name, calls in stats.tiers.items()]
    heads = (" tier", *(WORDS.get(why, why) for why in PLANNED))
    return table("Money by why a model was asked", heads, rows, ("all", *_by_planned(stats.total)))


def _by_planned(calls: CallStats) -> tuple[str, ...]:
    return tuple(text(format_money(calls.pico_usd_by_planned.get(planned, 0))) for planned in PLANNED)


def saved(findings: Findings) -> str:
    """The bill beside that of one model for everything."""
    savings = findings.savings
    if isinstance(savings, str):
        return section("saved", "What was saved", paragraph(savings))
    most = max(savings.baseline_pico_usd, savings.spent_pico_usd)
    if not most:
        return section("saved", "What was saved", paragraph("nothing was spent, and nothing would have been", "faint"))
    rows = [
        _saved_row("as it was dispatched", savings.spent_pico_usd, most, "bulk"),
        _saved_row(f"{savings.baseline} for everything", savings.baseline_pico_usd, most, "top"),
    ]
    words = (
        "The baseline is taken to succeed at once, with the tokens of the calls whose edits were accepted, and without "
        "a cache of answers; what was spent counts every call, refused and failed ones too."
    )
    if savings.n_unknown:
        words += f" {savings.n_unknown:,} edits and calls nobody counted are in neither figure."
    return section(
        "saved",
        "What was saved",
        table("Money with and without dispatching", (" bill", "", "money"), rows),
        paragraph(words, "faint"),
    )


def _saved_row(words: str, pico_usd: int, most: int, color: str) -> tuple[str, ...]:
    drawn = (
        f'<div class="bar" aria-hidden="true"><span class="{color}" style="width:{pico_usd / most:.2%}"></span></div>'
    )
    return text(words), drawn, text(format_money(pico_usd))
