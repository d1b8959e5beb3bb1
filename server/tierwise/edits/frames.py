"""How the indentation of a quote relates to the indentation of the document it was quoted from."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

from tierwise.edits.indentation import indentation_step, is_blank, leading
from tierwise.edits.keys import folded

_TAB = 4
_RATIOS = frozenset(one / other for one in (1, 2, 3, 4, 8) for other in (1, 2, 3, 4, 8))
"""What one column of the quote can be in the document, when both are indented by steps of their own."""


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
    shift: int | None = None
    """By how many columns most lines of the document stand further right, if most agree."""

    @property
    def is_identity(self) -> bool:
        """Whether lines stay as they are."""
        return not self.levels or all(quoted == real for quoted, real in self.levels)

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
        if self.shift is not None:
            return self._blanks(width + self.shift)
        below = [level for level in self.levels if _width(level[0]) <= width] or self.levels[:1]
        quoted, real = below[-1]
        return self._blanks(_width(real) + round((width - _width(quoted)) * self.ratio))

    def _blanks(self, columns: int) -> str:
        if any("\t" in real for _, real in self.levels):
            return "\t" * (columns // _TAB) + " " * (columns % _TAB)
        return " " * max(columns, 0)


SAME = Frame()


def frame_between(
    quoted: Sequence[str], real: Sequence[str], neighbors: Iterable[str] = (), step: int = _TAB
) -> Frame | None:
    """The frame in which the quoted lines stand for the real ones; None when indentations contradict each other.

    `neighbors` are further lines of the quote's author, from which the author's step of indentation is read; `step` is
    the document's.
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
    return _frame(tuple(levels), [*quoted, *neighbors], step, _common_shift(_shifts(quoted, real), levels))


def _common_shift(shifts: Sequence[int], levels: Sequence[tuple[str, str]]) -> int | None:
    """By how many columns at least two thirds of the lines stand further right, unless steps differ in size.

    A single line that is off by one column is a slip of the author, whatever steps would explain it as well.
    """
    common, n_common = Counter(shifts).most_common(1)[0] if shifts else (0, 0)
    if n_common < 2 or 3 * n_common < 2 * len(shifts):
        return None
    is_slip = len(shifts) - n_common == 1 and all(abs(shift - common) <= 1 for shift in shifts)
    return common if is_slip or not _is_linear(levels) else None


def _is_linear(levels: Sequence[tuple[str, str]]) -> bool:
    """Whether one step of the quote is always as many columns of the document, a number that steps can have."""
    first, last = levels[0], levels[-1]
    rise, run = _width(last[1]) - _width(first[1]), _width(last[0]) - _width(first[0])
    if run and rise / run not in _RATIOS:
        return False
    return all((_width(b) - _width(first[1])) * run == (_width(a) - _width(first[0])) * rise for a, b in levels)


def _shifts(quoted: Sequence[str], real: Sequence[str]) -> list[int]:
    """By how many columns each line stands further right than it was quoted."""
    return [
        _width(leading(other)) - _width(leading(folded(one)))
        for one, other in zip(quoted, real, strict=True)
        if not is_blank(one)
    ]


def frame_of_most(quoted: Sequence[str], real: Sequence[str]) -> Frame | None:
    """The frame of at least two thirds of the lines, when the others were indented by mistake."""
    shown = [(one, other) for one, other in zip(quoted, real, strict=True) if not is_blank(one)]
    shifts = _shifts([one for one, _ in shown], [other for _, other in shown])
    common, n_common = Counter(shifts).most_common(1)[0]
    if n_common < 2 or 3 * n_common < 2 * len(shifts):
        return None
    agreeing = [pair for pair, shift in zip(shown, shifts, strict=True) if shift == common]
    return frame_between([one for one, _ in agreeing], [other for _, other in agreeing])


def _frame(levels: tuple[tuple[str, str], ...], quoted: Sequence[str], step: int, shift: int | None) -> Frame:
    removed = added = None
    ratio = _ratio(levels, quoted, step)
    if levels and all("\t" in a and "\t" not in b and b and a.endswith(b) for a, b in levels):
        ratio = 1.0
    if levels and ratio == 1.0:
        own, stands_for = levels[0]
        if own.endswith(stands_for) and all(own.removesuffix(stands_for) + b == a for a, b in levels):
            removed = own.removesuffix(stands_for)
        elif stands_for.endswith(own) and all(stands_for.removesuffix(own) + a == b for a, b in levels):
            added = stands_for.removesuffix(own)
        if "\t" in (removed or "") + (added or "") and len(levels) == 1 and own.strip("\t") != stands_for.strip("\t"):
            removed = added = None
    return Frame(levels, removed, added, ratio, shift)


def _ratio(levels: tuple[tuple[str, str], ...], quoted: Sequence[str], step: int) -> float:
    if 1 < len(levels):
        rise = _width(levels[-1][1]) - _width(levels[0][1])
        return rise / (_width(levels[-1][0]) - _width(levels[0][0]))
    author_step = indentation_step(quoted)
    if levels and author_step != step and 0 < _width(levels[0][0]) and "\t" not in "".join(levels[0]):
        is_scaled = _width(levels[0][0]) * step == _width(levels[0][1]) * author_step
        return step / author_step if is_scaled else 1.0
    if any("\t" in stands_for and "\t" not in own for own, stands_for in levels):
        return _TAB / indentation_step(quoted)
    if any("\t" in own and "\t" not in stands_for for own, stands_for in levels):
        return step / _TAB
    return 1.0


def _width(indentation: str) -> int:
    return len(indentation.expandtabs(_TAB))
