"""What the user took of a proposal, looked at as a whole: every part by itself, then all files together."""

import asyncio
import os
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from tierwise.checks import Change, Check
from tierwise.checks.base import Verdict
from tierwise.checks.running.diagnostics import no_new_diagnostics
from tierwise.checks.running.imports import imports_resolve
from tierwise.checks.running.inquiry import Inquiry
from tierwise.checks.running.names import names_defined
from tierwise.dispatch.listing import project_files
from tierwise.dispatch.native import find_python
from tierwise.dispatch.native.toolbox import project_tools
from tierwise.dispatch.planner.field import Texts, field_of
from tierwise.dispatch.planner.left_behind import Fault, left_behind
from tierwise.dispatch.planner.surroundings import read_all
from tierwise.dispatch.planner.torn import torn
from tierwise.dispatch.prepared import root_of
from tierwise.dispatch.recheck import check_part
from tierwise.dispatch.runtime import Runtime
from tierwise.dispatch.values import FileChange, Workspace
from tierwise.text import Rejection

_OF_TOOLS: Mapping[Check, Callable[[Inquiry], Awaitable[Verdict]]] = {
    Check.IMPORTS_RESOLVE: imports_resolve,
    Check.NAMES_DEFINED: names_defined,
    Check.NO_NEW_DIAGNOSTICS: no_new_diagnostics,
}
"""The checks that see more than one file, without those that run the program."""


async def check_accepted(
    runtime: Runtime,
    workspace: Workspace,
    shown: Sequence[FileChange],
    accepted: Sequence[FileChange],
    checked: Sequence[FileChange],
) -> Rejection | None:
    """What speaks against applying only this of what was shown; None where nothing does.

    `checked` is what passed its checks together; nothing is asked again where it was accepted as it is. Of all that was
    shown only what came by merging is looked at, and only whether it can be read: what it does to their own lines the
    user has seen. Tests are not run again. What is told is the first fault, with the file's name.
    """
    good = {change.path: change.after for change in checked}
    seen = {change.path: change.after for change in shown}
    is_all = len(accepted) == len(shown) and all(change.after == seen[change.path] for change in accepted)
    for change in accepted:
        is_good = change.path in good and change.after == good[change.path]
        fault = None if is_good else check_part(replace(change, checks=()) if is_all else change)
        if fault is not None:
            return Rejection(fault.code, f"{change.path.name!r}: {fault.detail}")
    return None if is_all else await _check_together(runtime, workspace, shown, accepted)


async def _check_together(
    runtime: Runtime, workspace: Workspace, shown: Sequence[FileChange], accepted: Sequence[FileChange]
) -> Rejection | None:
    """Names, imports and diagnostics of all files as they would be: those of the proposal that are left out as well."""
    root = root_of(shown[0].path, workspace.roots)
    before = {_name(change, root): None if change.before is None else change.before.text for change in shown}
    taken = before | {_name(change, root): change.after for change in accepted}
    fault = next(torn(before, {_name(change, root): change.after for change in shown}, taken), None)
    if fault is None and any(change.after is None for change in accepted):
        fault = await asyncio.to_thread(_left_behind, root, workspace, taken)
    if fault is not None:
        return fault.rejection
    python = runtime.config.checks.python or find_python(root, workspace.is_trusted)
    tools = project_tools(root, is_trusted=workspace.is_trusted, python=python)
    for change in shown:
        name = _name(change, root)
        beside = {other: (before[other], text) for other, text in taken.items() if other != name}
        inquiry = Inquiry(Change(name, change.language, before=before[name], after=taken[name]), tools, beside=beside)
        fault_here = await _ask_tools(change, inquiry) if taken[name] is not None else None
        if fault_here is not None:
            return Rejection(fault_here.code, f"{change.path.name!r}: {fault_here.detail}")
    return None


async def _ask_tools(change: FileChange, inquiry: Inquiry) -> Rejection | None:
    """What the tools that the change had to pass say of what is taken of it."""
    for check, ask in _OF_TOOLS.items():
        verdict = await ask(inquiry) if check in change.checks else None
        if isinstance(verdict, Rejection):
            return verdict
    return None


def _left_behind(root: Path, workspace: Workspace, taken: Texts) -> Fault | None:
    """A file of the project that still imports one that goes away; reads the project."""
    listed = project_files(root, is_trusted=workspace.is_trusted)
    snapshots = read_all(listed, lambda path: workspace.read(root / path))
    field = field_of(root, snapshots, {}, listed)
    field.take(taken)
    return next(left_behind(field), None)


def _name(change: FileChange, root: Path) -> str:
    return Path(os.path.relpath(change.path, root)).as_posix()
