"""What files said before an edit that may come to be applied in part, kept where a restart of the server leaves it."""

import contextlib
import json
import os
import tempfile
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from tierwise.dispatch import FileChange


@dataclass(frozen=True, slots=True, kw_only=True)
class BeforeImage:
    """One file before and after an edit."""

    uri: str
    path: str
    language: str
    before: str | None
    """None: there was no such file."""
    after: str | None
    """None: the file was to go away."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Shelf:
    """The place of the images of one workspace's last edit of several files."""

    file: Path

    def keep(self, changes: Iterable[FileChange]) -> None:
        """Write the images down where only this user can read them; replaces older ones. Raises OSError."""
        images = [
            BeforeImage(
                uri=change.uri,
                path=str(change.path),
                language=change.language,
                before=None if change.before is None else change.before.text,
                after=change.after,
            )
            for change in changes
        ]
        self.file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        descriptor, name = tempfile.mkstemp(prefix=".images-", dir=self.file.parent)
        try:
            with os.fdopen(descriptor, "w", encoding="ascii") as file:
                # Plain ASCII keeps every text, also one with half a surrogate pair in it.
                json.dump([asdict(image) for image in images], file)
            Path(name).replace(self.file)
        except OSError:
            Path(name).unlink(missing_ok=True)
            raise

    def look(self) -> tuple[BeforeImage, ...]:
        """The images; none when there are none, or none that can be read."""
        try:
            found = json.loads(self.file.read_text("ascii"))
            return tuple(_image(one) for one in found)
        except (OSError, ValueError, TypeError, KeyError):
            return ()

    def clear(self) -> None:
        """Forget them."""
        with contextlib.suppress(OSError):
            self.file.unlink(missing_ok=True)


def _image(raw: Any) -> BeforeImage:
    image = BeforeImage(**{name: raw[name] for name in ("uri", "path", "language", "before", "after")})
    is_whole = all(isinstance(text, str) for text in (image.uri, image.path, image.language))
    if not is_whole or not all(isinstance(text, str | None) for text in (image.before, image.after)):
        raise ValueError("not an image of a file")
    return image
