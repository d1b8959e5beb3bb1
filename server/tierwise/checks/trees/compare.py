"""Where two trees in normal form part."""

from collections.abc import Set

from ast_grep_py import SgNode

from tierwise.checks.python_program import TreeDifference
from tierwise.checks.trees.shapes import Part, Rules, is_text, shape_of
from tierwise.syntax.tokens import broken_nodes

_MAX_SHOWN = 60
_MAX_REINDENTED = 4000
"""Longer texts are looked into at once; trying them on every level would cost more than it saves."""


def find_tree_difference(
    before: SgNode, after: SgNode, rules: Rules, strict: Rules | None = None, broken: Set[SgNode] = frozenset()
) -> TreeDifference | None:
    """The first place where two trees are not the same program under `rules`.

    Nodes with equal text are equal and not looked into, so the work grows with the change, not with the file.
    `broken` are the nodes around what the grammar could not read; they are compared under the rules of `strict`.
    """
    pending = [(_part(before), _part(after), before, after)]
    while pending:
        old, new, around_old, around_new = pending.pop()
        if old.node is None or new.node is None:
            return _difference(old, new, around_old, around_new)
        is_broken = bool(broken) and strict is not None and (old.node in broken or new.node in broken)
        if is_broken and old.kind == new.kind == "ERROR":
            if _lines(old.text) == _lines(new.text):
                continue
            return _difference(old, new, around_old, around_new)
        valid = strict if is_broken and strict is not None else rules
        old_shape, new_shape = shape_of(old.node, valid), shape_of(new.node, valid)
        is_final = old_shape.label == new_shape.label and len(old_shape.parts) == len(new_shape.parts)
        if not is_final:
            return _difference(old, new, old.node, new.node)
        nodes = (old.node, new.node)
        pairs = zip(reversed(old_shape.parts), reversed(new_shape.parts), strict=True)
        pending += [(a, b, *nodes) for a, b in pairs if a.kind != b.kind or not _is_same_text(a, b, valid)]
    return None


def around_errors(root: SgNode, language: str) -> frozenset[SgNode]:
    """The nodes that the grammar could not read and all that stand around them."""
    found: set[SgNode] = set()
    for node in broken_nodes(root, language):
        found.add(node)
        for ancestor in node.ancestors():
            if ancestor in found:
                break
            found.add(ancestor)
    return frozenset(found)


def _lines(text: str) -> list[str]:
    """Lines without their indentation and without the blank ones among them."""
    return [line.strip() for line in text.split("\n") if line.strip()]


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
