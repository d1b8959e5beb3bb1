"""Whether a diagnostic is gone and no other has come, by asking the tools about both texts."""

import asyncio
import re
from collections.abc import Sequence

from tierwise.checks.base import Accepted, Verdict
from tierwise.checks.running.difference import find_reported, is_still_there, kept_lines, new_findings
from tierwise.checks.running.inquiry import Compared, Inquiry, Reported
from tierwise.checks.running.tools import configured_tools, tool_of
from tierwise.checks.running.tools.base import Finding, Findings, NotAsked, Tool
from tierwise.checks.running.tools.ruff import ask_errors
from tierwise.text import Rejection

_SILENCED = re.compile(
    r"#\s*(?:noqa|ruff:\s*noqa|flake8:\s*noqa|type:\s*ignore|mypy:\s*ignore|pyright:\s*ignore|pylint:\s*(?:disable|skip))"
    r"|//\s*nolint|//\s*lint:ignore|#\s*shellcheck\s+disable"
    r"|(?://|/\*)\s*(?:eslint-disable|@ts-ignore|@ts-expect-error|@ts-nocheck|biome-ignore|oxlint-disable)"
)
_TOO_HEAVY = {"rustc": "cargo check", "rust-analyzer": "cargo check", "clippy": "cargo clippy"}
_TO_MEND_OTHERS = "mend the reported problem without causing another"


async def diagnostic_gone(inquiry: Inquiry, reported: Reported) -> Verdict:
    """Ask the tool behind a diagnostic about the text before and after, and refuse when it still says the same.

    No tool the project configures may report a new error either. Where a tool cannot be asked, the verdict says so.
    """
    if inquiry.change.after is None or inquiry.change.before is None:
        return Accepted()
    silenced = _newly_silenced(inquiry)
    if silenced is not None:
        return silenced
    tool = tool_of(reported.source, inquiry.grammar)
    verdict = await _gone(inquiry, reported, tool)
    if isinstance(verdict, Rejection):
        return verdict
    others = [other for other in inquiry.configured() if other is not tool]
    if inquiry.grammar == "python" and (tool is None or tool.name != "ruff"):
        others.append(_PYTHON_ERRORS)
    new = await _nothing_new(inquiry, others, is_fix=True)
    return new if isinstance(new, Rejection) else Accepted((*verdict.notes, *new.notes))


async def no_new_diagnostics(inquiry: Inquiry) -> Verdict:
    """Refuse a change after which a tool that the project configures reports an error or a warning it did not before.

    What a formatter would mend is noted. An existing problem may be told in other words.
    """
    if inquiry.change.after is None:
        return Accepted()
    if not inquiry.toolbox.is_trusted:
        names = ", ".join(tool.name for tool in configured_tools(inquiry.place))
        words = f"the project's tools ({names}) were not asked about the change, because the workspace is not trusted"
        return Accepted((words,) if names else ())
    return await _nothing_new(inquiry, list(inquiry.configured()), is_fix=False)


_PYTHON_ERRORS = Tool(name="ruff", sources=frozenset(), grammars=frozenset({"python"}), ask=ask_errors)
"""What no Python program may have, whether or not the project configures a linter."""


def _newly_silenced(inquiry: Inquiry) -> Rejection | None:
    before, after = inquiry.texts
    if len(_SILENCED.findall(after)) <= len(_SILENCED.findall(before or "")):
        return None
    known = {line.strip() for line in (before or "").split("\n")}
    new = (line for line in after.split("\n") if line.strip() not in known)
    found = next((match[0] for line in new if (match := _SILENCED.search(line))), "a comment")
    return Rejection("diagnostic-silenced", f"the answer silences the tool with {found!r}; mend the problem itself")


async def _gone(inquiry: Inquiry, reported: Reported, tool: Tool | None) -> Verdict:
    name = reported.source or "the tool that reported it"
    if tool is None:
        return Accepted((f"{name} was not asked again, because {_why_unknown(reported.source, inquiry)}",))
    if not inquiry.toolbox.is_trusted and tool.name not in ("ruff", "flake8"):
        return Accepted((f"{name} was not asked again, because the workspace is not trusted",))
    compared = await inquiry.ask(tool.ask)
    if isinstance(compared, NotAsked):
        return Accepted((f"{name} was not asked again, because {compared.reason}",))
    before, after = inquiry.texts
    lines = kept_lines(before or "", after)
    found = find_reported(compared.before, reported.code, reported.message, reported.line)
    if found is None:
        note = f"whether {name} is content is not known, because {tool.name} did not report the problem when asked here"
        return _without_new(compared.before, compared.after, tool, inquiry, note)
    if is_still_there(found, compared.before, compared.after, lines):
        code = f"{found.code}: " if found.code else ""
        return Rejection("diagnostic-stays", f"{name} still reports {code}{_first_line(reported.message)}")
    return _without_new(compared.before, compared.after, tool, inquiry, None, mended=found)


def _without_new(
    before: Findings, after: Findings, tool: Tool, inquiry: Inquiry, note: str | None, mended: Finding | None = None
) -> Verdict:
    """The verdict on what the reporting tool says besides; the mended problem may not come back in other words."""
    codes = {one.code.lower() for one in before}
    reworded = codes - {mended.code.lower()} if mended is not None else codes
    old, text = inquiry.texts
    new = new_findings(before, after, kept_lines(old or "", text), reworded=reworded)
    verdict = _judged(tool, new, is_fix=True)
    if isinstance(verdict, Rejection) or note is None:
        return verdict
    return Accepted((note, *verdict.notes))


async def _nothing_new(inquiry: Inquiry, tools: Sequence[Tool], *, is_fix: bool) -> Verdict:
    answers = await asyncio.gather(*(inquiry.ask(tool.ask) for tool in tools))
    old, text = inquiry.texts
    lines = kept_lines(old or "", text)
    notes: list[str] = []
    for tool, answer in zip(tools, answers, strict=True):
        if not isinstance(answer, Compared):
            notes.append(f"{tool.name} was not asked about the change, because {answer.reason}")
            continue
        verdict = _judged(tool, new_findings(answer.before, answer.after, lines), is_fix=is_fix)
        if isinstance(verdict, Rejection):
            return verdict
        notes += verdict.notes
    return Accepted(tuple(notes))


def _judged(tool: Tool, new: Findings, *, is_fix: bool) -> Verdict:
    """Refuse for what is grave, tell the rest."""
    grave = [one for one in new if one.gravity == "error" or (one.gravity == "warning" and not is_fix)]
    if grave:
        words = f"{tool.name} reports a new problem: {_told(grave[0])}"
        return Rejection("new-diagnostic", f"{words}; {_TO_MEND_OTHERS}" if is_fix else words)
    if new:
        return Accepted((f"{tool.name} reports something new: {_told(new[0])}",))
    return Accepted()


def _told(finding: Finding) -> str:
    where = f"{finding.path!r} line {finding.line}" if finding.path else f"line {finding.line}"
    code = f" ({finding.code})" if finding.code else ""
    return f"{where}: {_first_line(finding.message)}{code}"


def _first_line(message: str) -> str:
    return message.strip().split("\n")[0].rstrip(".")


def _why_unknown(source: str, inquiry: Inquiry) -> str:
    heavy = _TOO_HEAVY.get(source.strip().lower())
    if heavy is not None:
        return f"'{heavy}' would build the whole crate"
    if not source:
        return "the diagnostic does not say which tool it comes from"
    return f"Tierwise cannot ask it about a text that is not saved ({inquiry.change.language})"
