"""Which files a list of patterns speaks of, with the meaning such patterns have in `.gitignore`."""

from collections.abc import Callable, Iterable
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


def is_ignored(path: str, patterns_in: Callable[[PurePosixPath], tuple[str, ...]], *, is_folder: bool = False) -> bool:
    """Whether files of patterns in the folders of a tree, such as `.gitignore`, leave a path out.

    `patterns_in` gives the patterns that lie in a folder relative to the root. They are asked from the top, as git
    does: a deeper one may overrule a higher one, but nothing takes a file back out of a folder that is left out.
    """
    pure = PurePosixPath(path)
    above = [*reversed(pure.parents)]
    for name in (*above[1:], pure):
        verdict = None
        for folder in reversed(name.parents):
            patterns = patterns_in(folder)
            if patterns:
                shown = str(name.relative_to(folder)) + ("/" if is_folder or name != pure else "")
                found = _spec(patterns).check_file(shown).include
                verdict = verdict if found is None else found
        if verdict:
            return True
    return False
