"""The switch for what is offered: by language and kind, the more particular rule first."""

from typing import Any

import pytest
from pydantic import ValidationError

from tierwise.config.editor_options import EditorOptions

FIX, FORMAT = "quickfix.tierwise.fixDiagnostic", "refactor.rewrite.tierwise.format"
RULES: dict[str, dict[str, bool]] = {
    "*": {"quickfix": False, "refactor.rewrite": False, FORMAT: True},
    "go": {"quickfix": True, "*": False},
    "markdown": {"*": False},
}


@pytest.mark.parametrize(
    ("kind", "language", "is_offered"),
    [
        (FIX, "python", False),
        (FIX, "go", True),
        (FIX, "markdown", False),
        (FORMAT, "python", True),
        (FORMAT, "go", False),
        ("refactor.rewrite.tierwise.document", "python", False),
        ("refactor.rewriteAll", "python", True),
        ("source.tierwise.own", "python", True),
        ("source.tierwise.own", "go", False),
    ],
)
def test_the_more_particular_rule_goes_before(kind: str, language: str, is_offered: bool) -> None:
    assert EditorOptions(offer=RULES).is_offered(kind, language) is is_offered
    assert EditorOptions().is_offered(kind, language)


@pytest.mark.parametrize("wrong", [{"*": {"quick fix": False}}, {"": {"*": False}}, {"*": {"quickfix": "no"}}])
def test_a_rule_names_a_language_a_kind_and_yes_or_no(wrong: Any) -> None:
    with pytest.raises(ValidationError):
        EditorOptions(offer=wrong)
