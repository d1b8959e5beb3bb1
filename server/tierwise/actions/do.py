"""Carry out a free instruction on the selection, the symbol around the cursor, or the file."""

from tierwise.actions.base import COMMON_CHECKS, Action, Difficulty, Scope, Site, Target
from tierwise.actions.examples import rewritten
from tierwise.actions.targets import instruction_here, selection_symbol_or_file
from tierwise.checks import Check


def find_target(site: Site) -> Target | None:
    """The code a `tw:` comment speaks of, else what the user stands on."""
    return instruction_here(site) or selection_symbol_or_file(site)


ACTION = Action(
    id="do",
    title="Do… on {target}",
    kind="refactor.rewrite.tierwise.do",
    difficulty=Difficulty.STANDARD,
    scope=Scope.SPAN,
    find_target=find_target,
    instructions=(
        "Carry out the instruction on the target and change nothing that it does not ask for. Keep the style of the"
        " file. Use only names that exist or that you define; a Python import that is needed stands before the target,"
        " in the same block, and is moved to the top of the file."
    ),
    checks=(*COMMON_CHECKS, Check.IN_SCOPE, Check.NOT_EMPTIED, Check.IMPORTS_RESOLVE, Check.NAMES_DEFINED),
    allows_imports=True,
    needs_instruction=True,
    output_ratio=1.3,
    examples=(
        rewritten(
            "python",
            """\
def names(users):$0
    return [user.name for user in users]
""",
            """\
def names(users):
    if users is None:
        return []
    return [user.name for user in users]
""",
            instruction="accept None and give an empty list back",
        ),
        rewritten(
            "javascript",
            """\
function names(users) {$0
  return users.map((user) => user.name);
}
""",
            """\
function names(users) {
  if (users === null) {
    return [];
  }
  return users.map((user) => user.name);
}
""",
            instruction="accept null and give an empty list back",
        ),
        rewritten(
            "go",
            """\
func Names(users []User) []string {$0
	names := make([]string, 0, len(users))
	for _, user := range users {
		names = append(names, user.Name)
	}
	return names
}
""",
            """\
func Names(users []User) []string {
	names := make([]string, 0, len(users))
	for _, user := range users {
		if user.Name == "" {
			continue
		}
		names = append(names, user.Name)
	}
	return names
}
""",
            instruction="leave out users without a name",
        ),
    ),
)
