"""Annotate parameters and results, and leave the program as it runs."""

from tierwise.actions.base import COMMON_CHECKS, Action, Difficulty, Scope
from tierwise.actions.examples import rewritten
from tierwise.actions.targets import callable_here
from tierwise.checks import Check

ACTION = Action(
    id="add_type_hints",
    title="Add type hints to {target}",
    kind="refactor.rewrite.tierwise.addTypeHints",
    difficulty=Difficulty.MECHANICAL,
    scope=Scope.SPAN,
    find_target=callable_here,
    instructions=(
        "Add type annotations to the parameters and the result of the target, and to nothing else. Take the types from"
        " how the values are used. Keep names, defaults, docstring, comments and body letter for letter. Use built-in"
        " types where they say enough. A Python name that has to be imported for the annotations is imported by an"
        " unindented line before the target, in the same block; it is moved to the top of the file."
    ),
    checks=(*COMMON_CHECKS, Check.IN_SCOPE, Check.ONLY_HINTS, Check.IMPORTS_RESOLVE, Check.NAMES_DEFINED),
    allows_imports=True,
    languages=frozenset({"python", "typescript", "typescriptreact"}),
    examples=(
        rewritten(
            "python",
            """\
def shout(words, times=1):$0
    return " ".join(words).upper() * times
""",
            """\
def shout(words: list[str], times: int = 1) -> str:
    return " ".join(words).upper() * times
""",
        ),
        rewritten(
            "typescript",
            """\
export function initials(names, dot) {$0
  return names.map((name) => name[0] + (dot ? "." : "")).join("");
}
""",
            """\
export function initials(names: string[], dot: boolean): string {
  return names.map((name) => name[0] + (dot ? "." : "")).join("");
}
""",
        ),
    ),
)
