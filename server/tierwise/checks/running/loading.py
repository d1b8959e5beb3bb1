"""Whether the code under test can be loaded at all: what fails before the first test is not the fault of the tests."""

import re
from dataclasses import replace
from pathlib import Path, PurePosixPath

from tierwise.checks.frameworks import Framework
from tierwise.checks.running.project_files import import_roots
from tierwise.checks.running.proof import Subject
from tierwise.text import Rejection

_MAX_WORDS = 300
_PYTHON = """\
import importlib
import unittest


class It(unittest.TestCase):
    def test_it_loads(self):
        errors = []
        for name in {names!r}:
            try:
                importlib.import_module(name)
                return
            except Exception as error:
                is_elsewhere = isinstance(error, ModuleNotFoundError) and name.startswith(error.name or " ")
                errors.append((is_elsewhere, f"{{type(error).__name__}}: {{error}}"))
        self.fail(min(errors)[1])
"""
_SCRIPTS = {
    Framework.VITEST: (
        'import {{ test }} from "vitest";\n\ntest("it loads", async () => {{ await import({place!r}); }});\n'
    ),
    Framework.JEST: 'test("it loads", () => {{ require({place!r}); }});\n',
    Framework.NODE_TEST: (
        'import("node:test").then(({{ default: test }}) => '
        'test("it loads", async () => {{ await import({place!r}); }}));\n'
    ),
}
_GO = 'package {package}\n\nimport "testing"\n\nfunc TestItLoads(t *testing.T) {{}}\n'


def loading_only(subject: Subject) -> Subject:
    """The same trial with a test that does nothing but load the target, in the place of the tests."""
    text = _text_of(subject)
    files = {**subject.files, subject.test_path: text.encode()}
    return replace(subject, test_text=text, old_test_text="", mutants=(), files=files)


def why_not_loaded(rejection: Rejection) -> str:
    """What a failure of that trial says of the code, in one line."""
    words = " ".join(rejection.detail.split())
    return words.rpartition(" fails: ")[2].rpartition("AssertionError: ")[2][:_MAX_WORDS]


def _text_of(subject: Subject) -> str:
    target = PurePosixPath(subject.target_path)
    if subject.framework is Framework.GO:
        package = re.search(r"(?m)^package\s+(\w+)", subject.target_text)
        return _GO.format(package=package[1] if package else "main")
    if subject.framework in _SCRIPTS:
        up = len(PurePosixPath(subject.test_path).parent.parts)
        place = "/".join(["."] + [".."] * up + [subject.target_path])
        return _SCRIPTS[subject.framework].format(place=place)
    roots = [Path(root) for root in import_roots(subject.root, [subject.target_path])]
    found = [subject.root / target.with_suffix("")]
    names = [".".join(path.relative_to(root).parts) for root in roots for path in found if path.is_relative_to(root)]
    names = [name.removesuffix(".__init__") for name in names]
    return _PYTHON.format(names=tuple(dict.fromkeys(names)))
