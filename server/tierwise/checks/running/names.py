"""Whether a change uses names that nothing defines."""

from collections.abc import Mapping
from dataclasses import dataclass

from tierwise.checks.base import Accepted, Verdict
from tierwise.checks.running.difference import kept_lines, new_findings
from tierwise.checks.running.inquiry import Compared, Inquiry
from tierwise.checks.running.tools.base import Ask, Finding, NotAsked
from tierwise.checks.running.tools.go import ask_compiler
from tierwise.checks.running.tools.ruff import ask_undefined
from tierwise.checks.running.tools.typescript import ask_typescript, ask_typescript_strictly
from tierwise.text import Rejection

_TS_NAMES = frozenset({"2304", "2503", "2552", "2662", "2663", "18004"})
_TS_MODULES = frozenset({"2305", "2307", "2614", "2724", "2792"})
_GO_NAMES = ("undefined: ", "undeclared name: ")
_GO_BLIND = (
    *("no required module provides", "cannot find module providing", "is not in std", "could not import"),
    "missing go.sum entry",
)
"""What the compiler says when it cannot get as far as names."""


@dataclass(frozen=True, slots=True)
class _Source:
    """Who knows the names of a language, and how it is told that one is missing."""

    name: str
    ask: Ask
    needs_trust: bool = True


_RUFF = _Source("ruff", ask_undefined, needs_trust=False)
_TYPESCRIPT = _Source("TypeScript", ask_typescript)
_GO = _Source("the Go compiler", ask_compiler)
_SOURCES: Mapping[str, _Source] = {
    "python": _RUFF,
    "javascript": _Source("TypeScript", ask_typescript_strictly),
    "typescript": _TYPESCRIPT,
    "tsx": _TYPESCRIPT,
    "go": _GO,
}


async def names_defined(inquiry: Inquiry) -> Verdict:
    """Refuse new uses of undefined names; where nobody can be asked, say so and what would help.

    Python is read by ruff, scripts by the project's TypeScript, Go by its compiler.
    """
    change = inquiry.change
    if change.after is None:
        return Accepted()
    source = _SOURCES.get(inquiry.grammar or "")
    if source is None:
        return Accepted((f"undefined names are not looked for in {change.language} files",))
    if source.needs_trust and not inquiry.toolbox.is_trusted:
        return Accepted(("undefined names were not looked for, because the workspace is not trusted",))
    compared = await inquiry.ask(source.ask)
    if isinstance(compared, NotAsked):
        return Accepted((f"undefined names were not looked for, because {compared.reason}",))
    return _compare(inquiry, compared, source)


def _compare(inquiry: Inquiry, compared: Compared, source: _Source) -> Verdict:
    before, after = inquiry.texts
    for one in new_findings(compared.before, compared.after, kept_lines(before or "", after), reworded=()):
        verdict = _verdict(one, inquiry.grammar or "")
        if verdict is not None:
            return verdict
    blind = next((one for one in compared.after if any(words in one.message for words in _GO_BLIND)), None)
    if blind is not None:
        return Accepted((f"undefined names were not looked for, because {source.name} says: {blind.message}",))
    return Accepted()


def _verdict(finding: Finding, grammar: str) -> Rejection | None:
    """What a finding says about a name; None when it is about something else."""
    words = finding.message.strip().split("\n")[0].replace("`", "'").rstrip(".")
    words = words[:1].lower() + words[1:]
    where = f"{finding.path!r} line {finding.line}" if finding.path else f"line {finding.line}"
    if _is_name(finding, grammar):
        return Rejection("undefined-name", f"{where}: {words}; define or import it")
    if grammar not in ("python", "go") and finding.code in _TS_MODULES:
        return Rejection("unresolved-import", f"{where}: {words}; use what the project has")
    return None


def _is_name(finding: Finding, grammar: str) -> bool:
    match grammar:
        case "python":
            return finding.code in ("F821", "F822", "F823")
        case "go":
            return any(words in finding.message for words in _GO_NAMES)
        case _:
            return finding.code in _TS_NAMES
