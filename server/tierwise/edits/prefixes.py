"""Hunks in which some context lines have lost the blank that marks them."""

from collections.abc import Iterator, Sequence

from tierwise.edits.blocks import Mark, Quote
from tierwise.edits.indentation import is_blank, leading
from tierwise.edits.keys import Key, KeyedLines
from tierwise.edits.locate import occurrences

_Script = tuple[tuple[Mark, str], ...]


def with_prefixes(document: KeyedLines, quote: Quote) -> Iterator[Quote]:
    """Readings of the hunk in which each context line has the blank back that the document shows it to have lost.

    Lines that go have their mark, so their indentation is sure; where none goes, the hunk is taken to stand as deep as
    the document.
    """
    if not any(mark == " " for mark, _ in quote.script):
        return
    key = Key.FOLDED_STRIPPED
    keys = [key.of(text) for mark, text in quote.script if mark != "+"]
    for start in occurrences(keys, document.keys(key)):
        script = _restored(quote.script, document.lines[start : start + len(keys)])
        if script is not None and script != quote.script:
            yield Quote(
                old=tuple(text for mark, text in script if mark != "+"),
                new=tuple(text for mark, text in script if mark != "-"),
                script=script,
                line=quote.line,
                anchors=quote.anchors,
                is_at_end=quote.is_at_end,
            )


def _restored(script: _Script, real: Sequence[str]) -> _Script | None:
    depths = iter([len(leading(line)) for line in real])
    shown = [(mark, text, 0 if mark == "+" else next(depths)) for mark, text in script]
    shifts = {depth - len(leading(text)) for mark, text, depth in shown if mark == "-" and not is_blank(text)} or {0}
    if len(shifts) != 1:
        return None
    shift = shifts.pop()
    restored: list[tuple[Mark, str]] = []
    for mark, text, depth in shown:
        missing = depth - shift - len(leading(text)) if mark == " " and not is_blank(text) else 0
        if missing not in (0, 1):
            return None
        restored.append((mark, " " * missing + text))
    return tuple(restored)
