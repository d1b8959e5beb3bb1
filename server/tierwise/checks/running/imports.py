"""Whether new imports lead anywhere, found out without importing anything."""

import asyncio
import os
from pathlib import Path

from tierwise.checks.base import Accepted, Verdict
from tierwise.checks.running.disk import ChangedDisk, Disk
from tierwise.checks.running.imports_go import GoProject, imported_packages
from tierwise.checks.running.imports_python import PythonProject, imported_modules
from tierwise.checks.running.imports_scripts import ScriptProject, imported_paths
from tierwise.checks.running.inquiry import Inquiry
from tierwise.checks.running.interpreters import find_interpreter
from tierwise.text import Rejection

_ADVICE = "use what is there"
_SCRIPTS = frozenset({"javascript", "typescript", "tsx"})


async def imports_resolve(inquiry: Inquiry, near: tuple[str, ...] = ()) -> Verdict:
    """Refuse new imports of what neither the project nor its installed packages have; older imports are not judged.

    Python, scripts and Go are looked at. Imports that may fail, under `try` or `TYPE_CHECKING`, are left alone. `near`
    names files whose folders may be places to import from. What nobody can know is noted.
    """
    if inquiry.change.after is None:
        return Accepted()
    changed = {inquiry.place.path: inquiry.change.after}
    changed |= {inquiry.full(path): after for path, (_, after) in inquiry.beside.items() if after is not None}
    gone = {inquiry.full(path): None for path, (_, after) in inquiry.beside.items() if after is None}
    disk = ChangedDisk({**gone, **changed})
    match inquiry.grammar:
        case "python":
            return await asyncio.to_thread(_python, inquiry, near, disk)
        case "go":
            return await asyncio.to_thread(_go, inquiry, disk)
        case grammar if grammar in _SCRIPTS:
            return await asyncio.to_thread(_scripts, inquiry, disk)
        case _:
            return Accepted()


def _python(inquiry: Inquiry, near: tuple[str, ...], disk: Disk) -> Verdict:
    before, after = inquiry.texts
    new = sorted(imported_modules(after) - imported_modules(before or ""))
    python = inquiry.toolbox.python
    has_python = python is not None and find_interpreter(python) is not None
    place = inquiry.place
    project = PythonProject(
        place.root,
        place.path,
        tuple(inquiry.full(path) for path in near),
        Path(python) if python is not None and has_python else None,
    )
    for module in new:
        words = project.leads_nowhere(module, disk)
        if words is not None:
            return _refused(words)
    if any(project.is_unknown(module, disk) for module in new):
        hint = "make a virtual environment in '.venv' or set checks.python"
        return Accepted((f"new imports were not looked up, because the project's Python is not known; {hint}",))
    return Accepted()


def _scripts(inquiry: Inquiry, disk: Disk) -> Verdict:
    before, after = inquiry.texts
    language = inquiry.change.language
    new = sorted(imported_paths(after, language) - imported_paths(before or "", language))
    project = ScriptProject(inquiry.place.root, inquiry.place.path)
    for path in new:
        words = project.leads_nowhere(path, disk)
        if words is not None:
            return _refused(words)
    if any(not path.startswith(".") for path in new) and project.is_unknown(disk):
        return Accepted(("new imports of packages were not looked up, because there is no package.json",))
    return Accepted()


def _go(inquiry: Inquiry, disk: Disk) -> Verdict:
    before, after = inquiry.texts
    new = sorted(imported_packages(after) - imported_packages(before or ""))
    place = inquiry.place
    program = inquiry.toolbox.find("go", place.folders)
    library = None if program is None else Path(os.path.realpath(program)).parent.parent / "src"
    project = GoProject(place.root, place.path, library if library is not None and library.is_dir() else None)
    if new and project.is_unknown(disk):
        return Accepted(("new imports were not looked up, because there is no go.mod",))
    for path in new:
        words = project.leads_nowhere(path, disk)
        if words is not None:
            return _refused(words)
    return Accepted()


def _refused(words: str) -> Rejection:
    return Rejection("unresolved-import", f"{words}; {_ADVICE}")
