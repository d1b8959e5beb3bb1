"""Pyright, asked as the language server it is."""

from collections.abc import Sequence

from tierwise.checks.running.tools.base import Answer, Place, Toolbox, all_saved, missing
from tierwise.checks.running.tools.language_server import ask_server

_SERVERS = ("basedpyright-langserver", "pyright-langserver")


async def ask_pyright(place: Place, texts: Sequence[str], toolbox: Toolbox) -> Answer:
    """What the project's pyright says with the project's settings and interpreter.

    The program that pip installs fetches pyright at its first start, so only those that bring it along are taken.
    """
    program = next((found for name in _SERVERS if (found := toolbox.find(name, place.folders))), None)
    if program is None or _fetches_itself(program):
        return missing("pyright", "add it to the project's package.json, or basedpyright to its environment")
    unsaved = all_saved(place)
    if unsaved is not None:
        return unsaved
    python = {} if toolbox.python is None else {"pythonPath": toolbox.python}
    settings = {"python": python, "python.analysis": {}, "pyright": {"disableLanguageServices": False}}
    return await ask_server((program, "--stdio"), place, texts, toolbox, settings)


def _fetches_itself(program: str) -> bool:
    """Whether it is the wrapper of the Python package, a short script."""
    try:
        with open(program, "rb") as file:  # noqa: PTH123
            return b"from pyright." in file.read(2000)
    except OSError:
        return True
