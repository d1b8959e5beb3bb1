"""How the indentation of a quote relates to the indentation of the document it was quoted from."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

from tierwise.edits.indentation import indentation_step, is_blank, leading
from tierwise.edits.keys import folded

_TAB = 4


@dataclass(frozen=True, slots=True)
class Frame:
    """A consistent way from the indentation in a quote to the indentation in the document."""

    levels: tuple[tuple[str, str], ...] = ()
    """Each indentation that occurs in the quote, with the one it stands for; by width."""
    removed: str | None = None
    """What the quote has in front of every line and the document has not."""
    added: str | None = None
    """What the document has in front of every line and the quote has not."""
    ratio: float = 1.0
    """How many columns of the document one column of the quote takes."""

    @property
    def is_identity(self) -> bool:
        """Whether lines stay as they are."""
        return all(quoted == real for quoted, real in self.levels)

    def fit(self, line: str) -> str:
        """A line of the replacement, indented as the document would."""
        if self.is_identity or is_blank(line):
            return line
        own = leading(line)
        rest = line[len(own) :]
        for quoted, real in self.levels:
            if quoted == own:
                return real + rest
        if self.added is not None:
            return self.added + line
        if self.removed is not None and own.startswith(self.removed):
            return line[len(self.removed) :]
        return self._extrapolated(own) + rest

    def _extrapolated(self, own: str) -> str:
        """An indentation that the quote does not show, measured from the nearest one that it does."""
        width = _width(own)
        below = [level for level in self.levels if _width(level[0]) <= width] or self.levels[:1]
        quoted, real = below[-1]
        columns = max(_width(real) + round((width - _width(quoted)) * self.ratio), 0)
        if any("\t" in level for _, level in self.levels):
            return "\t" * (columns // _TAB) + " " * (columns % _TAB)
        return " " * columns


SAME = Frame()


def frame_between(quoted: Sequence[str], real: Sequence[str], neighbors: Iterable[str] = ()) -> Frame | None:
    """The frame in which the quoted lines stand for the real ones; None when indentations contradict each other.

    `neighbors` are further lines of the quote's author, from which the author's step is read.
    """
    pairs: dict[str, str] = {}
    for one, other in zip(quoted, real, strict=True):
        if is_blank(one) or is_blank(other):
            continue
        own, stands_for = leading(folded(one)), leading(other)
        if pairs.setdefault(own, stands_for) != stands_for:
            return None
    levels = sorted(pairs.items(), key=lambda pair: _width(pair[0]))
    for (_, low), (_, high) in pairwise(levels):
        if _width(high) <= _width(low):
            return None
    return _frame(tuple(levels), [*quoted, *neighbors], real)


def _frame(levels: tuple[tuple[str, str], ...], quoted: Sequence[str], real: Sequence[str]) -> Frame:
    has_tabs = any("\t" in indentation for level in levels for indentation in level)
    removed = added = None
    if levels and not has_tabs:
        own, stands_for = levels[0]
        if own.endswith(stands_for) and all(own.removesuffix(stands_for) + b == a for a, b in levels):
            removed = own.removesuffix(stands_for)
        elif stands_for.endswith(own) and all(stands_for.removesuffix(own) + a == b for a, b in levels):
            added = stands_for.removesuffix(own)
    return Frame(levels, removed, added, _ratio(levels, quoted, real))


def _ratio(levels: tuple[tuple[str, str], ...], quoted: Sequence[str], real: Sequence[str]) -> float:
    if 1 < len(levels):
        rise = _width(levels[-1][1]) - _width(levels[0][1])
        return rise / (_width(levels[-1][0]) - _width(levels[0][0]))
    if any("\t" in stands_for and "\t" not in own for own, stands_for in levels):
        return _TAB / indentation_step(quoted)
    if any("\t" in own and "\t" not in stands_for for own, stands_for in levels):
        return indentation_step(real) / _TAB
    return 1.0


def _width(indentation: str) -> int:
    return len(indentation.expandtabs(_TAB))
