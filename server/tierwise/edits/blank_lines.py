"""Blank lines of a replacement whose quote has other blank lines than the document."""

from collections.abc import Iterator, Mapping, Sequence

from tierwise.edits.blocks import Quote
from tierwise.edits.indentation import is_blank
from tierwise.edits.keys import Key, KeyedLines
from tierwise.edits.locate import Place
from tierwise.text.diff import diff_lines


def with_blank_lines(quote: Quote, place: Place, document: KeyedLines, new: Sequence[str]) -> list[str]:
    """The new lines, fitted to the document, with the document's blank lines wherever the reply does not change them.

    Between two lines that stand for neighbors of the quote, the reply changes blank lines only if it gives another
    number of them than it quotes. Everywhere else the new blank lines stay as they were given.
    """
    old_at = [at for at, line in enumerate(quote.old) if not is_blank(line)]
    new_at = [at for at, line in enumerate(quote.new) if not is_blank(line)]
    above, below = _partners([quote.old[at] for at in old_at], [quote.new[at] for at in new_at])
    lines: list[str] = []
    done = 0
    moved = _moved_gaps(new_at, above, below)
    for n, at in enumerate(new_at):
        blanks = list(new[done:at])
        for before, after, is_known in _gaps(above.get(n - 1), below.get(n), len(old_at)):
            is_sure = is_known or n in moved
            n_quoted = sum(map(is_blank, quote.old[old_at[before] : old_at[after]]))
            first, last = place.ranges[old_at[before]][1], place.ranges[old_at[after]][0]
            real = [line for line in document.lines[first:last] if is_blank(line)]
            is_same = len(blanks) == n_quoted and (is_sure or len(real) < n_quoted)
            if is_same or (is_sure and len(blanks) == len(real)):
                blanks = real
                break
        lines += [*blanks, new[at]]
        done = at + 1
    return lines + list(new[done:])


def _moved_gaps(new_at: Sequence[int], above: Mapping[int, int], below: Mapping[int, int]) -> set[int]:
    """Which of the gaps above and below lines that come must be the quoted one, since the other holds no blank line.

    A gap is named by the line below it, as its number among the lines that are not blank.
    """
    found: set[int] = set()
    first: int | None = None
    for n in range(1, len(new_at)):
        if n - 1 in above and n not in below:
            first = n
        if n in below and n - 1 not in above and first is not None:
            is_next = above[first - 1] + 1 == below[n]
            gaps = [new_at[m] - new_at[m - 1] - 1 for m in (first, n)]
            if is_next and 0 in gaps and any(gaps):
                found.add(first if gaps[0] else n)
            first = None
    return found


def _gaps(one: int | None, other: int | None, n_old: int) -> Iterator[tuple[int, int, bool]]:
    """The gaps of the quote that the one between two new lines may be, and whether it is surely one of them.

    It is not sure next to a line that comes.
    """
    if one is not None and other is not None:
        if one < other:
            yield one, one + 1, True
            yield other - 1, other, True
            yield one, other, True
    elif one is not None and one + 1 < n_old:
        yield one, one + 1, False
    elif other:
        yield other - 1, other, False


def _partners(old: Sequence[str], new: Sequence[str]) -> tuple[dict[int, int], dict[int, int]]:
    """For the new lines the quoted ones they stand for: seen from the line below them, and from the line above.

    They differ where one line takes the place of several, or several that of one.
    """
    above: dict[int, int] = {}
    below: dict[int, int] = {}
    at = new_at = 0
    hunks = diff_lines(list(map(Key.FOLDED_STRIPPED.of, old)), list(map(Key.FOLDED_STRIPPED.of, new)))
    for hunk in hunks:
        same = {new_at + n: at + n for n in range(hunk.start - at)}
        above, below = above | same, below | same
        at, new_at = hunk.end, hunk.new_end
        if hunk.start < hunk.end and hunk.new_start < hunk.new_end:
            below[hunk.new_start] = hunk.start
            above[hunk.new_end - 1] = hunk.end - 1
        if hunk.end - hunk.start == hunk.new_end - hunk.new_start:
            pairs = {hunk.new_start + n: hunk.start + n for n in range(hunk.end - hunk.start)}
            above, below = above | pairs, below | pairs
    rest = {new_at + n: at + n for n in range(len(old) - at)}
    return above | rest, below | rest
