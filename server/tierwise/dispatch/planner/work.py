"""One sealed subtask: shown its own files and what it may rely on, carried up its ladder until its edit passes."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from tierwise.actions import Target
from tierwise.actions.refactor_across_files import ACTION
from tierwise.checks import Check
from tierwise.context import Snippet
from tierwise.dispatch.attempt import Run
from tierwise.dispatch.climbing import Climbed, climb
from tierwise.dispatch.judge import Judged
from tierwise.dispatch.planner.excerpts import excerpt_of
from tierwise.dispatch.planner.field import Field, Texts
from tierwise.dispatch.planner.outlines import body_of, outline_file
from tierwise.dispatch.planner.plan import Subtask
from tierwise.dispatch.planner.requests import request_of_subtask
from tierwise.dispatch.prepared import Prepared, names_of
from tierwise.routing.estimate import PROMPT_OVERHEAD_TOKENS, Estimate, estimate_tokens
from tierwise.routing.policy import choose_route
from tierwise.routing.tiers import Route
from tierwise.syntax.languages import language_of
from tierwise.text import Rejection, Span

_ELSEWHERE = "other files"
"""Where contracts come from, in the prompt."""


@dataclass(frozen=True, slots=True)
class Worked:
    """What came of one subtask."""

    subtask: Subtask
    result: Texts | Rejection
    """The new texts of its files, or why there are none."""
    climbed: Climbed | None
    """None when nobody was asked."""
    notes: tuple[str, ...] = ()


async def work(
    run: Run, sealed: Prepared, subtask: Subtask, evidence: Sequence[Rejection] = (), refused: str = ""
) -> Worked:
    """Carry out one sealed subtask; `evidence` is what was wrong with what it gave before, `refused` that answer."""
    request = request_of_subtask(run.runtime, sealed, subtask)
    route = choose_route(request, run.runtime.candidates)
    if not route.ladder:
        why = "; ".join(reason.words for reason in route.reasons if reason.code.startswith("skipped-"))
        rejection = Rejection("no-model", f"nobody can be asked for {subtask.title!r} ({why or 'no tier has a model'})")
        return Worked(subtask, rejection, None)
    climbed = await climb(run, sealed, _raised(route) if evidence else route, tuple(evidence), refused)
    judged = climbed.judged
    if judged is None and not evidence and _needs_nothing(subtask, climbed):
        return Worked(subtask, {}, climbed, (f"{subtask.title!r} was left as it is: nobody saw anything to change",))
    if judged is None:
        return Worked(subtask, _why(climbed), climbed)
    return Worked(subtask, _texts(sealed, judged), climbed, judged.notes)


def shown_files(sealed: Prepared) -> frozenset[str]:
    """Files whose text is in a subtask's prompt."""
    return frozenset((*sealed.files, *(snippet.path for snippet in sealed.snippets))) - {_ELSEWHERE}


def _needs_nothing(subtask: Subtask, climbed: Climbed) -> bool:
    """Whether all who answered left the files as they are, so that one part needs nothing and the others still count.

    The check of the whole sees it when they were wrong.
    """
    answered = [summary for summary in climbed.attempts if summary.outcome == "rejected"]
    is_last = isinstance(climbed.last.result, Rejection)
    return is_last and not subtask.creates and all(summary.code == "no-change" for summary in answered)


def _raised(route: Route) -> Route:
    """The ladder without its first tier, whose answer did not hold; as it is when that is all there is."""
    above = tuple(candidate for candidate in route.ladder if candidate.tier is not route.ladder[0].tier)
    return replace(route, ladder=above) if above else route


def _why(climbed: Climbed) -> Rejection:
    result = climbed.last.result
    if isinstance(result, Rejection):
        return result
    return Rejection(climbed.last.summary.code, str(result))


def _texts(sealed: Prepared, judged: Judged) -> Texts:
    """New texts by path relative to the root."""
    return {change.path.relative_to(sealed.root).as_posix(): change.after for change in judged.changes}


