"""Which files a list of patterns speaks of, with the meaning such patterns have in `.gitignore`."""

import re
from collections.abc import Callable, Iterable
from functools import lru_cache
from pathlib import PurePosixPath

from pathspec import GitIgnoreSpec
from pathspec.patterns.gitignore import GitIgnorePatternError
from pathspec.patterns.gitignore.spec import GitIgnoreSpecPattern

_HEAD, _GAP = "^(?:.+/)?", "(?:/.+)?"
"""What a beginning anywhere and `**` between two names become as regular expressions."""
_CLASS = r"\[\^?\]?(?:\\.|[^\]\\])*\]"
_STAR_AND_NEXT = re.compile(rf"\[\^/\]\*((?:\\.|(?!\[\^/\]\*){_CLASS}|[^\[\]()/\\])*)(?=\[\^/\]\*)")
_LONGEST_PATH = 1024
"""A longer path is left out unasked: whoever nests that deep wants to keep somebody busy."""


class _Pattern(GitIgnoreSpecPattern):
    """A pattern that never takes back what it has passed, so that a repository cannot make matching last for ever."""

    @classmethod
    def pattern_to_regex(cls, pattern: str) -> tuple[str | None, bool | None]:  # type: ignore[override]
        """The regular expression of a pattern, and whether it leaves out or takes back; a bad pattern has neither."""
        try:
            regex, include = super().pattern_to_regex(pattern)
            found = None if regex is None else without_taking_back(regex)
            re.compile(found or "")
        except (GitIgnorePatternError, re.error):
            return None, None
        return found, include


def without_taking_back(regex: str) -> str:
    """The same language in polynomial time.

    What stands between two stars may be found at its first place: whatever a later place would leave to the first star,
    the second one takes. So it is with the folders between two double stars.
    """
    first, *others = _STAR_AND_NEXT.sub(r"(?>[^/]*?\1)", regex).split(_GAP)
    if not others:
        return first
    if first.startswith(_HEAD):
        first = f"^(?>(?:.+?/)??{first.removeprefix(_HEAD)}(?=/))"
    *middle, last = others
    return "".join([first, *(f"(?>(?:/.+?)??{part}(?=/))" for part in middle), f"{_GAP}{last}"])


@lru_cache(maxsize=64)
def _spec(patterns: tuple[str, ...]) -> GitIgnoreSpec:
    return GitIgnoreSpec.from_lines(patterns, _Pattern)


def is_listed(path: str, patterns: Iterable[str]) -> bool:
    """Whether a path, relative to its root with forward slashes, or any folder above it is matched.

    Folders are asked first: a pattern that takes a file back does not reach into a folder that is listed, as in git.
    """
    if _LONGEST_PATH < len(path):
        return True
    spec = _spec(tuple(patterns))
    pure = PurePosixPath(path)
    folders = [f"{folder}/" for folder in reversed(pure.parents) if folder.parts]
    return any(spec.match_file(folder) for folder in folders) or spec.match_file(str(pure))


def is_ignored(path: str, patterns_in: Callable[[PurePosixPath], tuple[str, ...]], *, is_folder: bool = False) -> bool:
    """Whether files of patterns in the folders of a tree, such as `.gitignore`, leave a path out.

    `patterns_in` gives the patterns that lie in a folder relative to the root. They are asked from the top, as git
    does: a deeper one may overrule a higher one, but nothing takes a file back out of a folder that is left out.
    """
    if _LONGEST_PATH < len(path):
        return True
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
