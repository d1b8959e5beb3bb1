"""Trees of the grammars in a normal form, in which two spellings of the same program are equal."""

from tierwise.checks.trees.compare import around_errors, find_tree_difference
from tierwise.checks.trees.rules import RULES, STRICT

__all__ = ["RULES", "STRICT", "around_errors", "find_tree_difference"]
