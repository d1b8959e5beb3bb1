"""The statistics as one HTML file that needs nothing beside it."""

from base64 import b64encode
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from html import escape
from importlib import resources
from itertools import islice

from tierwise.evals.headline import TARGET_SHARE, headline
from tierwise.evals.report_charts import as_script, charts, color_of
from tierwise.routing.money import format_money
from tierwise.store.ledger import Ledger
from tierwise.store.stats import PLANNED, CallStats, DayStats, Grouped, Stats, ratio
from tierwise.store.sums import Dimension

_ASSETS = resources.files("tierwise.evals") / "assets"
_CHART_WORDS = {
    "by-day": "Money spent by day, stacked by tier; the table below has the figures",
    "by-tier": "Each tier's part of the calls, the tokens and the money; the table below has the figures",
    "latency": "Seconds to an edit by tier, median and 95th percentile; the table above has the figures",
}
_MAX_ROWS = 50
_DIMENSIONS: tuple[Dimension, ...] = ("model", "action", "language")


@dataclass(frozen=True, slots=True)
class Assets:
    """What the page carries along: a style, a chart library and the script that draws with it."""

    style: str
    library: str
    script: str


def read_assets() -> Assets:
    """The package's own. Raises OSError when the installation is broken."""
    names = ("report.css", "chart.min.js", "report.js")
    return Assets(*((_ASSETS / name).read_text("utf-8") for name in names))


def report_of(ledger: Ledger, since: datetime | None) -> tuple[Stats, str]:
    """The statistics of a ledger and their page. Raises LedgerError, and OSError when the installation is broken."""
    stats = ledger.stats(since)
    groups = [ledger.grouped(by, since) for by in _DIMENSIONS]
    return stats, report_html(stats, read_assets(), groups)


def report_html(stats: Stats, assets: Assets, groups: Iterable[Grouped] = ()) -> str:
    """One page: no request to anywhere, light or dark as the reader's system is. Without scripts the tables remain.

    `groups` are further dimensions, a table each.
    """
    since = "everything in the ledger" if stats.since is None else f"since {stats.since.isoformat(timespec='minutes')}"
    drawn = charts(stats)
    parts = [
        "<h1>Tierwise: what was spent</h1>",
        f'<p class="faint">{_text(since)}; money is in US dollars and cents, days are in UTC</p>',
        f'<p class="lead">{_text(headline(stats))}</p>',
        _share(stats),
        *(f"<p>{_text(sentence)}</p>" for sentence in _caveats(stats)),
        _section("By tier", _figure("by-tier", drawn) + _scroll(_tiers(stats)) + _figure("latency", drawn)),
        _section("Why the money was spent", _scroll(_planned(stats))),
        _section("Saved and kept", _scroll(_saved(stats))),
        _section("By day", _figure("by-day", drawn) + _scroll(_days(stats))),
        *(_section(f"By {group.by}", _scroll(_group(group))) for group in groups),
        _section("Escalated after a refused edit", _scroll(_counts("reason", "calls", stats.total.escalations))),
        _section("Fell back after a failed call", _scroll(_counts("reason", "calls", stats.total.fallbacks))),
        _section("Clicks by action", _scroll(_counts("action", "clicks", stats.actions.by_action))),
    ]
    return _page("\n".join(part for part in parts if part), assets, as_script(drawn))


def _page(body: str, assets: Assets, figures: str) -> str:
    allowed = " ".join(f"'sha256-{_digest(script)}'" for script in (assets.library, assets.script))
    policy = f"default-src 'none'; style-src 'unsafe-inline'; script-src {allowed}"
    return (
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{policy}">\n'
        f"<title>Tierwise: what was spent</title>\n<style>{assets.style}</style>\n</head>\n<body>\n<main>\n{body}\n"
        f'</main>\n<script type="application/json" id="figures">{figures}</script>\n'
        f"<script>{assets.library}</script>\n<script>{assets.script}</script>\n</body>\n</html>\n"
    )


def _digest(script: str) -> str:
    return b64encode(sha256(script.encode()).digest()).decode()


def _figure(name: str, drawn: Mapping[str, object]) -> str:
    if name not in drawn:
        return ""
    return f'<figure><canvas id="{name}" role="img" aria-label="{_text(_CHART_WORDS[name])}"></canvas></figure>'


def _text(value: object) -> str:
    """A value as text of the page; nothing in it can become markup. A lone surrogate could not be written."""
    return escape(str(value).encode("utf-8", "replace").decode("utf-8"), quote=True)


def _share(stats: Stats) -> str:
    share = stats.top_share
    if share is None:
        return ""
    return (
        f'<div class="share" role="img" aria-label="top tier {share:.0%}, mark at {TARGET_SHARE:.0%}">'
        f'<span class="top" style="width:{share:.2%}"></span>'
        f'<span class="mark" style="left:{TARGET_SHARE:.2%}"></span></div>'
    )


