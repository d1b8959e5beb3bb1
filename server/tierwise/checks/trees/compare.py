"""Where two trees in normal form part."""

from ast_grep_py import SgNode

from tierwise.checks.python_program import TreeDifference
from tierwise.checks.trees.shapes import Part, Rules, is_text, shape_of

_MAX_SHOWN = 60
_MAX_REINDENTED = 4000
"""Longer texts are looked into at once; trying them on every level would cost more than it saves."""


def find_tree_difference(before: SgNode, after: SgNode, rules: Rules) -> TreeDifference | None:
    """The first place where two trees are not the same program under `rules`.

    Nodes with equal text are equal and not looked into, so the work grows with the change, not with the file.
    """
    pending = [(_part(before), _part(after), before, after)]
    while pending:
        old, new, around_old, around_new = pending.pop()
        if old.node is None or new.node is None:
            return _difference(old, new, around_old, around_new)
        old_shape, new_shape = shape_of(old.node, rules), shape_of(new.node, rules)
        is_final = old_shape.label == new_shape.label and len(old_shape.parts) == len(new_shape.parts)
        if not is_final:
            return _difference(old, new, old.node, new.node)
        nodes = (old.node, new.node)
        pairs = zip(reversed(old_shape.parts), reversed(new_shape.parts), strict=True)
        pending += [(a, b, *nodes) for a, b in pairs if a.kind != b.kind or not _is_same_text(a, b, rules)]
    return None


def _is_same_text(old: Part, new: Part, rules: Rules) -> bool:
    """Whether two texts are equal, or as good as equal because only the indentation of lines differs."""
    text = old.text
    if text == new.text:
        return True
    if rules.spanning is None or "\n" not in text or _MAX_REINDENTED < len(text) or new.node is None:
        return False
    # The inside of a string has lines too, and nothing in it shows that it stands in one.
    if old.node is None or old.kind in rules.whole or is_text(old.kind) or any(sign in text for sign in rules.spanning):
        return False
    return list(map(str.strip, text.split("\n"))) == list(map(str.strip, new.text.split("\n")))


def _part(node: SgNode) -> Part:
    return Part(node.kind(), node.text(), node)


def _difference(old: Part, new: Part, around_old: SgNode, around_new: SgNode) -> TreeDifference:
    place_old, place_new = old.node or around_old, new.node or around_new
    # The smallest node may be a mere sign; what stands around it tells more.
    if len(place_old.text()) < 3 or len(place_new.text()) < 3:
        place_old, place_new = around_old, around_new
    words = f"{_shorten(place_old)} became {_shorten(place_new)}"
    return TreeDifference(place_old.range().start.line + 1, place_new.range().start.line + 1, words)


def _shorten(node: SgNode) -> str:
    text = " ".join(node.text().split())
    return repr(text if len(text) <= _MAX_SHOWN else text[: _MAX_SHOWN - 1] + "…")
