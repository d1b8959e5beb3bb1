"""Programs broken on purpose: what a test that tests something has to notice."""

import itertools
import re

from tierwise.checks.running.mutant import Mutant
from tierwise.checks.running.python_mutants import python_mutants, reworded_python
from tierwise.checks.running.tree_mutants import reworded_tree, tree_mutants


def mutants(
    target_text: str, test_text: str, limit: int, lines: tuple[int, int] | None = None, language: str = "python"
) -> tuple[Mutant, ...]:
    """Broken versions of a file, the ones a real test is surest to notice first.

    `lines` names the first and the last line, from 1, of what the tests are for: a file that holds older tests of
    something else proves nothing of it. Without it the functions that the test names are broken. Empty where no
    function does something.
    """
    named = frozenset(re.findall(r"\w+", test_text))
    if language == "python":
        found = python_mutants(target_text, lines, named)
    else:
        found = tree_mutants(target_text, language, lines, named)
    distinct: dict[str, Mutant] = {}
    for mutant in itertools.islice(found, 4 * limit):
        distinct.setdefault(mutant.text, mutant)
    return tuple(distinct.values())[:limit]


def reworded(target_text: str, language: str = "python") -> str:
    """The same program in other words, which a test that runs it cannot tell from the first."""
    return reworded_python(target_text) if language == "python" else reworded_tree(target_text, language)
