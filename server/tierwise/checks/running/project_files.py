"""The files of a project that its tests may need, within bounds."""

import itertools
import os
import re
import stat
from collections.abc import Callable, Iterator
from pathlib import Path, PurePosixPath

from tierwise.checks.frameworks import Framework

MAX_FILES = 4000
MAX_FILE_BYTES = 2**20
MAX_BYTES = 2**25
_SKIPPED_FOLDERS = frozenset(
    {"node_modules", "__pycache__", "site-packages", "dist", "build", "target", "venv", "env", "htmlcov", "vendor"}
)
_GO_SKIPPED_FOLDERS = frozenset({"node_modules", "__pycache__", "site-packages"})
"""Any other name may be that of a Go package, and `vendor` holds the packages a module brings along."""
_SECRETS = re.compile(
    r"\.env.*|.*\.(?:pem|key|p12|pfx|kdbx)|id_(?:rsa|dsa|ecdsa|ed25519).*|.*secret.*|\.npmrc|\.pypirc|\.netrc"
)
_SMALL_FILES = frozenset(
    {".json", ".toml", ".yaml", ".yml", ".txt", ".csv", ".ini", ".cfg", ".html", ".xml", ".md", ".tmpl", ".snap"}
)
_PYTHON = frozenset({".py", ".pyi"})
_JAVASCRIPT = frozenset(
    {".js", ".mjs", ".cjs", ".jsx", ".ts", ".mts", ".cts", ".tsx", ".vue", ".svelte", ".css", ".json"}
)
_CODE = {
    Framework.PYTEST: _PYTHON,
    Framework.UNITTEST: _PYTHON,
    Framework.VITEST: _JAVASCRIPT,
    Framework.JEST: _JAVASCRIPT,
    Framework.NODE_TEST: _JAVASCRIPT,
    Framework.GO: frozenset({".go", ".mod", ".sum", ".work", ".s", ".tmpl"}),
}
_HIDDEN_FILES = frozenset({".babelrc", ".swcrc"})


def _nothing(_path: str) -> bool:
    return False


def gather(
    root: Path,
    near: str,
    framework: Framework = Framework.PYTEST,
    is_left_out: Callable[[str], bool] = _nothing,
) -> dict[str, bytes]:
    """Contents by path relative to `root`: code first, then small data; files near the path `near` before far ones.

    Left out are hidden folders, environments, build results, links (none is followed, so nothing outside the root is
    read), files that look like secrets, files of which `is_left_out` says so, and those that cannot be read. It is
    asked with paths relative to the root, of folders (which end in a slash) before what is in them; the dispatcher
    lets it answer for what no model may ever see and for data that git ignores. Files that only a model of this machine
    may see go in, since the sandbox is on this machine and has no network. Bounds: 4,000 files of at most 1 MiB, 32 MiB
    together.
    """
    code = _CODE[framework]
    skipped = _GO_SKIPPED_FOLDERS if framework is Framework.GO else _SKIPPED_FOLDERS
    home = PurePosixPath(near).parent
    wanted = _Wanted(root, home, code | _SMALL_FILES, skipped, is_left_out)
    paths = sorted(wanted.walk(), key=lambda path: (path.suffix not in code, _distance(path, home), str(path)))
    files: dict[str, bytes] = {}
    n_bytes = 0
    for path in paths:
        if MAX_FILES <= len(files):
            break
        if is_left_out(str(path)):
            continue
        try:
            content = _content(root / path)
        except OSError:
            continue
        if content is not None and n_bytes + len(content) <= MAX_BYTES:
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


class _Wanted:
    """A walk over the files of a project that may be of use."""

    def __init__(
        self,
        root: Path,
        home: PurePosixPath,
        suffixes: frozenset[str],
        skipped: frozenset[str],
        is_left_out: Callable[[str], bool],
    ) -> None:
        self._root = root
        self._suffixes = suffixes
        self._skipped = skipped
        self._is_left_out = is_left_out
        self._around_home = {home, *home.parents}
        """Folders in which the target lies, whatever they are called."""

    def walk(self) -> Iterator[PurePosixPath]:
        """Paths relative to the root."""
        n_seen = 0
        for folder, folders, names in os.walk(self._root):
            place = PurePosixPath(Path(folder).relative_to(self._root).as_posix())
            folders[:] = [name for name in folders if self._is_wanted_folder(place / name)]
            for name in names:
                n_seen += 1
                if 50 * MAX_FILES < n_seen:
                    return
                is_wanted = PurePosixPath(name).suffix in self._suffixes or name in _HIDDEN_FILES
                if is_wanted and not _SECRETS.fullmatch(name.lower()) and not (Path(folder) / name).is_symlink():
                    yield place / name

    def _is_wanted_folder(self, place: PurePosixPath) -> bool:
        full = self._root / place
        is_skipped = place.name.startswith(".") or place.name in self._skipped
        if (is_skipped and place not in self._around_home) or full.is_symlink() or (full / "pyvenv.cfg").is_file():
            return False
        return not self._is_left_out(f"{place}/")


def _content(path: Path) -> bytes | None:
    """A regular file that is not too large; no link is followed and no pipe waited for."""
    descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    with os.fdopen(descriptor, "rb") as file:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            return None
        content = file.read(MAX_FILE_BYTES + 1)
    return content if content is not None and len(content) <= MAX_FILE_BYTES else None


def _distance(path: PurePosixPath, home: PurePosixPath) -> int:
    """How many folders lie between two places."""
    pairs = zip(path.parent.parts, home.parts, strict=False)
    common = sum(1 for _ in itertools.takewhile(lambda pair: pair[0] == pair[1], pairs))
    return len(path.parent.parts) + len(home.parts) - 2 * common
