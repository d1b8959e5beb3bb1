"""Carry one change through every file of the workspace that it concerns."""

from tierwise.actions.base import COMMON_CHECKS, Action, Difficulty, Example, Scope
from tierwise.actions.targets import selection_symbol_or_file
from tierwise.checks import Check

ACTION = Action(
    id="refactor_across_files",
    title="Refactor across files: {target}…",
    kind="refactor.rewrite.tierwise.refactorAcrossFiles",
    difficulty=Difficulty.DEEP,
    scope=Scope.FILES,
    find_target=selection_symbol_or_file,
    instructions=(
        "Carry out the instruction in all the files shown that it concerns: definitions, uses, imports, tests and"
        " documentation stay consistent with each other. Leave everything else as it is. Touch only files that are"
        " shown; a new file may be added beside them where the instruction calls for one."
    ),
    checks=(
        *COMMON_CHECKS,
        Check.NOT_EMPTIED,
        Check.IMPORTS_RESOLVE,
        Check.NAMES_DEFINED,
        Check.NO_NEW_DIAGNOSTICS,
        Check.PROJECT_TESTS,
    ),
    needs_instruction=True,
    output_ratio=1.0,
    examples=(
        Example(
            language="python",
            instruction="Rename total to sum_of",
            before="""\
def total(items):$0
    return sum(items)


print(total([1, 2]))
""",
            reply="""\
sample.py
```python
<<<<<<< SEARCH
def total(items):
=======
def sum_of(items):
>>>>>>> REPLACE
```

sample.py
```python
<<<<<<< SEARCH
print(total([1, 2]))
=======
print(sum_of([1, 2]))
>>>>>>> REPLACE
```
""",
            after="""\
def sum_of(items):
    return sum(items)


print(sum_of([1, 2]))
""",
        ),
    ),
)
