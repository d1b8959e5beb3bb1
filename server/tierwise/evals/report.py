"""The statistics as one HTML file that needs nothing beside it. Pure."""

from collections.abc import Iterable, Mapping
from html import escape

from tierwise.evals.headline import TARGET_SHARE, headline
from tierwise.routing.money import format_money
from tierwise.routing.tiers import MODEL_TIERS
from tierwise.store.stats import PLANNED, CallStats, DayStats, Stats, ratio

_STYLE = """
:root { color-scheme: light dark; --ink: #1b1f24; --paper: #fff; --faint: #5a6470; --line: #d5dae0;
  --local: #2f7d4f; --bulk: #2c6cb8; --top: #b3541e; --other: #75609c; }
@media (prefers-color-scheme: dark) { :root { --ink: #e4e8ec; --paper: #14171a; --faint: #9aa5b1; --line: #343b43;
  --local: #5cb982; --bulk: #6ea8ec; --top: #eb8f57; --other: #ad97d8; } }
body { max-width: 68rem; margin: 2rem auto; padding: 0 1rem; color: var(--ink); background: var(--paper);
  font: 15px/1.5 system-ui, sans-serif; }
h1 { font-size: 1.4rem; } h2 { font-size: 1.1rem; margin-top: 2.2rem; }
.lead { font-size: 1.15rem; } .faint { color: var(--faint); }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums; }
th, td { padding: .25rem .45rem; border-bottom: 1px solid var(--line); text-align: right; white-space: nowrap; }
th:first-child, td:first-child { text-align: left; }
thead th { color: var(--faint); font-weight: 500; } tfoot td, tfoot th { font-weight: 600; }
td.wide { width: 50%; }
.bars { display: flex; height: .8rem; } .bars span { min-width: 1px; }
.share { position: relative; height: 1rem; border: 1px solid var(--line); }
.share .mark { position: absolute; top: -.3rem; height: 1.6rem; border-left: 2px solid var(--ink); }
.share .top { display: block; height: 100%; }
.local { background: var(--local); } .bulk { background: var(--bulk); }
.top { background: var(--top); } .other { background: var(--other); }
.key { display: inline-block; width: .7rem; height: .7rem; margin-right: .3rem; }
"""
_KNOWN = tuple(str(tier) for tier in MODEL_TIERS)


def report_html(stats: Stats) -> str:
    """One page: no script, no request to anywhere, light or dark as the reader's system is."""
    since = "everything in the ledger" if stats.since is None else f"since {stats.since.isoformat(timespec='minutes')}"
    parts = [
        "<h1>Tierwise: what was spent</h1>",
        f'<p class="faint">{_text(since)}; money is in US dollars and cents, days are in UTC</p>',
        f'<p class="lead">{_text(headline(stats))}</p>',
        _share(stats),
        *(f"<p>{_text(sentence)}</p>" for sentence in _caveats(stats)),
        _section("By tier", _tiers(stats)),
        _section("Why the money was spent", _planned(stats)),
        _section("By day", _days(stats)),
        _section("Escalated after a refused edit", _counts("reason", "calls", stats.total.escalations)),
        _section("Fell back after a failed call", _counts("reason", "calls", stats.total.fallbacks)),
        _section("Clicks by action", _counts("action", "clicks", stats.actions.by_action)),
    ]
    return (
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">\n"
        f"<title>Tierwise: what was spent</title>\n<style>{_STYLE}</style>\n</head>\n<body>\n<main>\n"
        + "\n".join(part for part in parts if part)
        + "\n</main>\n</body>\n</html>\n"
    )


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
    return f'<section>\n<h2>{_text(title)}</h2>\n<div class="scroll">{content}</div>\n</section>'


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
    return f'<span class="key {_color(tier)}"></span>{_text(tier)}'


def _color(tier: str) -> str:
    return tier if tier in _KNOWN else "other"


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


def _days(stats: Stats) -> str:
    if not stats.days:
        return '<p class="faint">no calls</p>'
    by_day: dict[str, list[DayStats]] = {}
    for one in stats.days:
        by_day.setdefault(one.day.isoformat(), []).append(one)
    largest = max(sum(one.pico_usd for one in day) for day in by_day.values())
    rows = [
        (
            _text(name),
            _text(sum(one.n_calls for one in day)),
            _text(format_money(sum(one.pico_usd for one in day))),
            f'<td class="wide"><div class="bars" aria-hidden="true">{_bars(day, largest)}</div></td>',
        )
        for name, day in by_day.items()
    ]
    return _table(("day", "calls", "spent", "by tier"), rows)


def _bars(day: list[DayStats], largest: int) -> str:
    spent = [(one, one.pico_usd / largest) for one in day if one.pico_usd]
    return "".join(f'<span class="{_color(one.tier)}" style="width:{part:.2%}"></span>' for one, part in spent)


def _counts(what: str, counted: str, counts: Mapping[str, int]) -> str:
    if not counts:
        return '<p class="faint">none</p>'
    return _table((what, counted), [(_text(name), _text(n)) for name, n in counts.items()])
