"""What the files of a request say about how hard it is. Pure; one number for each feature."""

import math
import re
from collections import Counter
from collections.abc import Sequence
from typing import Literal

from tierwise.routing.instruction_words import code_names, plain_words, split_instruction
from tierwise.syntax.languages import PLAIN_TEXT, language_of

FileKind = Literal["code", "test", "example", "docs", "settings"]
GivenFile = tuple[str, str | None]
"""A path and the text before; None or empty for a file that is new."""

_NOT_CODE = frozenset({PLAIN_TEXT, "html", "css", "json", "jsonc", "yaml"})
_DOCS = (".md", ".rst", ".txt", ".mdx", ".adoc", ".markdown")
_DOC_NAMES = frozenset({"license", "changes", "authors", "readme", "news", "changelog"})
_TEST = re.compile(
    r"(?i:(^|/)(tests?|__tests__|specs?|testsuite|testing|fixtures|testdata|e2e)(/|$)|(^|/)(test_|conftest)"
    r"|(_test|\.test|\.spec|-test|_spec|(^|/)tests?)\.[a-z]+$)|[a-z0-9]Tests?\.[a-z]+$"
)
_EXAMPLE = re.compile(r"(^|/)(docs?|website|examples?|documentation|tutorials?|samples?)(/|$)", re.IGNORECASE)
_MADE = re.compile(r"(^|/)(dist|build|vendor|generated|locales?|i18n)(/|$)|\.min\.|\.lock$|-lock\.json$", re.IGNORECASE)
_RELEASE = re.compile(r"setup\.py|package\.json|__about__|version")
_MOST_CHARS = 60_000
"""Text is searched for names so far; more would cost milliseconds and tell nothing new."""


def kind_of(path: str) -> FileKind:
    """What a file is for, by its path alone."""
    name = path.rpartition("/")[2].lower()
    if language_of(path) not in _NOT_CODE:
        if _TEST.search(path):
            return "test"
        return "example" if _EXAMPLE.search(path) else "code"
    return "docs" if name.endswith(_DOCS) or name in _DOC_NAMES else "settings"


def file_features(instruction: str, files: Sequence[GivenFile]) -> dict[str, float]:
    """Features of the files by name, given what is asked of them; those that are zero are left out."""
    found = _by_kind(files) | _by_size(files) | _by_name(files) | _mentions(split_instruction(instruction)[0], files)
    return {name: float(value) for name, value in found.items() if value}


def _by_kind(files: Sequence[GivenFile]) -> dict[str, float]:
    n = len(files)
    kinds = Counter(kind_of(path) for path, _ in files)
    code, tests = kinds["code"], kinds["test"]
    found: dict[str, float] = {"n": n, "n=1": n == 1, "n=2": n == 2, "n>2": 2 < n}
    for kind in ("code", "test", "example", "docs", "settings"):
        found |= {f"n_{kind}": kinds[kind], f"only_{kind}": n > 0 and kinds[kind] == n, f"any_{kind}": kinds[kind] > 0}
    return found | {
        "code>1": 1 < code,
        "code>2": 2 < code,
        "one_code_and_tests": code == 1 and tests > 0,
        "more_code_and_tests": 1 < code and tests > 0,
        "no_code": code == 0,
        "one_code_alone": n == 1 and code == 1,
        "one_test_alone": n == 1 and tests == 1,
        "one_code_of_many": 2 < n and code == 1,
    }


def _by_size(files: Sequence[GivenFile]) -> dict[str, float]:
    sizes = [len(text or "") for _, text in files]
    n_new = sum(size == 0 for size in sizes)
    new_code = any(not text and kind_of(path) in ("code", "test", "example") for path, text in files)
    return {
        "size_all": math.log1p(sum(sizes)),
        "size_largest": math.log1p(max(sizes, default=0)),
        "size_smallest": math.log1p(min(sizes, default=0)),
        "n_tiny": sum(size < 300 for size in sizes),
        "n_new": n_new,
        "any_new": n_new > 0,
        "new_code": new_code,
    }


def _by_name(files: Sequence[GivenFile]) -> dict[str, float]:
    paths = [path for path, _ in files]
    folders = {path.rpartition("/")[0] for path in paths}
    return {
        "package_file": any(path.endswith("__init__.py") for path in paths),
        "release_file": any(_RELEASE.search(path) for path in paths),
        "made_file": any(_MADE.search(path) for path in paths),
        "python": any(path.endswith(".py") for path in paths),
        "folders": len(folders),
        "folders>2": 2 < len(folders),
        "one_suffix": len({path.rpartition(".")[2] for path in paths}) == 1,
    }


def _mentions(first_line: str, files: Sequence[GivenFile]) -> dict[str, float]:
    """How what the instruction names stands in the texts: found once, found often, or not there yet."""
    text = "\n".join(text or "" for _, text in files)[:_MOST_CHARS]
    counts = [text.count(name) for name in code_names(first_line) if 2 < len(name)]
    words, lowered, line = plain_words(first_line), text.lower(), first_line.lower()
    names = [path.rpartition("/")[2].lower() for path, _ in files]
    stems = [name.partition(".")[0] for name in names]
    return {
        "names_found": sum(count > 0 for count in counts),
        "names_missing": sum(count == 0 for count in counts),
        "names_often": any(5 < count for count in counts),
        "words_found": sum(word in lowered for word in words) / len(words) if words else 0.5,
        "file_named": any(name in line for name in names),
        "stem_named": any(3 < len(stem) and stem in line for stem in stems),
    }
