"""Make one piece of code simpler without changing what it does."""

from tierwise.actions.base import COMMON_CHECKS, Action, Difficulty, Scope
from tierwise.actions.examples import rewritten
from tierwise.actions.targets import selection_or_symbol
from tierwise.checks import Check

ACTION = Action(
    id="refactor",
    title="Refactor {target}",
    kind="refactor.rewrite.tierwise.refactor",
    difficulty=Difficulty.STANDARD,
    scope=Scope.SPAN,
    find_target=selection_or_symbol,
    instructions=(
        "Refactor the target: make it clearer and shorter where that helps a reader, for instance by early returns,"
        " better local names, no repetition, the language's own idioms. It must behave exactly as before, for every"
        " input and every error. Keep its name, its parameters and what it returns; use only names that exist."
    ),
    checks=(
        *COMMON_CHECKS,
        Check.IN_SCOPE,
        Check.PUBLIC_NAMES_KEPT,
        Check.NOT_EMPTIED,
        Check.IMPORTS_RESOLVE,
        Check.NAMES_DEFINED,
        Check.NO_NEW_DIAGNOSTICS,
        Check.PROJECT_TESTS,
    ),
    examples=(
        rewritten(
            "python",
            """\
def find(users, name):$0
    result = None
    for i in range(len(users)):
        if users[i].name == name:
            if result is None:
                result = users[i]
    return result
""",
            """\
def find(users, name):
    for user in users:
        if user.name == name:
            return user
    return None
""",
        ),
        rewritten(
            "javascript",
            """\
function total(orders) {$0
  let sum = 0;
  for (let i = 0; i < orders.length; i++) {
    if (orders[i].paid === true) {
      sum = sum + orders[i].price;
    }
  }
  return sum;
}
""",
            """\
function total(orders) {
  let sum = 0;
  for (const order of orders) {
    if (order.paid === true) {
      sum += order.price;
    }
  }
  return sum;
}
""",
        ),
        rewritten(
            "go",
            """\
func First(users []User, name string) *User {$0
	var result *User
	for i := 0; i < len(users); i++ {
		if users[i].Name == name {
			if result == nil {
				result = &users[i]
			}
		}
	}
	return result
}
""",
            """\
func First(users []User, name string) *User {
	for i := range users {
		if users[i].Name == name {
			return &users[i]
		}
	}
	return nil
}
""",
        ),
    ),
)
