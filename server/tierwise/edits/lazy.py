"""Complete files in which the model left out what it did not change, and excerpts given in place of a file."""

from collections import Counter
from collections.abc import Sequence

from rapidfuzz import fuzz

from tierwise.edits.elision import is_elision, is_gap
from tierwise.edits.gap_borders import are_gaps_sure
from tierwise.edits.indentation import is_blank, leading, moved
from tierwise.edits.items import GAP, Item, items_of
from tierwise.syntax.languages import language_of
from tierwise.text.rejection import Rejection

_ALIKE = 60.0
"""From this likeness, in percent, two items at the same place count as the same item before and after."""
_SMALL = 0.5
_KNOWN = 0.4
"""A text smaller than this share of the file, which repeats less than that share of it, is taken for an excerpt."""
_N_LOST = 8
"""More lines than this do not go from a file of which parts were left out without others in their place."""
_N_GONE = 40
_N_FEW = 4
"""Files with fewer lines than this are replaced without asking whether the text is an excerpt."""


def filled(lines: Sequence[str], before: Sequence[str], path: str) -> tuple[str, ...] | Rejection:
    """The new text of a file with what the model left out put back.

    Lines that stand for code left out (`elided-code` when it is not clear for which) are replaced by that code. A text
    that is only an excerpt takes the place of the one declaration of the same name, or is refused (`partial-file`).
    """
    without_gaps = fill_gaps(lines, before, path)
    if without_gaps != tuple(lines):
        return without_gaps
    if _is_excerpt(lines, before):
        result = _placed(lines, before)
        if result is not None:
            return tuple(result)
        return Rejection("partial-file", f"the new text of {path!r} holds only a small part of the file")
    return tuple(lines)


def fill_gaps(lines: Sequence[str], before: Sequence[str], path: str) -> tuple[str, ...] | Rejection:
    """The new lines with every line that stands for code left out replaced by that code of `before`."""
    if not any(map(is_gap, lines)):
        return tuple(lines)
    known = Counter(map(str.strip, before))
    language = language_of(path)
    given = Counter(map(str.strip, lines))
    found = {text: n for text, n in given.items() if known[text] < n and is_elision(text, language)}
    gaps = frozenset(text for text in found if known[text] < found[text])
    if not gaps or not any(not is_blank(line) for line in before):
        return tuple(lines)
    result = None if any(known[text] for text in gaps) else _merged(items_of(lines, gaps), items_of(before), gaps)
    if result is not None and not _loses_much(result, before) and are_gaps_sure(lines, gaps, result, before):
        return tuple(result)
    shown = next(line for line in lines if line.strip() in gaps)
    return Rejection("elided-code", f"the line {shown.strip()!r} of the new {path!r} stands for code that was left out")


def _loses_much(lines: Sequence[str], before: Sequence[str]) -> bool:
    """Whether far more of the file's lines are gone than came, as when a gap was taken for the wrong code."""
    new, old = Counter(map(str.strip, lines)), Counter(map(str.strip, before))
    new[""] = old[""] = 0
    n_gone = (old - new).total()
    return _N_GONE < n_gone and 2 * (new - old).total() < n_gone


def _merged(new: list[Item], old: list[Item], gaps: frozenset[str]) -> list[str] | None:
    """The lines of the new items, with the old ones in place of gaps; None when something would be lost or doubled."""
    partners = _partners(new, old)
    lines: list[str] = []
    at = 0
    n = 0
    while n <= len(new):
        end = next((m for m in range(n, len(new)) if m in partners), len(new))
        limit = partners[end] if end < len(new) else len(old)
        between = _between(new[n:end], old[at:limit])
        if between is None:
            return None
        lines += between
        if end < len(new):
            is_below_gap = 0 < end and new[end - 1] is GAP
            joined = _joined(new[end], old[limit], gaps, is_below_gap=is_below_gap)
            if joined is None:
                return None
            lines += joined
        at, n = limit + 1, end + 1
    return lines if _doubles_nothing(lines, new, old) else None


def _between(new: Sequence[Item], old: Sequence[Item]) -> list[str] | None:
    """New items without partners, and the old ones there: kept where a gap is, else gone if they declare nothing."""
    n_gaps = sum(item is GAP for item in new)
    if n_gaps > 1 and old:
        return None
    given, known = ([line for item in items for line in item.lines] for items in (new, old))
    if not n_gaps and (any(item.name for item in old) or _is_far_less(given, known)):
        return None
    lines: list[str] = []
    for item in new:
        lines += [line for kept in old for line in kept.lines] if item is GAP else item.lines
    return lines


def _is_far_less(new: Sequence[str], old: Sequence[str]) -> bool:
    """Whether so much less stands in the place of the old lines that some of them were rather forgotten."""
    n_new, n_old = (sum(not is_blank(line) for line in lines) for lines in (new, old))
    return _N_LOST < n_old and 2 * n_new < n_old


