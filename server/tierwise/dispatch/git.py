"""Git asked about a folder, so that it reads and does nothing else, whatever the folder's own settings say."""

import os
import subprocess
from pathlib import Path

_TIMEOUT_S = 5.0
_SETTINGS = {
    "core.fsmonitor": "false",
    "core.untrackedCache": "false",
    "core.hooksPath": os.devnull,
    "core.pager": "cat",
    "core.quotePath": "false",
    "protocol.allow": "never",
}
"""What would start programs or connections: watchers, hooks, pagers, and fetching what a partial clone lacks."""
_ENVIRONMENT = {"GIT_OPTIONAL_LOCKS": "0", "GIT_NO_LAZY_FETCH": "1", "GIT_TERMINAL_PROMPT": "0"}


def ask_git(root: Path, *arguments: str, told: bytes = b"") -> bytes | None:
    """What git prints about a folder, with `told` as its input; None where it cannot say. To be called in a thread.

    Of the variables that git listens to none is handed on: an editor that was started by a hook has some that name
    another repository.
    """
    settings = [part for name, value in _SETTINGS.items() for part in ("-c", f"{name}={value}")]
    env = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")} | _ENVIRONMENT
    command = ["git", *settings, "-C", str(root), *arguments]
    try:
        ended = subprocess.run(command, input=told, capture_output=True, check=False, timeout=_TIMEOUT_S, env=env)
    except (OSError, subprocess.SubprocessError, ValueError):
        return None
    return ended.stdout if ended.returncode == 0 else None
