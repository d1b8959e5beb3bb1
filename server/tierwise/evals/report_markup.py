"""Pieces of the report's page: text that cannot become markup, tables, bars, sections. Pure."""

import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from html import escape

from tierwise.evals.intervals import Interval
from tierwise.routing.money import format_money
from tierwise.store.stats import CallStats

NOTHING = "–"
_KEPT_FORMATS = frozenset("\u200c\u200d\u00ad")
"""Invisible characters that words of some languages cannot do without."""
_HIDDEN = frozenset(("Cc", "Cf", "Zl", "Zp", "Cs"))
"""Categories of characters that move, hide or reorder what stands beside them."""


def text(value: object) -> str:
    """A value as text of the page: nothing in it becomes markup, and nothing in it is invisible."""
    return escape(visible(str(value)), quote=True)


def visible(words: str) -> str:
    """Words without characters that would hide, move or reorder others; a sign stands where one was."""
    return "".join(map(_shown, words))


def _shown(character: str) -> str:
    is_hidden = unicodedata.category(character) in _HIDDEN and character not in _KEPT_FORMATS
    return "\N{REPLACEMENT CHARACTER}" if is_hidden else character


def name(value: str, none: str = "(damaged)") -> str:
    """A name from the ledger; its direction of writing stays its own."""
    return f"<bdi>{text(value or none)}</bdi>"


def count(n: int) -> str:
    """A number with its thousands apart."""
    return f"{n:,}"


def calls_words(n: int) -> str:
    """So many calls."""
    return f"{n:,} call" if n == 1 else f"{n:,} calls"


def percent(share: float | None, digits: int = 0) -> str:
    """A ratio for people."""
    return NOTHING if share is None else f"{share:.{digits}%}"


def seconds(value: float | None) -> str:
    """A time for people."""
    return NOTHING if value is None else f"{value:.1f} s"


def spent(calls: CallStats) -> str:
    """What calls cost; what is unknown is called so and is never zero."""
    if calls.is_cost_unknown:
        return '<span class="unknown">unknown</span>'
    more = f' <span class="unknown">+ {calls.n_unknown_cost:,} unknown</span>' if calls.n_unknown_cost else ""
    return text(format_money(calls.pico_usd)) + more


def key(tier: str, color: str) -> str:
    """A tier with the color it has in the charts."""
    return f'<span class="key {color}" aria-hidden="true"></span>{name(tier)}'


def rate(interval: Interval | None) -> str:
    """A share with its 95 % interval, in figures and drawn."""
    if interval is None:
        return NOTHING
    words = f"{interval.share:.0%} <small>{100 * interval.low:.0f}–{interval.high:.0%}</small>"
    at = f"--low:{interval.low:.4f};--high:{interval.high:.4f};--at:{interval.share:.4f}"
    return f'{words}<span class="interval" style="{at}" aria-hidden="true"></span>'


def bar(parts: Iterable[tuple[str, float]], words: str, mark: float | None = None) -> str:
    """Parts of a whole side by side as color and share, with a mark where one belongs."""
    drawn = "".join(f'<span class="{color}" style="width:{share:.2%}"></span>' for color, share in parts if share)
    at = "" if mark is None else f'<span class="mark" style="left:{mark:.2%}"></span>'
    return f'<div class="bar" role="img" aria-label="{text(words)}">{drawn}{at}</div>'


def table(caption: str, heads: Sequence[str], rows: Iterable[Sequence[str]], foot: Sequence[str] = ()) -> str:
    """A table in a region of its own, which can be reached and moved by the keyboard.

    Heads are words; a head that starts with a space stands over words, the others over figures. Cells are markup.
    """
    sides = [' class="words"' if head.startswith(" ") else "" for head in heads]
    head = "".join(f'<th scope="col"{side}>{text(one.strip())}</th>' for one, side in zip(heads, sides, strict=True))
    body = "".join(f"<tr>{_row(cells, sides)}</tr>\n" for cells in rows)
    last = f"<tfoot><tr>{_row(foot, sides)}</tr></tfoot>\n" if foot else ""
    return (
        f'<div class="scroll" tabindex="0" role="region" aria-label="{text(caption)}">\n<table>\n'
        f'<caption class="unseen">{text(caption)}</caption>\n<thead><tr>{head}</tr></thead>\n'
        f"<tbody>\n{body}</tbody>\n{last}</table>\n</div>"
    )


def _row(cells: Sequence[str], sides: Sequence[str]) -> str:
    first, *others = cells
    tail = "".join(f"<td{side}>{cell}</td>" for cell, side in zip(others, sides[1:], strict=True))
    return f'<th scope="row">{first}</th>{tail}'


def folded(summary: str, content: str) -> str:
    """Figures that are there for whoever wants them; printed in any case."""
    return f"<details>\n<summary>{text(summary)}</summary>\n{content}\n</details>"


def section(anchor: str, title: str, *contents: str) -> str:
    """A part of the page under its heading."""
    inside = "\n".join(content for content in contents if content)
    return f'<section aria-labelledby="part-{anchor}">\n<h2 id="part-{anchor}">{text(title)}</h2>\n{inside}\n</section>'


def paragraph(words: str, style: str = "") -> str:
    """A sentence."""
    marked = f' class="{style}"' if style else ""
    return f"<p{marked}>{text(words)}</p>"


def figure(chart: str, drawn: Mapping[str, Mapping[str, object]]) -> str:
    """The place of a chart; a chart nothing is to be seen in has none."""
    if chart not in drawn:
        return ""
    one = drawn[chart]
    words = text(f"{one['title']}. {one['words']}")
    return (
        f'<figure style="--rows:{one["rows"]}">\n<figcaption>{text(one["title"])}</figcaption>\n'
        f'<div class="canvas"><canvas id="{chart}" role="img" aria-label="{words}"></canvas></div>\n</figure>'
    )
