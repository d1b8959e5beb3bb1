"""Where a project keeps its tests and how it names them: what is there is followed, nothing is invented."""

import re
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import PurePosixPath

from tierwise.context.gather import test_file_for

SCRIPT_LANGUAGES = frozenset({"javascript", "javascriptreact", "typescript", "typescriptreact"})
_SCRIPT = r"\.[cm]?[jt]sx?"
_IS_TEST = re.compile(
    rf"test_.+\.py|.+_tests?\.py|tests\.py|.+_test\.go|.+[.\-_](?:test|spec){_SCRIPT}|test[-_].+{_SCRIPT}"
    r"|.+Tests?\.(?:java|cs|kt|php)|.+_(?:test|spec)\.(?:rb|rs|c|cpp|lua)|test_.+\.(?:rb|c|cpp)"
)
_TEST_FOLDERS = frozenset({"tests", "test", "__tests__", "spec", "specs"})
_SOURCE_FOLDERS = frozenset({"src", "lib", "app", "source", "server", "python"})
_SUFFIXES = {
    "python": frozenset({".py"}),
    "go": frozenset({".go"}),
    **dict.fromkeys(SCRIPT_LANGUAGES, frozenset({".js", ".mjs", ".cjs", ".jsx", ".ts", ".mts", ".cts", ".tsx"})),
}
_N_VOTES = 9
_NAME = re.compile(rf"(?P<head>test[-_])?(?P<stem>.+?)(?P<tail>[.\-_](?:test|spec)|_tests?)?(?P<suffix>\.py|{_SCRIPT})")


def is_test_file(path: str) -> bool:
    """Whether a file holds tests, by its name or, for scripts, by the folder it is in."""
    pure = PurePosixPath(path)
    in_folder = pure.parent.name in _TEST_FOLDERS and re.fullmatch(_SCRIPT, pure.suffix) is not None
    return _IS_TEST.fullmatch(pure.name) is not None or in_folder


def tests_nearby(path: str, language: str, tests: Sequence[str]) -> list[str]:
    """Test files of the same family of languages, nearest first: by folders between them, in test folders by name."""
    suffixes = _SUFFIXES.get(language, frozenset({PurePosixPath(path).suffix}))
    fitting = [test for test in tests if PurePosixPath(test).suffix in suffixes and test != path]
    stem = PurePosixPath(path).stem
    return sorted(fitting, key=lambda test: (stem not in PurePosixPath(test).name, _distance(path, test), test))


def place_of_tests(
    path: str, language: str, tests: Sequence[str], exists: Callable[[str], bool], base: str = "."
) -> str:
    """The test file of a source file: the one that exists, else where and as the nearest tests are kept.

    `tests` are the project's test files and `base` the folder of the innermost package, all relative to the root. Where
    a project has no tests yet, they go where tools look for them by default.
    """
    fallback = test_file_for(path, language, exists)
    if exists(fallback) or (language != "python" and language not in SCRIPT_LANGUAGES):
        return fallback
    pure = PurePosixPath(path)
    votes = tests_nearby(path, language, tests)
    own = [test for test in votes if _stem(test) == pure.stem and _is_near(pure, test)]
    if own:
        return own[0]
    if language == "python" and exists(str(pure.parent / "tests.py")):
        return str(pure.parent / "tests.py")
    if not votes:
        return fallback
    names = [_name_like(PurePosixPath(test).name, pure) for test in votes[:_N_VOTES]]
    name = Counter(name for name in names if name is not None).most_common(1)
    folder = Counter(_folder_like(PurePosixPath(test), pure, PurePosixPath(base)) for test in votes[:_N_VOTES])
    if not name:
        return fallback
    best = folder.most_common(1)[0][0]
    return str(best / name[0][0])


def _stem(test: str) -> str:
    match = _NAME.fullmatch(PurePosixPath(test).name)
    return match["stem"] if match else ""


def _is_near(path: PurePosixPath, test: str) -> bool:
    """Whether a test of the same name is that of this file and not of its namesake in another folder."""
    inner = [part for part in PurePosixPath(test).parent.parts if part not in _TEST_FOLDERS | {"unit"}]
    own = [part for part in path.parent.parts if part not in _SOURCE_FOLDERS]
    theirs = [part for part in inner if part not in _SOURCE_FOLDERS]
    return theirs == own[len(own) - len(theirs) :] if theirs else len(own) <= 1


def _name_like(test: str, path: PurePosixPath) -> str | None:
    """The name this file's tests get when they are named as `test` is."""
    match = _NAME.fullmatch(test)
    if match is None or test == "tests.py":
        return None
    suffix = path.suffix
    is_plain_script = suffix in (".js", ".mjs", ".cjs")
    if is_plain_script and match["suffix"] in (".js", ".mjs", ".cjs", ".ts"):
        suffix = match["suffix"]
    return f"{match['head'] or ''}{path.stem}{match['tail'] or ''}{suffix}"


def _folder_like(test: PurePosixPath, path: PurePosixPath, base: PurePosixPath) -> PurePosixPath:
    """The folder this file's tests go to when `test` is where tests of its own source go."""
    parts = test.parent.parts
    at = next((i for i, part in enumerate(parts) if part in _TEST_FOLDERS), None)
    if at is None:
        return path.parent
    if parts[at] == "__tests__" and at != len(base.parts):
        return path.parent / "__tests__"
    above = PurePosixPath(*parts[:at])
    if not path.is_relative_to(above) or (at != len(base.parts) and len(parts) == at + 1 and parts[at - 1 : at] != ()):
        is_beside = at == len(parts) - 1 and at != 0 and above != base
        return path.parent / parts[at] if is_beside else PurePosixPath(*parts)
    top = above / parts[at]
    rest = list(parts[at + 1 :])
    if rest[:1] == ["unit"]:
        top, rest = top / "unit", rest[1:]
    if not rest:
        return top
    inner = list(path.parent.relative_to(above).parts)
    if inner[:1] and inner[0] in _SOURCE_FOLDERS:
        inner = inner[1:]
    # Tests of a Python package often mirror its inside, without the package's own name.
    if path.suffix == ".py" and 1 < len(inner) and inner[0] != rest[0]:
        inner = inner[1:]
    return top.joinpath(*inner)


def _distance(a: str, b: str) -> int:
    first, second = PurePosixPath(a).parent.parts, PurePosixPath(b).parent.parts
    common = 0
    while common < min(len(first), len(second)) and first[common] == second[common]:
        common += 1
    return len(first) + len(second) - 2 * common
