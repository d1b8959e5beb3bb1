"""Lay out code as its language's community does, without changing the program."""

from tierwise.actions.base import COMMON_CHECKS, Action, Difficulty, Scope
from tierwise.actions.examples import rewritten
from tierwise.actions.targets import selection_or_file
from tierwise.checks import Check

ACTION = Action(
    id="format",
    title="Format {target}",
    kind="refactor.rewrite.tierwise.format",
    difficulty=Difficulty.MECHANICAL,
    scope=Scope.SPAN,
    find_target=selection_or_file,
    instructions=(
        "Format the target: indentation, spaces around operators and after commas, blank lines, line breaks in long"
        " lines, one statement a line, as the usual formatter of the language does. Change nothing else: no renaming,"
        " no reordering; quotes, semicolons and brackets as they are; every comment, docstring and string kept"
        " letter for letter, even where a space is missing in it. Code that is formatted already is returned unchanged."
    ),
    checks=(*COMMON_CHECKS, Check.IN_SCOPE, Check.SAME_PROGRAM),
    is_native_first=True,
    may_change_nothing=True,
    sets_layout=True,
    output_ratio=1.1,
    examples=(
        rewritten(
            "python",
            """\
$0def area(w,h):
  # both in metres
  return w*h
""",
            """\
def area(w, h):
    # both in metres
    return w * h
""",
        ),
        rewritten(
            "javascript",
            """\
$0function area(w,h){
  // both in metres
  return w*h;
}
""",
            """\
function area(w, h) {
  // both in metres
  return w * h;
}
""",
        ),
        rewritten(
            "go",
            """\
$0func area(w,h float64) float64 {
  // both in metres
  return w*h
}
""",
            """\
func area(w, h float64) float64 {
	// both in metres
	return w * h
}
""",
        ),
    ),
)
