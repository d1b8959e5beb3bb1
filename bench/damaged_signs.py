"""Signs that come into blocks on the way, or change there: numbers of lines, marks of diffs, quotes, escapes."""

import random
import re

from bench.damage import Lines, SidesDamage


def numbered(mark: str, width: int = 0) -> SidesDamage:
    def number(old: Lines, new: Lines, rng: random.Random) -> tuple[Lines, Lines]:
        first = rng.randrange(1, 900)
        return (
            [f"{first + n:{width}}{mark}{line}" for n, line in enumerate(old)],
            [f"{first + n:{width}}{mark}{line}" for n, line in enumerate(new)],
        )

    return number


def numbered_quote(mark: str) -> SidesDamage:
    def number(old: Lines, new: Lines, rng: random.Random) -> tuple[Lines, Lines]:
        first = rng.randrange(1, 900)
        return [f"{first + n}{mark}{line}" for n, line in enumerate(old)], new

    return number


def sprinkled(sign: str, place: str, share: float) -> SidesDamage:
    """A sign that is not seen, here and there in the quote."""

    def sprinkle(old: Lines, new: Lines, rng: random.Random) -> tuple[Lines, Lines]:
        return [re.sub(place, lambda m: m[0] if share < rng.random() else sign, x) for x in old], new

    return sprinkle


def entities(line: str) -> str:
    return line.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def smart(line: str) -> str:
    return re.sub(r'"([^"]*)"', "\u201c\\1\u201d", line).replace("'", "\u2019")


def dashes(line: str) -> str:
    return line.replace("--", "\u2014").replace("-", "\u2013")


def full_width(line: str) -> str:
    return line.translate(str.maketrans("(),:;!?", "\uff08\uff09\uff0c\uff1a\uff1b\uff01\uff1f"))


def escaped_quotes(line: str) -> str:
    return line.replace('"', '\\"').replace("'", "\\'")


def double_backslashes(line: str) -> str:
    return line.replace("\\", "\\\\")


def marked(old: Lines, new: Lines, _: random.Random) -> tuple[Lines, Lines]:
    return [f"-{line}" for line in old], [f"+{line}" for line in new]


def marked_as_context(old: Lines, new: Lines, _: random.Random) -> tuple[Lines, Lines]:
    """Lines that stay have a blank in front, the others a sign, as in a diff."""
    shared, given = set(new), set(old)
    return (
        [f" {x}" if x in shared else f"-{x}" for x in old],
        [f" {x}" if x in given else f"+{x}" for x in new],
    )
