"""The project's own Python."""

import sys
from pathlib import Path

from tierwise.dispatch.native.programs import ENVIRONMENTS

_PYTHON = Path("Scripts/python.exe") if sys.platform == "win32" else Path("bin/python")


def find_python(root: Path, is_trusted: bool) -> str | None:
    """The interpreter of the virtual environment in `root`; None when there is none or the workspace is untrusted.

    The link is not followed: an interpreter finds its environment by the name it was started under.
    """
    if not is_trusted:
        return None
    for name in ENVIRONMENTS:
        environment = root / name
        if (environment / "pyvenv.cfg").is_file() and (environment / _PYTHON).is_file():
            return str(environment / _PYTHON)
    return None
