"""The files of a project that its tests may need, within bounds."""

import itertools
import os
import re
from collections.abc import Iterator
from pathlib import Path, PurePosixPath

MAX_FILES = 4000
MAX_FILE_BYTES = 2**20
MAX_BYTES = 2**25
_SKIPPED_FOLDERS = frozenset(
    {"node_modules", "__pycache__", "site-packages", "dist", "build", "target", "venv", "env", "htmlcov", "vendor"}
)
_SECRETS = re.compile(
    r"\.env.*|.*\.(?:pem|key|p12|pfx|kdbx)|id_(?:rsa|dsa|ecdsa|ed25519).*|.*secret.*|\.npmrc|\.pypirc"
)
_WANTED = frozenset(
    {".py", ".pyi", ".json", ".toml", ".yaml", ".yml", ".txt", ".csv", ".ini", ".cfg", ".html", ".xml", ".md"}
)


def gather(root: Path, near: str) -> dict[str, bytes]:
    """Contents by path relative to `root`: code first, then small data; files near the path `near` before far ones.

    Hidden folders, environments, build results, links and files that look like secrets are left out. Files that cannot
    be read are left out too.
    """
    paths = list(_walk(root))
    home = PurePosixPath(near).parent
    paths.sort(key=lambda path: (path.suffix not in (".py", ".pyi"), _distance(path, home), str(path)))
    files: dict[str, bytes] = {}
    n_bytes = 0
    for path in paths[:MAX_FILES]:
        try:
            content = (root / path).read_bytes()
        except OSError:
            continue
        if len(content) <= MAX_FILE_BYTES and n_bytes + len(content) <= MAX_BYTES:
            files[str(path)] = content
            n_bytes += len(content)
    return files


def import_roots(root: Path, paths: list[str]) -> tuple[str, ...]:
    """Folders from which the modules in `paths` are imported: above their outermost package, then the usual ones."""
    found = [root, root / "src"]
    for path in paths:
        folder = (root / path).parent
        while (folder / "__init__.py").is_file() and folder != root:
            folder = folder.parent
        found.append(folder)
    return tuple(dict.fromkeys(str(folder) for folder in reversed(found)))


def _walk(root: Path) -> Iterator[PurePosixPath]:
    n_seen = 0
    for folder, folders, names in os.walk(root):
        folders[:] = [name for name in folders if _is_wanted_folder(Path(folder) / name)]
        for name in names:
            n_seen += 1
            if 50 * MAX_FILES < n_seen:
                return
            path = Path(folder) / name
            if path.suffix in _WANTED and not _SECRETS.fullmatch(name.lower()) and not path.is_symlink():
                yield PurePosixPath(path.relative_to(root).as_posix())


def _is_wanted_folder(folder: Path) -> bool:
    is_hidden = folder.name.startswith(".") or folder.name in _SKIPPED_FOLDERS
    return not is_hidden and not folder.is_symlink() and not (folder / "pyvenv.cfg").is_file()


def _distance(path: PurePosixPath, home: PurePosixPath) -> int:
    """How many folders lie between two places."""
    pairs = zip(path.parent.parts, home.parts, strict=False)
    common = sum(1 for _ in itertools.takewhile(lambda pair: pair[0] == pair[1], pairs))
    return len(path.parent.parts) + len(home.parts) - 2 * common
