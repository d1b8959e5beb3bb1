"""Which files a list of patterns speaks of, with the meaning such patterns have in `.gitignore`."""

from collections.abc import Iterable
from functools import lru_cache
from pathlib import PurePosixPath

from pathspec import GitIgnoreSpec


@lru_cache(maxsize=64)
def _spec(patterns: tuple[str, ...]) -> GitIgnoreSpec:
    return GitIgnoreSpec.from_lines(patterns)


def is_listed(path: str, patterns: Iterable[str]) -> bool:
    """Whether a path, relative to its root with forward slashes, or any folder above it is matched.

    Folders are asked first: a pattern that takes a file back does not reach into a folder that is listed, as in git.
    """
    spec = _spec(tuple(patterns))
    pure = PurePosixPath(path)
    folders = [f"{folder}/" for folder in reversed(pure.parents) if folder.parts]
    return any(spec.match_file(folder) for folder in folders) or spec.match_file(str(pure))
