"""What files said before an edit that may come to be applied in part, kept where a restart of the server leaves it."""

import contextlib
import hashlib
import json
import os
import secrets
import tempfile
import time
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote, unquote

from tierwise.dispatch import FileChange
from tierwise.store.processes import is_running, own_identity, parse_identity

_KEPT, _TOLD, _DAMAGED = ".images", ".told", ".damaged"
_KEPT_S = 30 * 86_400
"""Whoever has not asked for a former text in so many seconds does not want it back."""


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
    is_agreed: bool = False
    """Whether the user had asked for this very file."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """The images of one edit."""

    file: Path
    images: tuple[BeforeImage, ...]
    lost: tuple[str, ...]
    """Paths of the files whose images are damaged; an empty one where not even the path can be read."""
    is_own: bool
    """Whether this very process has kept them."""
    is_told: bool
    """Whether the user was told of an edit that is in as a whole, and may still want it back."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Shelf:
    """The place of the images of one workspace's edits of several files, one file for each edit.

    A file's name holds the process that keeps it, so that windows on one folder do not take each other's away; those
    of processes that are gone belong to whoever comes after them. Each line has a checksum of its own: damage costs the
    images it is in, and nothing that was damaged is ever restored.
    """

    folder: Path
    workspace: str
    """What tells this workspace's files from those of others."""

    def keep(self, changes: Iterable[FileChange]) -> Path:
        """Write the images of an edit down where only this user can read them. Raises OSError."""
        images = [
            BeforeImage(
                uri=change.uri,
                path=str(change.path),
                language=change.language,
                before=None if change.before is None else change.before.text,
                after=change.after,
                is_agreed=change.is_agreed,
            )
            for change in changes
        ]
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._sweep()
        return self.rewrite(self._own_file(), images)

    def rewrite(self, file: Path, images: Iterable[BeforeImage]) -> Path:
        """Put these images in the place of what a file holds, in one step. Raises OSError."""
        written = tuple(images)
        lines = [_line([image.path for image in written]), *(_line(asdict(image)) for image in written)]
        descriptor, name = tempfile.mkstemp(prefix=".new-", dir=self.folder)
        try:
            with os.fdopen(descriptor, "w", encoding="ascii") as out:
                out.writelines(lines)
                out.flush()
                os.fsync(out.fileno())
            Path(name).replace(file)
        except OSError:
            Path(name).unlink(missing_ok=True)
            raise
        return file

    def all(self) -> tuple[Kept, ...]:
        """What this process has kept, and what those that are gone have left, the newest first."""
        return tuple(self._look())

    def claim(self) -> Kept | None:
        """The newest of all, this process's own from now on, so that no other window takes it too; None without any."""
        for kept in self._look():
            if kept.is_own:
                return kept
            own = self._own_file()
            with contextlib.suppress(OSError):
                kept.file.rename(own)
                return Kept(file=own, images=kept.images, lost=kept.lost, is_own=True, is_told=False)
        return None

    def note_told(self, kept: Kept) -> None:
        """Remember that the user was told of an edit that is in as a whole."""
        with contextlib.suppress(OSError):
            kept.file.rename(kept.file.with_name(f"{kept.file.name}{_TOLD}"))

    def clear(self, file: Path) -> None:
        """Forget what a file holds."""
        with contextlib.suppress(OSError):
            file.unlink(missing_ok=True)

    def put_by(self, file: Path) -> None:
        """Leave a damaged file where a person can look at it, and nobody else does."""
        with contextlib.suppress(OSError):
            file.rename(file.with_name(f"{file.name.removesuffix(_TOLD)}{_DAMAGED}"))

    def lay_out(self, image: BeforeImage) -> Path:
        """Write one former text into a file of its own, for a user who merges by hand. Raises OSError."""
        path = Path(image.path)
        descriptor, name = tempfile.mkstemp(prefix=f"{path.stem[:80]}-", suffix=path.suffix[:20], dir=self.folder)
        with os.fdopen(descriptor, "w", encoding="utf-8", errors="surrogatepass", newline="") as out:
            out.write(image.before or "")
        return Path(name)

    def _own_file(self) -> Path:
        return self.folder / f"{self.workspace}.{secrets.token_hex(6)}.{quote(str(own_identity()), safe='')}{_KEPT}"

    def _look(self) -> Iterator[Kept]:
        dated: list[tuple[int, Path]] = []
        for file in self.folder.glob(f"{self.workspace}.*{_KEPT}*"):
            with contextlib.suppress(OSError):
                dated.append((file.stat().st_mtime_ns, file))
        own = str(own_identity())
        for _, file in sorted(dated, reverse=True):
            owner = _owner_of(file)
            found = None if owner is None or (owner != own and _may_run(owner)) else _read(file)
            if found is not None:
                images, lost = found
                is_told = file.name.endswith(_TOLD)
                yield Kept(file=file, images=images, lost=lost, is_own=owner == own, is_told=is_told)

    def _sweep(self) -> None:
        """Forget what is old, and edits of which the user was told and went on."""
        for file in self.folder.iterdir():
            is_of_old = time.time() - _KEPT_S > _modified_at(file)
            owner = _owner_of(file)
            is_told = file.name.startswith(f"{self.workspace}.") and file.name.endswith(_TOLD)
            if is_told or (is_of_old and not (owner is not None and _may_run(owner))):
                self.clear(file)


def _line(content: Any) -> str:
    # Plain ASCII keeps every text, also one with half a surrogate pair in it.
    written = json.dumps(content)
    return f"{_checksum(written)} {written}\n"


def _checksum(written: str) -> str:
    return hashlib.sha256(written.encode("ascii")).hexdigest()


def _read(file: Path) -> tuple[tuple[BeforeImage, ...], tuple[str, ...]] | None:
    """The images of a file, and the paths of those that are damaged; None where it cannot be opened."""
    try:
        lines = file.read_bytes().decode("ascii", "replace").splitlines()
    except OSError:
        return None
    head = _content(lines[0]) if lines else None
    paths = [str(path) for path in head] if isinstance(head, list) else None
    images = [_image(_content(line)) for line in lines[1:]]
    found = tuple(image for image in images if image is not None)
    there = {image.path for image in found}
    lost = ("",) if paths is None else tuple(path for path in paths if path not in there)
    return found, lost


def _content(line: str) -> Any:
    """What a line says; None when it is damaged."""
    checksum, _, written = line.partition(" ")
    try:
        return json.loads(written) if checksum == _checksum(written) else None
    except (ValueError, RecursionError):
        return None


def _image(raw: Any) -> BeforeImage | None:
    try:
        image = BeforeImage(**raw)
    except TypeError:
        return None
    is_whole = all(isinstance(text, str) for text in (image.uri, image.path, image.language))
    is_whole = is_whole and isinstance(image.is_agreed, bool)
    return image if is_whole and all(isinstance(text, str | None) for text in (image.before, image.after)) else None


def _owner_of(file: Path) -> str | None:
    """The process that keeps a file; None for a file that holds no images."""
    parts = file.name.removesuffix(_TOLD).removesuffix(_KEPT).split(".", 2)
    is_kept = file.name.removesuffix(_TOLD).endswith(_KEPT)
    return unquote(parts[2]) if is_kept and len(parts) == 3 else None


def _may_run(owner: str) -> bool:
    identity = parse_identity(owner)
    return identity is not None and is_running(identity) is not False


def _modified_at(file: Path) -> float:
    try:
        return file.stat().st_mtime
    except OSError:
        return time.time()
