"""Where tests go, what runs them and what a model is told: as the project's own tests have it."""

from collections.abc import Callable

import pytest

from tierwise.checks.frameworks import Framework
from tierwise.context.tests_framework import advice, find_framework, package_folder
from tierwise.context.tests_layout import is_test_file, place_of_tests
from tierwise.syntax.languages import language_of


def files_of(*names: str, **texts: str) -> dict[str, str]:
    """A project: files with nothing in them, and `name=text` for those with something, `__` for a dot."""
    return dict.fromkeys(names, "") | {name.replace("__", "."): text for name, text in texts.items()}


def exists_in(files: dict[str, str]) -> Callable[[str], bool]:
    """Whether there is such a file or folder."""
    return lambda path: path in files or any(name.startswith(f"{path}/") for name in files)


PLACES = [
    ("pkg/dates.py", [], "tests/test_dates.py"),
    ("pkg/dates.py", ["tests/test_sizes.py"], "tests/test_dates.py"),
    ("pkg/dates.py", ["tests/sizes_test.py"], "tests/dates_test.py"),
    ("pkg/dates.py", ["pkg/test_sizes.py"], "pkg/test_dates.py"),
    ("pkg/dates.py", ["pkg/sizes_test.py", "pkg/dates_test.py"], "pkg/dates_test.py"),
    ("src/pkg/deep/dates.py", ["tests/deep/test_sizes.py"], "tests/deep/test_dates.py"),
    ("src/pkg/deep/dates.py", ["tests/unit/test_sizes.py"], "tests/unit/test_dates.py"),
    ("shop/dates.py", ["shop/tests.py"], "shop/tests.py"),
    ("pkg/a/dates.py", ["tests/b/test_dates.py", "tests/a/test_sizes.py"], "tests/a/test_dates.py"),
    ("src/sums.ts", [], "src/sums.test.ts"),
    ("src/sums.ts", ["src/words.spec.ts"], "src/sums.spec.ts"),
    ("src/sums.ts", ["src/__tests__/words.test.ts"], "src/__tests__/sums.test.ts"),
    ("src/deep/sums.ts", ["src/__tests__/words.test.ts"], "src/deep/__tests__/sums.test.ts"),
    ("src/sums.ts", ["tests/words.spec.ts"], "tests/sums.spec.ts"),
    ("src/deep/sums.ts", ["tests/other/words.test.ts"], "tests/deep/sums.test.ts"),
    ("src/sums.js", ["test/words.js"], "test/sums.js"),
    ("lib/sums.js", ["test/words.test.mjs"], "test/sums.test.mjs"),
    ("lib/sums.js", ["test/test-words.js"], "test/test-sums.js"),
    ("src/Button.tsx", ["src/Field.test.tsx"], "src/Button.test.tsx"),
    ("src/sums.ts", ["src/sums.test.ts", "src/words.spec.ts"], "src/sums.test.ts"),
    ("sums/sums.go", ["sums/words_test.go"], "sums/sums_test.go"),
    ("src/main/java/a/Sums.java", [], "src/test/java/a/SumsTest.java"),
]


@pytest.mark.parametrize(("path", "tests", "expected"), PLACES)
def test_place(path: str, tests: list[str], expected: str) -> None:
    files = files_of(path, *tests)
    assert place_of_tests(path, language_of(path), tests, exists_in(files)) == expected
    assert all(is_test_file(test) for test in (*tests, expected))
    assert not is_test_file(path)


def test_packages_of_a_workspace_keep_their_own_tests() -> None:
    tests = ["packages/a/tests/words.test.ts", "packages/b/src/words.spec.ts"]
    files = files_of("packages/a/package.json", "packages/b/package.json", *tests)
    for path, expected in {
        "packages/a/src/sums.ts": "packages/a/tests/sums.test.ts",
        "packages/b/src/sums.ts": "packages/b/src/sums.spec.ts",
    }.items():
        base = package_folder(path, files.get)
        assert base == path.rsplit("/", 2)[0]
        assert place_of_tests(path, "typescript", tests, exists_in(files), base) == expected