def _joined(new: Item, old: Item, gaps: frozenset[str], *, is_below_gap: bool) -> list[str] | None:
    """The new item, its gaps filled from the old one; what stands above it is as it was where a gap left it out."""
    lead = _lead_below_gap(new.lead, old.lead) if is_below_gap else new.lead
    if _is_far_less(lead, old.lead):
        return None
    if not new.has_any(gaps):
        return [*lead, *new.own_lines]
    if [top.strip() for top, _ in new.parts[1:]] != [top.strip() for top, _ in old.parts[1:]]:
        return None
    lines = list(lead)
    for (top, deeper), (_, old_deeper) in zip(new.parts, old.parts, strict=True):
        inner: list[str] | None = list(deeper)
        if any(line.strip() in gaps for line in deeper):
            inner = _merged(items_of(deeper, gaps), items_of(old_deeper), gaps)
        if inner is None:
            return None
        lines += [top, *inner]
    return lines


def _lead_below_gap(new: Sequence[str], old: Sequence[str]) -> Sequence[str]:
    """What stands above an item below a gap: what the file has there, down to the first line that the reply gives."""
    first = next((line.strip() for line in new if not is_blank(line)), None)
    if first is None:
        return old
    at = next((n for n, line in enumerate(old) if line.strip() == first), None)
    shown = next(n for n, line in enumerate(new) if not is_blank(line))
    return new if at is None else [*old[:at], *new[shown:]]


def _partners(new: Sequence[Item], old: Sequence[Item]) -> dict[int, int]:
    """For new items the old ones they stand for: equal ones and ones of one name first, then alike ones between."""
    partners: dict[int, int] = {}
    _pair([item.head for item in new], [item.head for item in old], partners)
    _pair([item.name or "" for item in new], [item.name or "" for item in old], partners)
    for n, item in enumerate(new):
        if n not in partners and item.parts:
            low = max((m for k, m in partners.items() if k < n), default=-1) + 1
            high = min((m for k, m in partners.items() if n < k), default=len(old))
            # A gap stands for something, so what follows it is not the next item.
            m = _most_alike(item, old, low + (0 < n and new[n - 1] is GAP), high)
            if m is not None:
                partners[n] = m
    return partners


def _pair(new: Sequence[str], old: Sequence[str], partners: dict[int, int]) -> None:
    """Add the pairs of texts that occur once on either side, as far as they keep the order."""
    counts, old_counts = Counter(new), Counter(old)
    where = {text: m for m, text in enumerate(old)}
    for n, text in enumerate(new):
        is_single = bool(text) and counts[text] == 1 and old_counts[text] == 1
        if is_single and n not in partners and _keeps_order(partners, n, where[text]):
            partners[n] = where[text]


def _keeps_order(partners: dict[int, int], n: int, m: int) -> bool:
    return all((k < n) == (partner < m) and partner != m for k, partner in partners.items())


def _most_alike(item: Item, old: Sequence[Item], low: int, high: int) -> int | None:
    """The old item between two places that is most and much like the new one, and declares nothing else."""
    text = "\n".join(line.strip() for line in item.own_lines)
    best, best_ratio = None, _ALIKE
    for m in range(low, high):
        if not old[m].parts or (item.name and old[m].name and item.name != old[m].name):
            continue
        ratio = fuzz.ratio(text, "\n".join(line.strip() for line in old[m].own_lines))
        if best_ratio < ratio:
            best, best_ratio = m, ratio
    return best


def _doubles_nothing(lines: Sequence[str], new: Sequence[Item], old: Sequence[Item]) -> bool:
    """Whether no name is declared more often than it was on either side."""
    names = Counter(item.name for item in items_of(lines) if item.name)
    before, given = Counter(item.name for item in old), Counter(item.name for item in new)
    return all(count <= max(before[name], given[name]) for name, count in names.items())


def _is_excerpt(lines: Sequence[str], before: Sequence[str]) -> bool:
    """Whether the lines are too few, and too few of the file's own, to be the whole file."""
    shown, known = Counter(map(str.strip, lines)), Counter(map(str.strip, before))
    shown[""] = known[""] = 0
    n_known = known.total()
    if n_known < _N_FEW:
        return False
    return shown.total() < _SMALL * n_known and (shown & known).total() < _KNOWN * n_known


def _placed(lines: Sequence[str], before: Sequence[str]) -> list[str] | None:
    """The file with the one declaration that the lines give in the place of the one of the same name."""
    items = [item for item in items_of(lines) if item.parts]
    if len(items) != 1 or items[0].name is None:
        return None
    new = items[0]
    places = _declarations(list(before), 0, new.name)
    if len(places) != 1:
        return None
    start, old = places[0]
    lead = _comments(new.lead)
    want, have = leading(old.parts[0][0]), leading(new.parts[0][0])
    own = moved([*lead, *new.own_lines], have, want)
    at = start + len(old.lines) - len(old.own_lines)
    first = at - len(_comments(old.lead)) if lead else at
    return [*before[:first], *own, *before[start + len(old.lines) :]]


def _comments(lead: Sequence[str]) -> list[str]:
    """The comments and decorators directly above a head."""
    end = len(lead)
    while end and not is_blank(lead[end - 1]):
        end -= 1
    return list(lead[end:])


def _declarations(lines: list[str], offset: int, name: str | None) -> list[tuple[int, Item]]:
    """Every item of this name at any depth, with the line at which its lead begins."""
    found = []
    at = offset
    for item in items_of(lines):
        if item.name == name:
            found.append((at, item))
        inner = at + len(item.lead)
        for _, deeper in item.parts:
            found += _declarations(list(deeper), inner + 1, name)
            inner += 1 + len(deeper)
        at += len(item.lines)
    return found
