"""Mend the problem some tool reported under the cursor."""

from tierwise.actions.base import COMMON_CHECKS, Action, Diagnostic, Difficulty, Scope, Site, Target
from tierwise.actions.examples import rewritten
from tierwise.actions.targets import with_indentation
from tierwise.checks import Check
from tierwise.syntax.outline import enclosing
from tierwise.text import Span

_TITLE_LENGTH = 60
_OF_THE_WHOLE_FILE = ("import", "undefined name", "not defined", "cannot find name", "unresolved", "undeclared")
"""Words of messages whose cure often stands at the top of the file, outside the function that shows them."""


def find_target(site: Site) -> Target | None:
    """The gravest diagnostic under the cursor, with the code its cure may touch."""
    if not site.diagnostics:
        return None
    diagnostic = min(site.diagnostics, key=lambda d: (d.severity, d.span))
    return target_of(site, diagnostic)


def target_of(site: Site, diagnostic: Diagnostic) -> Target:
    """The symbol a diagnostic stands in; the whole file when the cure may lie elsewhere in it."""
    message = diagnostic.message.lower()
    symbol = enclosing(site.symbols, diagnostic.span)
    name = diagnostic.message.split("\n")[0]
    if _TITLE_LENGTH < len(name):
        name = name[: _TITLE_LENGTH - 1].rstrip() + "…"
    if symbol is None or any(words in message for words in _OF_THE_WHOLE_FILE):
        return Target(span=Span(0, len(site.snapshot.text)), name=name, diagnostic=diagnostic)
    span = with_indentation(site.snapshot.text, symbol.span)
    return Target(span=span, name=name, symbol=symbol, diagnostic=diagnostic)


ACTION = Action(
    id="fix_diagnostic",
    title="Fix: {target}",
    kind="quickfix.tierwise.fixDiagnostic",
    difficulty=Difficulty.MECHANICAL,
    scope=Scope.SPAN,
    find_target=find_target,
    instructions=(
        "Mend the reported problem with the smallest change that cures its cause. Change nothing else: other"
        " faults stay as they are. Do not silence"
        " the tool with a comment and do not delete code that is used."
    ),
    checks=(
        *COMMON_CHECKS,
        Check.IN_SCOPE,
        Check.PUBLIC_NAMES_KEPT,
        Check.NOT_EMPTIED,
        Check.IMPORTS_RESOLVE,
        Check.NAMES_DEFINED,
        Check.DIAGNOSTIC_GONE,
    ),
    allows_imports=True,
    is_quick_fix=True,
    output_ratio=1.05,
    examples=(
        rewritten(
            "python",
            """\
def greet(name):
    greeting = f"Hello"$0
    return greeting + name
""",
            """\
def greet(name):
    greeting = "Hello"
    return greeting + name
""",
            diagnostic="F541 f-string without any placeholders",
        ),
        rewritten(
            "typescript",
            """\
function port(text: string): number {
  return text;$0
}
""",
            """\
function port(text: string): number {
  return Number(text);
}
""",
            diagnostic="2322 Type 'string' is not assignable to type 'number'.",
        ),
        rewritten(
            "go",
            """\
func greet(name string) string {
	greeting := fmt.Sprintf("Hello %d", name)$0
	return greeting
}
""",
            """\
func greet(name string) string {
	greeting := fmt.Sprintf("Hello %s", name)
	return greeting
}
""",
            diagnostic="printf fmt.Sprintf format %d has arg name of wrong type string",
        ),
    ),
)
