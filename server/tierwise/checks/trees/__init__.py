"""Trees of the grammars in a normal form, in which two spellings of the same program are equal."""

from tierwise.checks.trees.compare import find_tree_difference
from tierwise.checks.trees.rules import RULES, STRICT

__all__ = ["RULES", "STRICT", "find_tree_difference"]
