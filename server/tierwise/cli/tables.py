"""Tables and words for people, out of files nobody has read."""

from rich.table import Table

from tierwise.routing.money import format_money
from tierwise.store.stats import CallStats


def table(first: str, *others: str) -> Table:
    """A table without lines, its first column to the left and the others to the right."""
    made = Table(box=None, pad_edge=False)
    made.add_column(first, overflow="fold")
    for name in others:
        made.add_column(name, justify="right", no_wrap=True)
    return made


def money(pico_usd: int, n_unknown: int) -> str:
    """An amount, and how many of its parts are unknown."""
    return format_money(pico_usd) + (f" + {n_unknown:,} unknown" if n_unknown else "")


def spent_words(calls: CallStats) -> str:
    """What calls cost, with what of it is unknown."""
    return "unknown" if calls.is_cost_unknown else money(calls.pico_usd, calls.n_unknown_cost)


def printable(words: str) -> str:
    """Words out of a file, without what a terminal would obey."""
    return "".join(character if character.isprintable() else "\N{REPLACEMENT CHARACTER}" for character in words)
