"""Finders of targets that several actions share."""

from tierwise.actions.base import Site, Target
from tierwise.syntax.comments import Instruction, instructions
from tierwise.syntax.outline import Symbol, enclosing
from tierwise.text import Span

_ABOVE_CHARS = 2000
"""How far above a symbol a comment about it may begin."""


def file_name(uri: str) -> str:
    """The last part of a URI, for the menu."""
    return uri.rstrip("/").rsplit("/", 1)[-1] or uri


def whole_lines(text: str, span: Span) -> Span:
    """Grow a span to whole lines, without the last line break."""
    start = text.rfind("\n", 0, span.start) + 1
    last = span.end - 1 if span.start < span.end and text[span.end - 1 : span.end] == "\n" else span.end
    end = text.find("\n", last)
    return Span(start, len(text) if end < 0 else end)


def selected_lines(site: Site) -> Target | None:
    """The selected lines, when there is a real selection with something in it."""
    text, selection = site.snapshot.text, site.selection
    if not text[selection.start : selection.end].strip():
        return None
    return Target(span=whole_lines(text, selection), name="selection")


def of_symbol(text: str, symbol: Symbol) -> Target:
    """A symbol as a target, from the indentation of its first line on."""
    return Target(span=with_indentation(text, symbol.span), name=symbol.name, symbol=symbol)


def with_indentation(text: str, span: Span) -> Span:
    """Grow a span to the beginning of its first line, unless something else stands there."""
    line_start = text.rfind("\n", 0, span.start) + 1
    return span if text[line_start : span.start].strip() else Span(line_start, span.end)


def symbol_here(site: Site) -> Target | None:
    """The innermost function, method or class around the cursor."""
    symbol = site.symbol
    return None if symbol is None else of_symbol(site.snapshot.text, symbol)


def callable_here(site: Site) -> Target | None:
    """The innermost named function or method around the cursor; a class when the cursor is on its own lines."""
    target = symbol_here(site)
    if target is None or target.symbol is None or target.symbol.kind == "other":
        return None
    return target


def selection_or_symbol(site: Site) -> Target | None:
    """The selected lines, else the symbol around the cursor."""
    return selected_lines(site) or symbol_here(site)


def whole_file(site: Site) -> Target | None:
    """The whole file, unless there is nothing in it."""
    if not site.snapshot.text or site.snapshot.text.isspace():
        return None
    return Target(span=Span(0, len(site.snapshot.text)), name=file_name(site.snapshot.uri))


def selection_or_file(site: Site) -> Target | None:
    """The selected lines, else the whole file."""
    return selected_lines(site) or whole_file(site)


def selection_symbol_or_file(site: Site) -> Target | None:
    """The selected lines, else the symbol around the cursor, else the whole file."""
    return selected_lines(site) or symbol_here(site) or whole_file(site)


def instruction_here(site: Site) -> Target | None:
    """The code a `tw:` comment on the cursor's line, or in or above the symbol around it, speaks of."""
    text, around = site.snapshot.text, site.symbol
    here = whole_lines(text, site.selection)
    near = here if around is None else Span(min(here.start, around.span.start), max(here.end, around.span.end))
    # Looking through the whole text on every cursor movement would cost more than all the rest of the menu.
    if "tw:" not in text[max(0, near.start - _ABOVE_CHARS) : near.end].lower():
        return None
    found = instructions(text, site.snapshot.language)
    on_line = [i for i in found if i.span.touches(here)]
    inside = [i for i in found if around is not None and around.span.contains(i.span)]
    above = [i for i in found if around is not None and _is_just_above(text, i, around)]
    for instruction in on_line + inside + above:
        return _spoken_of(site, instruction)
    return None


def _is_just_above(text: str, instruction: Instruction, symbol: Symbol) -> bool:
    is_before = instruction.span.end <= symbol.span.start
    return (
        is_before
        and not text[instruction.span.end : symbol.span.start].strip()
        and _indentation(text, instruction.span.start) == _indentation(text, symbol.span.start)
    )


def _indentation(text: str, offset: int) -> str:
    line_start = text.rfind("\n", 0, offset) + 1
    line = text[line_start : offset + 1]
    return line[: len(line) - len(line.lstrip())]


def _spoken_of(site: Site, instruction: Instruction) -> Target:
    """The symbol the comment stands above, else the one it stands in, else the file."""
    text = site.snapshot.text
    dropped = _line_with_break(text, instruction.span)
    for symbol in site.symbols:
        if _is_just_above(text, instruction, symbol):
            span = Span(whole_lines(text, instruction.span).start, symbol.span.end)
            return Target(span=span, name=symbol.name, symbol=symbol, instruction=instruction.text, dropped=dropped)
    around = enclosing(site.symbols, instruction.span)
    if around is not None:
        span = with_indentation(text, around.span)
        return Target(span=span, name=around.name, symbol=around, instruction=instruction.text, dropped=dropped)
    name = file_name(site.snapshot.uri)
    return Target(span=Span(0, len(text)), name=name, instruction=instruction.text, dropped=dropped)


def _line_with_break(text: str, comment: Span) -> Span:
    """The comment's whole line when it stands alone there, else the comment and the blanks before it."""
    line = whole_lines(text, comment)
    if text[line.start : comment.start].strip() or text[comment.end : line.end].strip():
        start = comment.start
        while line.start < start and text[start - 1] in " \t":
            start -= 1
        return Span(start, comment.end)
    return Span(line.start, min(line.end + 1, len(text)))
