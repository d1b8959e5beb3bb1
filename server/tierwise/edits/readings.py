"""Other ways to read a quote that does not stand in the file as it was given."""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from itertools import pairwise

from tierwise.edits.blocks import Quote
from tierwise.edits.indentation import is_blank, leading

_ENTITIES = {"&lt;": "<", "&gt;": ">", "&amp;": "&", "&quot;": '"', "&apos;": "'", "&#39;": "'", "&#x27;": "'"}
_ENTITY = re.compile("|".join(_ENTITIES))
_FENCE = re.compile(r"^[ \t]*(`{3,}|~{3,})")
_ESCAPED_QUOTE = re.compile(r"\\(['\"])")
_BARE_QUOTE = re.compile(r"(?<!\\)['\"]")
_BACKSLASHES = re.compile(r"\\+")
_NUMBERED = re.compile(r"^([ \t]*)(\d+)[ \t]*(?:\||:|\u2192|\t)(.*)$")


def readings(quote: Quote) -> Iterator[Quote]:
    """Ways to read the quote when it does not stand as it was given: without what may have come into it on the way.

    That is a fence inside the block, blank lines around it, line numbers, the signs of mail or diffs in front of the
    lines, entities of markup, and backslashes that a string would have needed.
    """
    if not quote.script:
        bare = replace(quote, old=_without_fence(quote.old), new=_without_fence(quote.new), alternatives=())
        yield from (one for one in (bare, _without_blank_edges(bare)) if one.old != quote.old)
        yield from _without_numbers(bare)
        yield from _without_signs(bare)
    for is_so, plain in _WRITINGS:
        if is_so(quote.old):
            yield _rewritten(quote, is_so, plain)


def _rewritten(quote: Quote, is_so: Callable[[Sequence[str]], bool], plain: Callable[[str], str]) -> Quote:
    """The quote in plain writing; the new lines too where they are written in the same way."""
    marked = [text for mark, text in quote.script if mark == "+"] if quote.script else quote.new
    is_new_so = is_so(marked)
    script = tuple((mark, plain(text) if mark != "+" or is_new_so else text) for mark, text in quote.script)
    new = tuple(text for mark, text in script if mark != "-") if script else quote.new
    if not script and is_new_so:
        new = tuple(map(plain, quote.new))
    return replace(quote, old=tuple(map(plain, quote.old)), new=new, script=script, alternatives=())


def is_markup(lines: Sequence[str]) -> bool:
    """Whether lines were written as markup: with entities, and without what would have become one."""
    return any(_ENTITY.search(line) for line in lines) and not any("<" in line or ">" in line for line in lines)


def without_entities(line: str) -> str:
    """The line with entities of markup as the signs they stand for."""
    return _ENTITY.sub(lambda match: _ENTITIES[match[0]], line)


def has_escaped_quotes(lines: Sequence[str]) -> bool:
    """Whether there are quotation marks and each has a backslash in front."""
    return any(_ESCAPED_QUOTE.search(line) for line in lines) and not any(map(_BARE_QUOTE.search, lines))


def without_escapes(line: str) -> str:
    """The line without backslashes in front of quotation marks."""
    return _ESCAPED_QUOTE.sub(r"\1", line)


def _has_doubled(lines: Sequence[str]) -> bool:
    """Whether there are backslashes and all are doubled."""
    runs = [run for line in lines for run in _BACKSLASHES.findall(line)]
    return bool(runs) and not any(len(run) % 2 for run in runs)


def _without_doubled(line: str) -> str:
    return line.replace("\\\\", "\\")


_WRITINGS = (
    (is_markup, without_entities),
    (has_escaped_quotes, without_escapes),
    (_has_doubled, _without_doubled),
)


def _without_blank_edges(quote: Quote) -> Quote:
    """The quote without blank lines at its edges, and the new lines without as many of theirs."""
    first, last = _blank_edges(quote.old)
    new_first, new_last = _blank_edges(quote.new)
    end = len(quote.new) - min(last, new_last)
    return replace(quote, old=quote.old[first : len(quote.old) - last], new=quote.new[min(first, new_first) : end])


def _blank_edges(lines: Sequence[str]) -> tuple[int, int]:
    """How many lines at the beginning and at the end are blank."""
    shown = [at for at, line in enumerate(lines) if not is_blank(line)]
    return (shown[0], len(lines) - shown[-1] - 1) if shown else (len(lines), 0)


def _without_signs(quote: Quote) -> Iterator[Quote]:
    """The quote without `>` in front of every line, or without the signs of a diff."""
    for old_signs, new_signs in (("> ", "> "), (">", ">"), ("- ", "+ ")):
        is_diff = old_signs == "- "
        old = _without_sign(quote.old, old_signs, is_diff=is_diff)
        new = _without_sign(quote.new, new_signs, is_diff=is_diff)
        has_sign = not is_diff or any(line[:1] == "-" for line in quote.old) or any(x[:1] == "+" for x in quote.new)
        if old is not None and new is not None and has_sign:
            yield replace(quote, old=old, new=new, alternatives=())


def _without_sign(lines: Sequence[str], signs: str, *, is_diff: bool) -> tuple[str, ...] | None:
    """The lines without their sign, one of two for a diff; None when some line that is not blank has none."""
    starts = tuple(signs) if is_diff else (signs,)
    if not all(line.startswith(starts) or is_blank(line) for line in lines):
        return None
    return tuple(line[1 if is_diff else len(signs) :] for line in lines)


def _without_fence(lines: tuple[str, ...]) -> tuple[str, ...]:
    """The lines inside a fence that was put into the block itself."""
    shown = [at for at, line in enumerate(lines) if not is_blank(line)]
    if len(shown) < 2 or not _FENCE.match(lines[shown[0]]) or not _FENCE.match(lines[shown[-1]]):
        return lines
    return lines[shown[0] + 1 : shown[-1]]


def _without_numbers(quote: Quote) -> Iterator[Quote]:
    """The quote without line numbers, which say where it stands; the new lines may carry all theirs or none."""
    for has_blank in (True, False):
        old = unnumbered(quote.old, has_blank=has_blank)
        new = unnumbered(quote.new, has_blank=has_blank)
        if old is None or (new is None and any(_NUMBERED.match(line) for line in quote.new)):
            continue
        first, lines = old
        margin = leading(quote.old[0])
        is_moved = new is None and margin and all(line.startswith(margin) or is_blank(line) for line in quote.new)
        fresh = tuple(line.removeprefix(margin) for line in quote.new) if is_moved else quote.new
        yield replace(quote, old=lines, new=new[1] if new else fresh, line=first - 1)


def unnumbered(lines: Sequence[str], *, has_blank: bool = True) -> tuple[int, tuple[str, ...]] | None:
    """The first number and the lines without the numbers in front of them; None unless every line carries one.

    With `has_blank` a blank after each number's mark goes too, if every line has one.
    """
    first = next((line for line in lines if not is_blank(line)), "")
    if not first.lstrip()[:1].isdigit():
        return None
    matches = [_NUMBERED.match(line) for line in lines if not is_blank(line)]
    if not matches or not all(matches):
        return None
    numbers = [int(match[2]) for match in matches if match]
    if any(high <= low for low, high in pairwise(numbers)):
        return None
    has_blank = has_blank and all(match[3][:1] in (" ", "") for match in matches if match)
    stripped = [(match[3][1:] if has_blank else match[3]) if (match := _NUMBERED.match(line)) else "" for line in lines]
    return numbers[0], tuple(stripped)