UNITTEST = "import unittest\n\n\nclass T(unittest.TestCase):\n    pass\n"
FRAMEWORKS = [
    ("a.py", {}, "pytest"),
    ("a.py", {"tests/test_b.py": UNITTEST}, "unittest"),
    ("a.py", {"tests/test_b.py": UNITTEST, "tests/test_c.py": "import pytest\n"}, "pytest"),
    ("a.py", {"tests/test_b.py": UNITTEST, "pyproject.toml": "[tool.pytest.ini_options]\n"}, "pytest"),
    ("a.go", {}, "go test"),
    ("a.js", {"package.json": '{"scripts": {"test": "vitest run"}}'}, "vitest"),
    ("a.ts", {"package.json": '{"devDependencies": {"vitest": "^4"}}'}, "vitest"),
    ("a.js", {"package.json": '{"scripts": {"test": "jest --ci"}, "devDependencies": {"vitest": "1"}}'}, "jest"),
    ("a.js", {"package.json": '{"scripts": {"test": "node --test"}}'}, "node:test"),
    ("a.ts", {"package.json": '{"scripts": {"test": "node --import tsx --test"}}'}, "node:test"),
    ("p/a.js", {"package.json": '{"devDependencies": {"jest": "30"}}', "p/package.json": "{}"}, "jest"),
    ("a.js", {"jest.config.js": "module.exports = {};"}, "jest"),
    ("a.js", {"a.test.js": "import test from 'node:test';\n"}, "node:test"),
    ("a.js", {"package.json": '{"scripts": {"test": "mocha"}}'}, "mocha"),
    ("a.js", {"package.json": "{not json"}, "node:test"),
    ("A.java", {}, "JUnit 5"),
    ("a.lua", {}, ""),
]


def test_typescript_without_a_framework_is_written_for_one_that_is_not_run() -> None:
    found = find_framework("a.ts", "typescript", [], {}.get)
    assert (found.name, found.proved_by, found.is_assumed) == ("vitest", None, True)
    words = advice("a.ts", "a.test.ts", "typescript", ESM, found)
    assert words.startswith("The project names no test runner; write for vitest: use import { expect")


@pytest.mark.parametrize(("path", "files", "expected"), FRAMEWORKS)
def test_framework(path: str, files: dict[str, str], expected: str) -> None:
    tests = [name for name in files if is_test_file(name)]
    found = find_framework(path, language_of(path), tests, files.get)
    assert found.name == expected
    assert (found.proved_by is not None) == (expected in set(Framework))


ESM, CJS = "export function f() {}\n", "function f() {}\nmodule.exports = { f };\n"
WHOLE, DEFAULT = "module.exports = function area() {};\n", "export default class {}\n"
ADVICE = [
    ("src/a-b.js", "src/a-b.test.js", WHOLE, "jest", "const area = require('./a-b.js')"),
    ("src/a-b.js", "src/a-b.test.js", "module.exports = () => 1;\n", "jest", "const aB = require('./a-b.js')"),
    ("src/a-b.js", "src/a-b.test.js", "module.exports = make(1);\n", "jest", "const aB = require('./a-b.js')"),
    ("src/a-b.js", "src/a-b.test.js", DEFAULT, "jest", "import aB from './a-b.js'"),
    ("src/a.js", "src/a.test.js", ESM + DEFAULT, "jest", "import { … } from './a.js'"),
    ("src/a.js", "src/a.test.js", ESM, "jest", "what it does not export is tested through what it exports"),
    ("src/a.js", "test/a.test.js", ESM, "node:test", "import { … } from '../src/a.js'"),
    ("src/a.js", "test/a.test.js", CJS, "node:test", "const test = require('node:test')"),
    ("src/a.js", "src/a.test.js", CJS, "jest", "const { … } = require('./a.js')"),
    ("src/a.ts", "src/a.test.ts", ESM, "vitest", "import { … } from './a'"),
    ("src/a.ts", "src/a.test.ts", ESM, "vitest", "import { expect, test } from 'vitest'"),
]


@pytest.mark.parametrize(("path", "test_path", "text", "framework", "expected"), ADVICE)
def test_advice(path: str, test_path: str, text: str, framework: str, expected: str) -> None:
    manifest = {"package.json": f'{{"devDependencies": {{"{framework}": "1"}}, "scripts": {{"test": "{framework}"}}}}'}
    if framework == "node:test":
        manifest = {"package.json": '{"scripts": {"test": "node --test"}}'}
    found = find_framework(path, language_of(path), [], manifest.get)
    assert found.name == framework
    assert expected in advice(path, test_path, language_of(path), text, found)