def _caveats(stats: Stats) -> Iterable[str]:
    """What the figures do not hold."""
    if stats.total.n_unknown_cost:
        yield f"the cost of {stats.total.n_unknown_cost} calls is unknown and in no figure"
    if stats.total.estimated_pico_usd:
        yield f"{format_money(stats.total.estimated_pico_usd)} of it is an upper bound, since a server did not count"
    if stats.total.n_running:
        yield f"{stats.total.n_running} calls have not ended"
    if stats.n_damaged_rows or stats.n_lost_rows:
        yield f"{stats.n_damaged_rows} rows of the ledger are damaged and {stats.n_lost_rows} are lost"
    yield from stats.notices


def _section(title: str, content: str) -> str:
    return f"<section>\n<h2>{_text(title)}</h2>\n{content}\n</section>"


def _scroll(table: str) -> str:
    """A region of its own, which can be reached and moved by the keyboard."""
    return f'<div class="scroll" tabindex="0" role="region" aria-label="table">{table}</div>'


def _table(heads: Iterable[str], rows: Iterable[Iterable[str]], foot: tuple[str, ...] = ()) -> str:
    """Cells are markup already; the first of each row heads it."""
    head = "".join(f'<th scope="col">{_text(name)}</th>' for name in heads)
    body = "".join(f"<tr>{_row(cells)}</tr>\n" for cells in rows)
    last = f"<tfoot><tr>{_row(foot)}</tr></tfoot>\n" if foot else ""
    return f"<table>\n<thead><tr>{head}</tr></thead>\n<tbody>\n{body}</tbody>\n{last}</table>"


def _row(cells: Iterable[str]) -> str:
    first, *others = cells
    tail = "".join(cell if cell.startswith("<td") else f"<td>{cell}</td>" for cell in others)
    return f'<th scope="row">{first}</th>{tail}'


def _tiers(stats: Stats) -> str:
    heads = (
        "tier", "calls", "tokens in", "tokens out", "spent", "unknown", "share", "accepted", "rejected", "failed",
        "passed", "median", "p95",
    )  # fmt: skip
    rows = [(_named(name), *_figures(calls, stats.total)) for name, calls in stats.tiers.items()]
    return _table(heads, rows, ("all", *_figures(stats.total, stats.total)))


def _named(tier: str) -> str:
    return f'<span class="key {color_of(tier)}"></span>{_text(tier)}'


def _figures(calls: CallStats, total: CallStats) -> tuple[str, ...]:
    values = (
        calls.n_calls,
        f"{calls.input_tokens:,}",
        f"{calls.output_tokens:,}",
        format_money(calls.pico_usd),
        calls.n_unknown_cost,
        _percent(ratio(calls.pico_usd, total.pico_usd)),
        calls.n_accepted,
        calls.n_rejected,
        calls.n_failed,
        _percent(calls.pass_rate),
        _seconds(calls.duration.median_s),
        _seconds(calls.duration.p95_s),
    )
    return tuple(_text(value) for value in values)


def _percent(share: float | None) -> str:
    return "–" if share is None else f"{share:.1%}"


def _seconds(value: float | None) -> str:
    return "–" if value is None else f"{value:.1f} s"


def _planned(stats: Stats) -> str:
    rows = [(_named(name), *_by_planned(calls)) for name, calls in stats.tiers.items()]
    return _table(("tier", *PLANNED), rows, ("all", *_by_planned(stats.total)))


def _by_planned(calls: CallStats) -> tuple[str, ...]:
    return tuple(_text(format_money(calls.pico_usd_by_planned[planned])) for planned in PLANNED)


def _saved(stats: Stats) -> str:
    """What the cache spared, and what became of edits after they were applied."""
    hits, fates = stats.hits, stats.fates
    rows = [
        ("answers from the cache", hits.n_hits),
        ("money they did not cost again", format_money(hits.saved_pico_usd)),
        ("edits kept as applied", fates.n_kept),
        ("edits changed afterwards", fates.n_changed),
        ("edits undone", fates.n_undone),
        ("kept", _percent(fates.kept_rate)),
    ]
    return _table(("", "figure"), [(_text(name), _text(value)) for name, value in rows])


def _days(stats: Stats) -> str:
    if not stats.days:
        return '<p class="faint">no calls</p>'
    by_day: dict[str, list[DayStats]] = {}
    for one in stats.days:
        by_day.setdefault(one.day.isoformat(), []).append(one)
    rows = [
        tuple(_text(value) for value in (name, sum(d.n_calls for d in day), format_money(sum(d.pico_usd for d in day))))
        for name, day in by_day.items()
    ]
    return _table(("day", "calls", "spent"), rows)


def _group(group: Grouped) -> str:
    if not group.groups:
        return '<p class="faint">none</p>'
    rows = [
        (
            name or "(damaged)", one.calls.n_calls, format_money(one.calls.pico_usd), one.calls.n_unknown_cost,
            _percent(one.calls.pass_rate), _percent(one.fates.kept_rate), one.hits.n_hits,
            _seconds(one.calls.duration.median_s),
        )
        for name, one in islice(group.groups.items(), _MAX_ROWS)
    ]  # fmt: skip
    heads = (group.by, "calls", "spent", "unknown", "passed", "kept", "from cache", "median")
    return _table(heads, [tuple(_text(value) for value in row) for row in rows])


def _counts(what: str, counted: str, counts: Mapping[str, int]) -> str:
    if not counts:
        return '<p class="faint">none</p>'
    return _table((what, counted), [(_text(name), _text(n)) for name, n in counts.items()])
