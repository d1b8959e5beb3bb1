"""Which workspaces the user trusts, for editors that do not ask themselves.

Trust is for one folder by its real path. Its settings file is trusted with one content: a file that changes is a
file nobody has agreed to.
"""

import json
import os
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from platformdirs import user_state_path

from tierwise.config.files import WORKSPACE_FILE, digest_of, read_bytes
from tierwise.config.problems import Problem

_VERSION = 1


def default_trust_file() -> Path:
    """Where trust is written down."""
    return user_state_path("tierwise") / "trusted-workspaces.json"


@dataclass(frozen=True, slots=True)
class TrustStore:
    """The file that lists trusted workspaces. A file that cannot be read trusts nothing."""

    path: Path

    def is_trusted(self, root: Path, digest: str | None) -> bool:
        """Whether the user trusts a folder; with a digest, whether they trust its settings file with this SHA-256."""
        entries = self._read()
        real = os.path.realpath(root)
        return real in entries and (digest is None or entries[real] == digest)

    def standing(self, root: Path) -> Literal["trusted", "changed", "untrusted"]:
        """How a folder stands; `changed`: its settings file is not the one the user agreed to."""
        if not self.is_trusted(root, None):
            return "untrusted"
        try:
            return "trusted" if self.is_trusted(root, workspace_digest(root)) else "changed"
        except ValueError:
            return "changed"

    def trust(self, root: Path, digest: str | None = None) -> None:
        """Trust a folder with its settings file: the one of this hash, where given, else the one there is now.

        Raises OSError when the list cannot be written, ValueError for a settings file nobody can agree to.
        """
        entries = self._read()
        entries[os.path.realpath(root)] = workspace_digest(root) if digest is None else digest
        self._write(entries)

    def untrust(self, root: Path) -> bool:
        """Trust a folder no longer; whether it was listed. Raises OSError when the list cannot be written."""
        entries = self._read()
        was_listed = entries.pop(os.path.realpath(root), _NOT_LISTED) is not _NOT_LISTED
        if was_listed:
            self._write(entries)
        return was_listed

    def _read(self) -> dict[str, str | None]:
        content = read_bytes(self.path, follows_links=True)
        if not isinstance(content, bytes):
            return {}
        try:
            listed = json.loads(content)
        except (ValueError, RecursionError):
            return {}
        if (
            not isinstance(listed, dict)
            or listed.get("version") != _VERSION
            or not isinstance(listed.get("roots"), dict)
        ):
            return {}
        return {root: digest for root, digest in listed["roots"].items() if digest is None or isinstance(digest, str)}

    def _write(self, entries: dict[str, str | None]) -> None:
        """Replace the file in one step, readable by its owner alone."""
        self.path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        descriptor, name = tempfile.mkstemp(dir=self.path.parent, prefix=self.path.name)
        try:
            with os.fdopen(descriptor, "w", encoding="utf-8") as file:
                json.dump({"version": _VERSION, "roots": entries}, file, indent=1)
            Path(name).replace(self.path)
        except OSError:
            Path(name).unlink(missing_ok=True)
            raise


_NOT_LISTED = "not listed"


def workspace_digest(root: Path) -> str | None:
    """SHA-256 of a workspace's settings file; None when it has none. Raises ValueError when it cannot be read."""
    content = read_bytes(root / WORKSPACE_FILE, follows_links=False)
    if isinstance(content, Problem):
        raise ValueError(content.words)  # noqa: TRY004 - the type is right, the file is not.
    return None if content is None else digest_of(content)
