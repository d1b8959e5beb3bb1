"""Write the doc comment of a function, method or class."""

from tierwise.actions.base import COMMON_CHECKS, Action, Difficulty, Scope
from tierwise.actions.examples import rewritten
from tierwise.actions.targets import callable_here
from tierwise.checks import Check

ACTION = Action(
    id="document",
    title="Document {target}",
    kind="refactor.rewrite.tierwise.document",
    difficulty=Difficulty.STANDARD,
    scope=Scope.SPAN,
    find_target=callable_here,
    instructions=(
        "Write or mend the doc comment of the target in the usual form of the language (a docstring in Python, JSDoc in"
        " JavaScript and TypeScript, a comment above it in Go), in the style of the file's other ones where some are"
        " shown. Say what it does, what each parameter means where the name does not tell, what comes back and what is"
        " raised. State nothing the code does not show. For a class, document the class only. Leave the code itself"
        " letter for letter as it is."
    ),
    checks=(*COMMON_CHECKS, Check.IN_SCOPE, Check.ONLY_DOCS),
    output_ratio=1.5,
    examples=(
        rewritten(
            "python",
            """\
def clamp(value, low, high):$0
    if high < low:
        raise ValueError("high is below low")
    return max(low, min(value, high))
""",
            '''\
def clamp(value, low, high):
    """Return `value`, or the nearer of `low` and `high` when it lies outside them.

    Raises ValueError when `high` is below `low`.
    """
    if high < low:
        raise ValueError("high is below low")
    return max(low, min(value, high))
''',
        ),
        rewritten(
            "javascript",
            """\
function pad(text, width) {$0
  return text.length < width ? pad(" " + text, width) : text;
}
""",
            """\
/**
 * Put blanks in front of a text until it is `width` characters long; a longer text stays as it is.
 *
 * @param {string} text
 * @param {number} width
 * @returns {string}
 */
function pad(text, width) {
  return text.length < width ? pad(" " + text, width) : text;
}
""",
        ),
        rewritten(
            "go",
            """\
func Clamp(value, low, high int) (int, error) {$0
	if high < low {
		return 0, errors.New("high is below low")
	}
	return max(low, min(value, high)), nil
}
""",
            """\
// Clamp returns value, or the nearer of low and high when value lies outside them.
// It returns an error when high is below low.
func Clamp(value, low, high int) (int, error) {
	if high < low {
		return 0, errors.New("high is below low")
	}
	return max(low, min(value, high)), nil
}
""",
        ),
    ),
)
