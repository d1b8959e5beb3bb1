"""The catalogue of code actions, one file each, in the order of the menu."""

from tierwise.actions import (
    add_type_hints,
    do,
    document,
    fix_diagnostic,
    format,
    refactor,
    refactor_across_files,
    write_tests,
)
from tierwise.actions.base import Action, Diagnostic, Difficulty, Example, Scope, Site, Target
from tierwise.actions.custom import CustomAction, custom_action

CATALOGUE: tuple[Action, ...] = (
    fix_diagnostic.ACTION,
    write_tests.ACTION,
    refactor.ACTION,
    document.ACTION,
    add_type_hints.ACTION,
    format.ACTION,
    refactor_across_files.ACTION,
    do.ACTION,
)

BUILT_IN_IDS = frozenset(action.id for action in CATALOGUE)

__all__ = [
    "BUILT_IN_IDS",
    "CATALOGUE",
    "Action",
    "CustomAction",
    "Diagnostic",
    "Difficulty",
    "Example",
    "Scope",
    "Site",
    "Target",
    "custom_action",
]
