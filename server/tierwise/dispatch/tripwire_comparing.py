"""Whether two verified edits of the same task make the same program: by their trees, their diagnostics, their tests."""

import asyncio
from collections.abc import Mapping

from tierwise.checks import Change, Check
from tierwise.checks.reading import Reading
from tierwise.checks.running.diagnostics import no_new_diagnostics
from tierwise.checks.running.inquiry import Inquiry
from tierwise.checks.running.project_tests import STILL_FINE
from tierwise.checks.same_program import same_code
from tierwise.config.sections import ChecksOptions
from tierwise.dispatch.judge import Judged
from tierwise.dispatch.native import find_python
from tierwise.dispatch.native.toolbox import project_tools
from tierwise.dispatch.prepared import Prepared
from tierwise.dispatch.proving import NOT_PROVED
from tierwise.dispatch.values import Workspace
from tierwise.store.tripwire import Compared
from tierwise.syntax.languages import language_of
from tierwise.text import Rejection

Texts = Mapping[str, str | None]


async def compare(
    prepared: Prepared, made: Judged, judged: Judged, options: ChecksOptions, workspace: Workspace
) -> Compared:
    """Compare a cheap model's edit with the judge's; both have passed the action's checks.

    Equal trees are the same program, whatever the layout and the comments. Where trees differ, a problem that the
    project's tools report in the cheap edit alone decides against it, and tests that were run and pass on both decide
    for it. Written tests that could not be run say nothing.
    """
    texts, others = _texts(prepared, made), _texts(prepared, judged)
    if await asyncio.to_thread(_same, prepared, texts, others):
        return "alike"
    if await _is_worse(prepared, texts, others, options, workspace):
        return "apart"
    checks = prepared.action.checks
    if Check.TESTS_PASS in checks:
        return "alike" if _is_proved(made) and _is_proved(judged) else "unjudged"
    if Check.PROJECT_TESTS in checks and _was_tested(made) and _was_tested(judged):
        return "alike"
    return "apart"


def _texts(prepared: Prepared, judged: Judged) -> dict[str, str | None]:
    """The files an edit changes, as they would be, by their path in the project."""
    return {change.path.relative_to(prepared.root).as_posix(): change.after for change in judged.changes}


def _same(prepared: Prepared, texts: Texts, others: Texts) -> bool:
    for path in {**texts, **others}:
        now = prepared.files.get(path)
        one, other = texts.get(path, now), others.get(path, now)
        if one is None or other is None:
            if one is not other:
                return False
            continue
        language = _language(prepared, path)
        if isinstance(same_code(Reading(other, language), Reading(one, language)), Rejection):
            return False
    return True


async def _is_worse(
    prepared: Prepared, texts: Texts, others: Texts, options: ChecksOptions, workspace: Workspace
) -> bool:
    """Whether the project's tools find anything in the one edit that they do not find in the other."""
    is_trusted = workspace.is_trusted
    python = options.python or find_python(prepared.root, is_trusted)
    tools = project_tools(prepared.root, is_trusted=is_trusted, python=python)
    for path, text in texts.items():
        other = others.get(path, prepared.files.get(path))
        change = Change(path=path, language=_language(prepared, path), before=other, after=text)
        if isinstance(await no_new_diagnostics(Inquiry(change, tools)), Rejection):
            return True
    return False


def _language(prepared: Prepared, path: str) -> str:
    return prepared.language if path == prepared.path else language_of(path)


def _is_proved(judged: Judged) -> bool:
    return not any(note.startswith(NOT_PROVED) for note in judged.notes)


def _was_tested(judged: Judged) -> bool:
    return any(note.endswith(STILL_FINE) for note in judged.notes)
