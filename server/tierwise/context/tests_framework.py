"""What runs a project's tests, found in its manifests and its tests, and how to say so to a model."""

import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any

from tierwise.checks.frameworks import Framework
from tierwise.context.tests_layout import SCRIPT_LANGUAGES, tests_nearby

Read = Callable[[str], str | None]

_UNKNOWN_SCRIPT_RUNNERS = ("mocha", "ava", "tap", "jasmine", "playwright", "bun", "deno")
_CONFIGURED = {
    Framework.VITEST: ("vitest.config.ts", "vitest.config.mts", "vitest.config.js", "vitest.config.mjs"),
    Framework.JEST: ("jest.config.js", "jest.config.ts", "jest.config.cjs", "jest.config.mjs", "jest.config.json"),
}
_PYTHON_SETTINGS = ("pyproject.toml", "setup.cfg", "tox.ini")
_MODULES = {Framework.VITEST: "vitest", Framework.JEST: "@jest/globals", Framework.NODE_TEST: "node:test"}
_OTHERS = {
    "java": "JUnit 5",
    "csharp": "xUnit",
    "ruby": "minitest",
    "php": "PHPUnit",
    "rust": "the tests of Rust itself",
}
_NAMED = r"(?:(?:async\s+)?(function\b\*?|class\b)\s*)?(\w+)?"
_EXPORTED_WHOLE = re.compile(rf"\bmodule\.exports\s*=(?!=|\s*\{{)\s*{_NAMED}")
_EXPORTED_BY_DEFAULT = re.compile(rf"(?m)^\s*export\s+default\s+{_NAMED}")
_EXPORTED_BY_NAME = re.compile(r"(?m)^\s*export\s+(?!default\b)")
_IMPORTED: Mapping[str, tuple[str, str]] = {
    Framework.VITEST: ("import { expect, test } from 'vitest'", ""),
    Framework.NODE_TEST: (
        "import test from 'node:test' and import assert from 'node:assert/strict'",
        "const test = require('node:test') and const assert = require('node:assert/strict')",
    ),
    Framework.JEST: ("describe, expect and test, which jest provides without an import",) * 2,
}


@dataclass(frozen=True, slots=True)
class Runner:
    """What runs a project's tests."""

    name: str
    """For people; empty where nothing is known."""
    proved_by: Framework | None
    """None where tests of its kind cannot be proved."""
    is_assumed: bool = False
    """Whether the project names none, and this is what the tests are written for all the same."""


def find_framework(path: str, language: str, tests: Sequence[str], read: Read) -> Runner:
    """What runs the tests of the project around `path`. `tests` are its test files; `read` gives texts by path."""
    if language == "python":
        return _of(_python(path, tests, read))
    if language == "go":
        return _of(Framework.GO)
    if language in SCRIPT_LANGUAGES:
        return _script(path, language, tests, read)
    return Runner(_OTHERS.get(language, ""), None)


def package_folder(path: str, read: Read, manifest: str = "package.json") -> str:
    """The innermost folder around a file with a manifest; the root when there is none."""
    return next((str(f) for f in PurePosixPath(path).parents if read(str(f / manifest)) is not None), ".")


def advice(path: str, test_path: str, language: str, text: str, framework: Runner) -> str:
    """What a model has to know to write tests that fit in: framework, imports, the name of the package."""
    known = framework.proved_by
    if language in SCRIPT_LANGUAGES:
        return _script_advice(path, test_path, text, framework)
    if known is Framework.UNITTEST:
        return "The project's tests are written with unittest: classes made from unittest.TestCase, its assert methods."
    if known is Framework.GO:
        package = re.search(r"(?m)^package\s+(\w+)", text)
        name = package[1] if package else PurePosixPath(path).parent.name
        return f"The tests are run by go test, in package {name}, with the packages that go.mod has and no others."
    return f"The tests are written with {framework.name}." if framework.name else ""


def _of(framework: Framework) -> Runner:
    return Runner(str(framework), framework)


def _python(path: str, tests: Sequence[str], read: Read) -> Framework:
    """pytest, unless the project's tests use unittest and nothing of it knows pytest."""
    for folder in PurePosixPath(path).parents:
        is_named = any(
            "pytest" in (read(str(folder / name)) or "") for name in ("pyproject.toml", "setup.cfg", "tox.ini")
        )
        if is_named or read(str(folder / "pytest.ini")) is not None:
            return Framework.PYTEST
    texts = [read(test) or "" for test in tests_nearby(path, "python", tests)[:5]]
    uses_unittest = any(re.search(r"(?m)^(?:import|from) unittest\b", text) and "TestCase" in text for text in texts)
    return Framework.UNITTEST if uses_unittest and not any("pytest" in text for text in texts) else Framework.PYTEST


