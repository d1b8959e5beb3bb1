"""The table of what can be checked names every language."""

from tierwise.checks.coverage import COVERAGE, coverage_table
from tierwise.syntax import GRAMMARS


def test_every_language_has_a_row() -> None:
    assert list(COVERAGE) == [grammar.language for grammar in GRAMMARS]
    table = coverage_table()
    assert all(f"| {grammar.language} |" in table for grammar in GRAMMARS)
    assert len({line.replace("\\|", "").count("|") for line in table.splitlines()}) == 1