def seal(
    field: Field, prepared: Prepared, subtask: Subtask, contracts: Sequence[str], evidence: Sequence[Rejection] = ()
) -> Prepared:
    """The subtask as a task of its own, with nothing of the project in it but what it needs.

    Of a long file that is what the task, the contracts and the reasons why an earlier answer was refused name.
    """
    files: dict[str, str] = {}
    for path in subtask.edited:
        text = field.text(path)
        if text is not None:
            files[path] = text
    snippets = _snippets(field, subtask, contracts)
    first = subtask.edited[0]
    context = "".join(snippet.text for snippet in snippets)
    excerpts = _excerpts(prepared, subtask, contracts, evidence, files)
    seen = (*files, *(snippet.path for snippet in snippets), *subtask.edited)
    return replace(
        prepared,
        action=replace(ACTION, title="{target}", checks=_checks_of(subtask)),
        target=Target(span=Span(0, 0), name=subtask.title),
        path=first,
        language=language_of(first),
        text=files.get(first, ""),
        span=Span(0, 0),
        edited_path=first,
        files=files,
        snapshots={path: snapshot for path, snapshot in field.snapshots.items() if path in files},
        excerpts=excerpts,
        snippets=tuple(snippets),
        instruction=_instruction(subtask),
        estimate=_estimate(subtask, files | excerpts, context),
        test_path=None,
        seen=tuple(dict.fromkeys(name for path in seen for name in names_of(field.root, path))),
        creatable=frozenset(path for path in subtask.edited if path not in files),
    )


def _excerpts(
    prepared: Prepared,
    subtask: Subtask,
    contracts: Sequence[str],
    evidence: Sequence[Rejection],
    files: Mapping[str, str],
) -> dict[str, str]:
    """What is shown in place of files that are too long, by path."""
    own = (prepared.instruction or "", subtask.title, subtask.instruction, subtask.contract)
    words = (*own, *contracts, *subtask.reads, *(rejection.detail for rejection in evidence))
    found = (excerpt_of(path, text, words) for path, text in files.items())
    return {excerpt.path: excerpt.text for excerpt in found if excerpt is not None}


def _estimate(subtask: Subtask, shown: Mapping[str, str], context: str) -> Estimate:
    n_files = sum(estimate_tokens(text) for text in shown.values())
    return Estimate(
        input_tokens=PROMPT_OVERHEAD_TOKENS + n_files + estimate_tokens(context + subtask.instruction),
        output_tokens=n_files // 2 + 300 * len(subtask.creates) + 200,
    )


def _checks_of(subtask: Subtask) -> tuple[Check, ...]:
    """What a piece can be asked before the others are done; what only the whole shows is asked of the whole.

    Undefined names of Python are seen in one file; the checkers of other languages look at its neighbors too.
    """
    left_out = {Check.IMPORTS_RESOLVE, Check.NO_NEW_DIAGNOSTICS, Check.PROJECT_TESTS}
    if not all(language_of(path) == "python" for path in subtask.edited):
        left_out.add(Check.NAMES_DEFINED)
    return tuple(check for check in ACTION.checks if check not in left_out)


def _instruction(subtask: Subtask) -> str:
    words = [subtask.instruction]
    if subtask.contract:
        words.append(f"Others rely on this, so keep to it exactly:\n{subtask.contract}")
    if subtask.creates:
        words.append("Files to add: " + ", ".join(subtask.creates))
    for rename in subtask.renames:
        words.append(f"{rename.old} has been renamed to {rename.new} already.")
    return "\n".join(words)


def _snippets(field: Field, subtask: Subtask, contracts: Sequence[str]) -> list[Snippet]:
    snippets: list[Snippet] = []
    if contracts:
        words = "what the rest of the change promises"
        text = "\n".join(contracts)
        snippets.append(Snippet(label=words, path=_ELSEWHERE, text=text, language="plaintext", priority=0))
    texts = field.texts()
    for asked in subtask.reads:
        shown = _read(asked, texts)
        if isinstance(shown, str):
            path = asked.partition("::")[0]
            snippets.append(Snippet(label=asked, path=path, text=shown, language=language_of(path), priority=1))
    return snippets


def _read(asked: str, texts: Mapping[str, str]) -> str | Rejection:
    """What a worker is shown of another file: one symbol's text, or a whole file's signatures."""
    path, _, name = asked.partition("::")
    if name or path not in texts:
        return body_of(asked, texts)
    return outline_file(path, texts[path]).text
