"""Whether a change uses names that nothing defines."""

from tierwise.checks.base import Accepted, Change, Verdict
from tierwise.checks.running.ruff_runs import new_findings, run_ruff
from tierwise.syntax.languages import grammar_of
from tierwise.text import Rejection

_UNDEFINED = "F821,F822,F823"
_ASKED = "undefined names were not looked for, because ruff could not be asked"


async def names_defined(change: Change) -> Verdict:
    """Refuse new uses of undefined names in Python; for other languages say that nobody looked."""
    if change.after is None:
        return Accepted()
    if grammar_of(change.language) != "python":
        return Accepted((f"undefined names are not looked for in {change.language} files",))
    before = () if change.before is None else await run_ruff(change.before, _name(change), rules=_UNDEFINED)
    after = await run_ruff(change.after, _name(change), rules=_UNDEFINED)
    if after is None:
        return Accepted((_ASKED,))
    new = new_findings(before or (), after)
    if new:
        words = new[0].message[:1].lower() + new[0].message[1:].replace("`", "'")
        return Rejection("undefined-name", f"line {new[0].line}: {words}; define or import it")
    return Accepted()


def _name(change: Change) -> str:
    """A name ruff takes for Python, whatever the file is called."""
    return change.path if change.path.endswith((".py", ".pyi")) else "change.py"
