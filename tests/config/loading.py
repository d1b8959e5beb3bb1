"""The one place where tests of the configuration call the loader."""

from collections.abc import Mapping
from pathlib import Path

from tierwise.config import Loaded, load_config
from tierwise.config.files import WORKSPACE_FILE


def load(
    folder: Path,
    *,
    user: str | bytes | None = None,
    workspace: str | bytes | None = None,
    editor: object = None,
    env: Mapping[str, str] | None = None,
    trusted: bool = True,
) -> Loaded:
    """Load from a folder with these texts in it; None leaves a source out."""
    user_file, root = folder / "config.toml", folder / "workspace"
    root.mkdir(exist_ok=True)
    for file, text in ((user_file, user), (root / WORKSPACE_FILE, workspace)):
        if text is not None:
            file.write_bytes(text if isinstance(text, bytes) else text.encode())
    return load_config(
        user_file=user_file, workspace_roots=[root], trusted=trusted, editor_settings=editor, env=env or {}
    )


def codes(loaded: Loaded) -> list[str]:
    """The codes of all problems, in order."""
    return [problem.code for problem in loaded.problems]


def check_good(loaded: Loaded) -> Loaded:
    """There is nothing to say about it."""
    assert [str(problem) for problem in loaded.problems] == []
    return loaded
