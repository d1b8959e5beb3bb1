"""Asks the project's own tests about a change, as far as the configuration and this machine allow."""

import asyncio
import re
from collections.abc import Callable, Mapping
from pathlib import PurePosixPath

from tierwise.checks import Accepted, Verdict
from tierwise.checks.running.project_tests import ChangedProject, still_pass
from tierwise.checks.running.runs import Limits
from tierwise.checks.running.sandbox import find_sandbox
from tierwise.config.sections import ChecksOptions
from tierwise.context.tests_layout import is_test_file, tests_nearby
from tierwise.dispatch.listing import project_files
from tierwise.dispatch.native import find_python
from tierwise.dispatch.prepared import Prepared
from tierwise.dispatch.proving import left_out
from tierwise.dispatch.values import Workspace

_MAX_READ = 400
"""Test files that are looked into for the names of what changed."""


async def own_tests_pass(
    prepared: Prepared,
    changed: Mapping[str, str | None],
    options: ChecksOptions,
    workspace: Workspace,
    is_never_sent: Callable[[str], bool],
) -> Verdict:
    """Whether the tests that mention what changed pass as they did before (Python); a note where nobody can tell."""
    modules = [path for path in changed if path.endswith(".py")]
    if not modules or prepared.root not in workspace.roots:
        return Accepted()
    if "never" in (options.allow_running_tests, options.project_tests):
        return Accepted(("the project's own tests were not run: the configuration does not allow it",))
    tests = await asyncio.to_thread(_related, prepared, modules, workspace)
    if not tests:
        return Accepted(("no test of the project mentions what changed, so none was run",))
    project = ChangedProject(
        root=prepared.root,
        changed={path: (prepared.files.get(path), text) for path, text in changed.items()},
        tests=tests,
        is_left_out=await asyncio.to_thread(left_out, prepared, workspace, is_never_sent),
    )
    sandbox = await asyncio.to_thread(find_sandbox)
    python = options.python or find_python(prepared.root, workspace.is_trusted)
    try:
        return await still_pass(project, sandbox, python, Limits(timeout_s=options.test_timeout_s))
    except OSError as err:
        return Accepted((f"the project's own tests were not run: the sandbox could not be started ({err.strerror})",))


def _related(prepared: Prepared, modules: list[str], workspace: Workspace) -> tuple[str, ...]:
    """The test files that name a changed module, or are changed themselves, nearest first."""
    listed = project_files(prepared.root, is_trusted=workspace.is_trusted, is_wanted=lambda path: path.suffix == ".py")
    tests = tests_nearby(modules[0], "python", [path for path in listed if is_test_file(path)])
    stems = {PurePosixPath(path).stem for path in modules} | {PurePosixPath(path).parent.name for path in modules}
    stems -= {"__init__", "", "."}
    named = re.compile(rf"(?<!\w)(?:{'|'.join(map(re.escape, sorted(stems)))})(?!\w)") if stems else None
    found = [path for path in modules if is_test_file(path)]
    for test in tests[:_MAX_READ]:
        read = workspace.read(prepared.root / test)
        if read is not None and named is not None and named.search(read.text):
            found.append(test)
    return tuple(dict.fromkeys(found))
