"""Other ways to read a quote that does not stand in the file as it was given."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import pairwise

from tierwise.edits.blocks import Quote
from tierwise.edits.indentation import is_blank, leading

_ENTITIES = {"&lt;": "<", "&gt;": ">", "&amp;": "&", "&quot;": '"', "&apos;": "'", "&#39;": "'", "&#x27;": "'"}
_ENTITY = re.compile("|".join(_ENTITIES))
_FENCE = re.compile(r"^[ \t]*(`{3,}|~{3,})")
_NUMBERED = re.compile(r"^([ \t]*)(\d+)[ \t]*(?:\||:|\u2192|\t)(.*)$")


def readings(quote: Quote) -> Iterator[Quote]:
    """The quote as it stands, its alternatives, and without what may have come into it on the way.

    That is a fence inside the block, line numbers in front of the lines, and entities of markup.
    """
    yield quote
    yield from quote.alternatives
    if quote.script:
        if _is_escaped(quote.old):
            script = tuple((mark, _unescaped(line)) for mark, line in quote.script)
            yield replace(_without_entities(quote), script=script)
        return
    bare = replace(quote, old=_without_fence(quote.old), new=_without_fence(quote.new), alternatives=())
    if bare.old != quote.old:
        yield bare
    plain = _without_numbers(bare)
    if plain is not None:
        yield plain
    if _is_escaped(quote.old):
        yield _without_entities(quote)


def _is_escaped(lines: Sequence[str]) -> bool:
    """Whether lines were written as markup: with entities, and without what would have become one."""
    return any(_ENTITY.search(line) for line in lines) and not any("<" in line or ">" in line for line in lines)


def _without_entities(quote: Quote) -> Quote:
    old = tuple(map(_unescaped, quote.old))
    new = tuple(map(_unescaped, quote.new)) if _is_escaped(quote.new) else quote.new
    return replace(quote, old=old, new=new, alternatives=())


def _unescaped(line: str) -> str:
    return _ENTITY.sub(lambda match: _ENTITIES[match[0]], line)


def _without_fence(lines: tuple[str, ...]) -> tuple[str, ...]:
    """The lines inside a fence that was put into the block itself."""
    shown = [at for at, line in enumerate(lines) if not is_blank(line)]
    if len(shown) < 2 or not _FENCE.match(lines[shown[0]]) or not _FENCE.match(lines[shown[-1]]):
        return lines
    return lines[shown[0] + 1 : shown[-1]]


def _without_numbers(quote: Quote) -> Quote | None:
    """The quote without line numbers, which say where it stands; the new lines may carry all theirs or none."""
    old = unnumbered(quote.old)
    if old is None:
        return None
    first, lines = old
    new = unnumbered(quote.new)
    if new is None and any(_NUMBERED.match(line) for line in quote.new):
        return None
    margin = leading(quote.old[0])
    is_moved = new is None and margin and all(line.startswith(margin) or is_blank(line) for line in quote.new)
    fresh = tuple(line.removeprefix(margin) for line in quote.new) if is_moved else quote.new
    return replace(quote, old=lines, new=new[1] if new else fresh, line=first - 1)


def unnumbered(lines: Sequence[str]) -> tuple[int, tuple[str, ...]] | None:
    """The first number and the lines without the numbers in front of them; None unless every line carries one."""
    first = next((line for line in lines if not is_blank(line)), "")
    if not first.lstrip()[:1].isdigit():
        return None
    matches = [_NUMBERED.match(line) for line in lines if not is_blank(line)]
    if not matches or not all(matches):
        return None
    numbers = [int(match[2]) for match in matches if match]
    if any(high <= low for low, high in pairwise(numbers)):
        return None
    has_blank = all(match[3][:1] in (" ", "") for match in matches if match)
    stripped = [(match[3][1:] if has_blank else match[3]) if (match := _NUMBERED.match(line)) else "" for line in lines]
    return numbers[0], tuple(stripped)