def _script(path: str, language: str, tests: Sequence[str], read: Read) -> Runner:
    folders = PurePosixPath(path).parents
    manifests = [_manifest(read(str(folder / "package.json"))) for folder in folders]
    found = next((found for manifest in manifests if (found := _by_script(manifest)) is not None), None)
    if found is None:
        found = next((found for manifest in manifests if (found := _by_dependencies(manifest)) is not None), None)
    if found is None:
        found = _by_configuration([str(folder) for folder in folders], read)
    if found is None:
        texts = (read(test) or "" for test in tests_nearby(path, language, tests)[:5])
        found = next((found for text in texts if (found := _by_imports(text)) is not None), None)
    if found is not None:
        return found
    # What comes with Node itself needs nothing installed, but cannot read TypeScript everywhere. Some framework has to
    # be named, or every answer is written for another one.
    is_typed = language.startswith("typescript")
    return Runner(str(Framework.VITEST), None, is_assumed=True) if is_typed else _of(Framework.NODE_TEST)


def _by_dependencies(manifest: dict[str, Any]) -> Runner | None:
    tables = [manifest.get(name) for name in ("dependencies", "devDependencies")]
    names = {name for table in tables if isinstance(table, dict) for name in table}
    for framework in (Framework.VITEST, Framework.JEST):
        if framework in names:
            return _of(framework)
    other = next((name for name in _UNKNOWN_SCRIPT_RUNNERS if name in names), None)
    return None if other is None else Runner(other, None)


def _by_configuration(folders: Sequence[str], read: Read) -> Runner | None:
    for folder in folders:
        for framework, names in _CONFIGURED.items():
            if any(read(str(PurePosixPath(folder) / name)) is not None for name in names):
                return _of(framework)
    return None


def _by_script(manifest: dict[str, Any]) -> Runner | None:
    scripts = manifest.get("scripts")
    script = str(scripts.get("test", "")) if isinstance(scripts, dict) else ""
    if re.search(r"\bvitest\b", script):
        return _of(Framework.VITEST)
    if re.search(r"\bjest\b|react-scripts test", script):
        return _of(Framework.JEST)
    if re.search(r"(?:\bnode\b|\btsx\b).*\s--test\b", script):
        return _of(Framework.NODE_TEST)
    other = next((name for name in _UNKNOWN_SCRIPT_RUNNERS if re.search(rf"\b{name}\b", script)), None)
    return None if other is None else Runner(other, None)


def _by_imports(text: str) -> Runner | None:
    for framework, name in (
        (Framework.VITEST, "vitest"),
        (Framework.JEST, "@jest/globals"),
        (Framework.NODE_TEST, "node:test"),
    ):
        if re.search(rf"""(?:from|require\()\s*['"]{name}['"]""", text):
            return _of(framework)
    return None


def _manifest(text: str | None) -> dict[str, Any]:
    try:
        found = json.loads(text or "{}")
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def _script_advice(path: str, test_path: str, text: str, framework: Runner) -> str:
    """The framework's imports, and how the file imports its target."""
    is_required = _is_required(path, text)
    place = _from(PurePosixPath(test_path).parent, PurePosixPath(path))
    suffix = PurePosixPath(path).suffix
    if suffix in (".ts", ".tsx") and framework.proved_by is not Framework.NODE_TEST:
        place = place.removesuffix(suffix)
    names = _bound_to(path, text, is_required=is_required)
    how = f"const {names} = require('{place}')" if is_required else f"import {names} from '{place}'"
    words = f"The tests import the code by {how}; what it does not export is tested through what it exports."
    imported = _IMPORTED.get(framework.name)
    if imported is None:
        return f"The tests are written with {framework.name}. {words}"
    form = imported[1] if is_required and imported[1] else imported[0]
    who = "The project names no test runner; write for" if framework.is_assumed else "The tests are run by"
    return f"{who} {framework.name}: use {form}. {words}"


def _bound_to(path: str, text: str, *, is_required: bool) -> str:
    """What an import of a file binds: names in braces, or one name where the file exports one thing as a whole."""
    whole = (_EXPORTED_WHOLE if is_required else _EXPORTED_BY_DEFAULT).search(text)
    if whole is None or (not is_required and _EXPORTED_BY_NAME.search(text)):
        return "{ … }"
    kind, name = whole.groups()
    is_name = name is not None and (kind is not None or not re.match(r"\s*[(.=]", text[whole.end() :]))
    return name if is_name else re.sub(r"\W+(\w?)", lambda match: match[1].upper(), PurePosixPath(path).stem)


def _from(folder: PurePosixPath, path: PurePosixPath) -> str:
    """A path as a file of `folder` imports it."""
    here, there = list(folder.parts), list(path.parts)
    while here and there and here[0] == there[0]:
        here, there = here[1:], there[1:]
    return "/".join([*([".."] * len(here) or ["."]), *there])


def _is_required(path: str, text: str) -> bool:
    """Whether a file is a CommonJS module, by its name or by what it says."""
    suffix = PurePosixPath(path).suffix
    if suffix in (".cjs", ".cts", ".mjs", ".mts"):
        return suffix in (".cjs", ".cts")
    is_module = re.search(r"(?m)^\s*(?:export\b|import\s+[\w{*'\"])", text) is not None
    return not is_module and re.search(r"\bmodule\.exports\b|\bexports\.\w", text) is not None
