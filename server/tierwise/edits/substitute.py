"""Pieces of text replaced, and lines replaced by number, as JSON edits ask for."""

from collections.abc import Sequence

from tierwise.edits.blocks import LineRange, Quote, Substitution
from tierwise.edits.plan import plan_quotes
from tierwise.text.merge import LineChange, spliced
from tierwise.text.rejection import Rejection


def plan_ranges(lines: Sequence[str], ranges: Sequence[LineRange], path: str) -> list[LineChange] | Rejection:
    """The ranges as changes; all numbers are those of the file as it was.

    Refused when one lies outside the file or two overlap.
    """
    changes: list[LineChange] = []
    for one in sorted(ranges, key=lambda one: (one.start, one.end)):
        if one.start < 0 or len(lines) < one.end:
            return Rejection(
                "wrong-lines", f"{path!r} has {len(lines)} lines, the reply edits line {one.end or one.start + 1}"
            )
        if changes and one.start < changes[-1].end:
            return Rejection("overlapping-edits", f"the reply edits line {one.start + 1} of {path!r} twice")
        changes.append(LineChange(one.start, one.end, one.new))
    return changes


def substituted(text: str, edits: Sequence[Substitution], path: str) -> str | Rejection:
    """The text after all substitutions, each made in what the earlier ones left.

    Old text that stands nowhere is looked up once more as whole lines, with the tolerance that quotes have. Old text
    that stands in k places must be meant for all of them, or be given k times.
    """
    is_done = [False] * len(edits)
    for n, edit in enumerate(edits):
        if is_done[n]:
            continue
        old, new = _plain(edit.old), _plain(edit.new)
        same = [m for m in range(n, len(edits)) if edits[m] == edit or (edits[m].old == edit.old and not is_done[m])]
        n_places = text.count(old) if old else 0
        if not old:
            text = new + text
        elif n_places == 1 or (n_places and edit.is_everywhere):
            text = text.replace(old, new)
        elif n_places and n_places == len(same):
            text = _in_order(text, old, [_plain(edits[m].new) for m in same])
            for m in same:
                is_done[m] = True
        elif n_places:
            return _ambiguous(text, old, path)
        else:
            result = _as_lines(text, old, new, path)
            if isinstance(result, Rejection):
                return result
            text = result
    return text


def _plain(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _in_order(text: str, old: str, new: Sequence[str]) -> str:
    pieces = text.split(old)
    return pieces[0] + "".join(one + piece for one, piece in zip(new, pieces[1:], strict=True))


def _as_lines(text: str, old: str, new: str, path: str) -> str | Rejection:
    final = "\n" if text.endswith("\n") else ""
    lines = text.removesuffix("\n").split("\n")
    quote = Quote(old=_lines(old), new=_lines(new) if new else ())
    planned = plan_quotes(lines, [quote], path)
    return planned if isinstance(planned, Rejection) else "\n".join(spliced(lines, planned)) + final


def _lines(text: str) -> tuple[str, ...]:
    return tuple(text.removesuffix("\n").split("\n"))


def _ambiguous(text: str, old: str, path: str) -> Rejection:
    places: list[str] = []
    at = text.find(old)
    while at >= 0:
        places.append(f"line {text.count(chr(10), 0, at) + 1}")
        at = text.find(old, at + len(old))
    named = f"{', '.join(places[:3])}{' and more' if 3 < len(places) else ''}"
    return Rejection("ambiguous-location", f"the text {old[:80]!r} quoted from {path!r} stands at {named}")
