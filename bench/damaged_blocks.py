"""What models do to search/replace blocks, kind by kind, and quotes that they do not remember right."""

import random
import re

from bench import damaged_signs as signs
from bench import damaged_space as space
from bench.damage import Lines, SidesDamage, both, quoted, shown


def misremembered(old: Lines, new: Lines, rng: random.Random) -> tuple[Lines, Lines] | None:
    """A word of one line of context written otherwise, on both sides."""
    shared = [x for x in old if x in new and old.count(x) == new.count(x) == 1 and re.search(r"[a-z]{4}", x)]
    if not shared:
        return None
    line = rng.choice(shared)
    wrong = re.sub(r"([a-z]{4})", r"\1ed", line, count=1)
    return [wrong if x == line else x for x in old], [wrong if x == line else x for x in new]


def misquoted(old: Lines, new: Lines, rng: random.Random) -> tuple[Lines, Lines] | None:
    """A word of one line quoted otherwise than it is."""
    at = [n for n, line in enumerate(old) if re.search(r"[a-z]{4}", line)]
    if not at:
        return None
    n = rng.choice(at)
    return [*old[:n], re.sub(r"([a-z]{4})", r"\1ed", old[n], count=1), *old[n + 1 :]], new


def comment_changed(old: Lines, new: Lines, rng: random.Random) -> tuple[Lines, Lines] | None:
    at = [n for n, line in enumerate(old) if re.search(r"# \w", line)]
    if not at:
        return None
    n = rng.choice(at)
    return [*old[:n], re.sub(r"# .*", "# Does what is needed", old[n]), *old[n + 1 :]], new


def case_changed(old: Lines, new: Lines, rng: random.Random) -> tuple[Lines, Lines] | None:
    return misremembered(old, new, rng) and ([x.upper() if n == 0 else x for n, x in enumerate(old)], new)


def end_cut(old: Lines, new: Lines, _: random.Random) -> tuple[Lines, Lines] | None:
    """The last line of the quote written by half."""
    if len(old) < 3 or len(old[-1].strip()) < 8:
        return None
    return [*old[:-1], old[-1][: -len(old[-1].strip()) // 2]], new


def line_dropped(old: Lines, new: Lines, rng: random.Random) -> tuple[Lines, Lines] | None:
    """A line in the middle of the quote forgotten, on both sides."""
    inner = [x for x in old[1:-1] if x in new[1:-1] and old.count(x) == new.count(x) == 1 and x.strip()]
    if not inner:
        return None
    line = rng.choice(inner)
    return [x for x in old if x != line], [x for x in new if x != line]


def line_dropped_in_quote(old: Lines, new: Lines, rng: random.Random) -> tuple[Lines, Lines] | None:
    inner = [n for n, line in enumerate(old) if 0 < n < len(old) - 1 and line.strip()]
    if not inner:
        return None
    n = rng.choice(inner)
    return old[:n] + old[n + 1 :], new


SIDES: dict[str, SidesDamage] = {
    "shifted by 2": both(lambda line: f"  {line}"),
    "shifted by 8": both(lambda line: f"        {line}"),
    "shifted by 1": both(lambda line: f" {line}"),
    "shifted by a tab": both(lambda line: f"\t{line}"),
    "dedented": space.dedent_both,
    "quote dedented": space.dedent_quote,
    "quote shifted": space.shift_quote,
    "first line bare": space.bare_first,
    "one line slipped": space.slipped,
    "reply in tabs": both(space.to_tabs),
    "quote in tabs": quoted(space.to_tabs),
    "reply in steps of two": space.in_steps_of_two,
    "quote in steps of two": space.quote_in_steps_of_two,
    "blank lines lost": space.in_shared(space.no_blanks),
    "blank lines lost in the quote": space.in_shared(space.no_blanks, is_quote_only=True),
    "blank lines doubled": space.in_shared(space.more_blanks),
    "blank lines doubled in the quote": space.in_shared(space.more_blanks, is_quote_only=True),
    "blank lines around": space.blanks_around,
    "blank lines around the quote": space.blanks_around_quote,
    "blank lines at the edges lost": space.bare_edges,
    "white space at ends and in blank lines": space.white_ends,
    "numbers: 12 | line": signs.numbered(" | ", 4),
    "numbers: 12| line": signs.numbered("| "),
    "numbers: 12: line": signs.numbered(": "),
    "numbers: 12:line": signs.numbered(":"),
    "numbers: 12, tab, line": signs.numbered("\t", 6),
    "numbers: 12 arrow line": signs.numbered("\u2192", 6),
    "numbers in the quote": signs.numbered_quote(" | "),
    "numbers in the quote, colon": signs.numbered_quote(": "),
    "no-break spaces": signs.sprinkled("\u00a0", " ", 0.3),
    "zero-width spaces": signs.sprinkled("\u200b", r"(?<=\w)(?=\w)", 0.05),
    "zero-width at the start": quoted(lambda line: f"\ufeff{line}"),
    "entities": shown(signs.entities),
    "entities in the quote": quoted(signs.entities),
    "smart quotes on both sides": shown(signs.smart),
    "dashes": quoted(signs.dashes),
    "ellipsis signs": quoted(lambda line: line.replace("...", "\u2026")),
    "full-width signs": quoted(signs.full_width),
    "escaped quotes": shown(signs.escaped_quotes),
    "escaped quotes in the quote": quoted(signs.escaped_quotes),
    "double backslashes": shown(signs.double_backslashes),
    "double backslashes in the quote": quoted(signs.double_backslashes),
    "quote marks of mail": both(lambda line: f"> {line}"),
    "minus and plus in front": signs.marked,
    "minus, plus and blanks in front": signs.marked_as_context,
}
HARD_SIDES: dict[str, SidesDamage] = {
    "a line of context misremembered": misremembered,
    "a line misquoted": misquoted,
    "comment changed in the quote": comment_changed,
    "capitals in the quote": case_changed,
    "end of the quote cut": end_cut,
    "a line of context forgotten": line_dropped,
    "a line forgotten in the quote": line_dropped_in_quote,
}
"""Damage after which it may not be clear what was meant; refusing is right, guessing is not."""
