"""The road without a model: the project's own formatter."""

from dataclasses import dataclass
from pathlib import Path

from tierwise.checks import Change, Check, verify
from tierwise.dispatch.native import Formatter, format_text
from tierwise.dispatch.prepared import Prepared
from tierwise.dispatch.runtime import Runtime
from tierwise.dispatch.values import AttemptSummary, FileChange, Progress, Proposal, Report, Workspace, total_cost
from tierwise.routing.tiers import Reason, Tier
from tierwise.text import Rejection, Span, apply_edits
from tierwise.text.diff import diff
from tierwise.text.uris import path_of

_TIMEOUT_S = 20.0


@dataclass(frozen=True, slots=True)
class NativeDone:
    """A tool did it."""

    prepared: Prepared
    formatter: Formatter
    after: str
    reasons: tuple[Reason, ...]

    def proposal(self, action_key: str, attempts: tuple[AttemptSummary, ...] = ()) -> Proposal:
        """The tool's result as a proposal; without changes when the file was formatted already.

        `attempts` are those of models that were asked before in vain.
        """
        prepared, snapshot = self.prepared, self.prepared.task.snapshot
        name = self.formatter.name
        change = FileChange(
            path=prepared.root / prepared.path,
            uri=snapshot.uri,
            language=prepared.language,
            before=snapshot,
            after=self.after,
            is_agreed=True,
        )
        is_same = self.after == snapshot.text
        words = "is formatted already" if is_same else "formatted"
        return Proposal(
            action_id=prepared.action.id,
            action_key=action_key,
            changes=() if is_same else (change,),
            summary=f"{prepared.target.name} {words}, by {name} without a model",
            tier=Tier.NATIVE,
            model=name,
            cost_pico_usd=total_cost(attempts),
            attempts=(*attempts, AttemptSummary(tier=Tier.NATIVE, model=name, outcome="accepted", cost_pico_usd=0)),
            reasons=self.reasons,
            notes=(f"used {self.formatter.source}",),
        )


@dataclass(frozen=True, slots=True)
class NoNative:
    """No tool did it, and why not."""

    reasons: tuple[Reason, ...]


async def try_native(
    runtime: Runtime, prepared: Prepared, workspace: Workspace, report: Report, *, is_last_resort: bool = False
) -> NativeDone | NoNative:
    """Let the project's formatter do a *format*; a bundled one steps in where no model could be asked."""
    task = prepared.task
    if not prepared.action.is_native_first or task.tier not in (None, Tier.NATIVE):
        return NoNative(())
    path = path_of(task.snapshot.uri) or prepared.root / prepared.path
    formatter = runtime.formatter_for(path, prepared.language, prepared.root, workspace.is_trusted)
    if formatter is None and (is_last_resort or not runtime.can_ask(Tier.LOCAL)):
        formatter = runtime.bundled_formatter(prepared.language, path)
    if formatter is None:
        return NoNative((Reason("no-native-tool", _why_none(workspace)),))
    report(Progress(message=f"formatting with {formatter.name}", tier=Tier.NATIVE, model=formatter.name))
    return await _format(prepared, formatter, path)


def _why_none(workspace: Workspace) -> str:
    if not workspace.is_trusted:
        return "no formatter is configured that can be run without the folder being trusted"
    return "the project configures no formatter that is installed here"


async def _format(prepared: Prepared, formatter: Formatter, path: Path) -> NativeDone | NoNative:
    text = prepared.task.snapshot.text
    formatted = await format_text(formatter, text, path, _TIMEOUT_S)
    if isinstance(formatted, Rejection):
        return NoNative((Reason(formatted.code, f"{formatter.name} did not format it: {formatted.detail}"),))
    after = _within(text, formatted, prepared.span)
    change = Change(path=prepared.path, language=prepared.language, before=text, after=after, span=prepared.span)
    # A part of a formatter's result is no longer the formatter's word: lines outside the selection keep their old
    # indentation, which can change what they belong to.
    verdict = verify((Check.PARSES, Check.SAME_PROGRAM), change)
    if isinstance(verdict, Rejection):
        return NoNative((Reason(verdict.code, f"{formatter.name} broke the file: {verdict.detail}"),))
    why = Reason("native", f"{formatter.source} does this without a model")
    return NativeDone(prepared, formatter, after, (why,))


def _within(text: str, formatted: str, span: Span) -> str:
    """Only the changes that lie inside the span, for a formatted selection."""
    if span == Span(0, len(text)):
        return formatted
    return apply_edits(text, [edit for edit in diff(text, formatted) if span.contains(edit.span)])
