"""The smaller checks: language, before, after, verdict."""

import pytest

from checks.verdicts import verdict_on
from tierwise.checks import Accepted, Change, Check, verify
from tierwise.text import Span

PARSES = [
    ("python", None, "x = 1\n", "accept"),
    ("python", None, "x = (\n", "does-not-parse"),
    ("python", "x = (\n", "x = (\ndef f(:\n    y = )\n", "does-not-parse"),
    ("python", "x = (\n", "y = (\n", "accept"),
    ("python", "x = 1\n", "x = '\\d'\n", "accept"),
    ("python", "x = 1\n", "x = '\x00'\n", "does-not-parse"),
    ("python", "x = 1\n", "[" * 5000 + "]" * 5000, "does-not-parse"),
    ("javascript", "a", "a(", "does-not-parse"),
    ("go", "package a\n", "package a\nfunc\n", "does-not-parse"),
    ("json", "{}", '{"a": }', "does-not-parse"),
    ("plaintext", "a", "((", "accept"),
]


@pytest.mark.parametrize(("language", "before", "after", "expected"), PARSES)
def test_parses(language: str, before: str | None, after: str, expected: str) -> None:
    assert verdict_on(Check.PARSES, before, after, language) == expected


def test_a_syntax_error_is_named_with_its_line() -> None:
    verdict = verify([Check.PARSES], Change("a.py", "python", "x = 1\n", "x = 1\ny = = 2\n"))
    assert "line 2" in str(verdict)
    assert "y = = 2" in str(verdict)


DOCS = [
    ("python", "def f(a):\n    return a\n", 'def f(a):\n    """Return a."""\n    return a\n', "accept"),
    ("python", "def f(): pass\n", 'def f():\n    """Do nothing."""\n', "accept"),
    ("python", "x = 1\n", "x = 1  # one\n", "accept"),
    ("python", "x = 1\n", '"""A module."""\n\nx = 1\n', "accept"),
    ("python", "def f(a):\n    return a\n", "def f(a):\n    return a\n", "nothing-documented"),
    ("python", "def f(a):\n    return a\n", 'def f(a):\n    """Doc."""\n    return a + 1\n', "not-only-docs"),
    ("python", "def f(a):\n    return a\n", 'def f(b):\n    """Doc."""\n    return b\n', "not-only-docs"),
    ("python", "x = 'a'\n", "x = 'a b'\n", "not-only-docs"),
    ("python", "# one two three\nx = 1\n", '"""Doc."""\nx = 1\n', "comments-lost"),
    ("javascript", "function f(a) { return a }", "/** Return a. */\nfunction f(a) { return a }", "accept"),
    ("javascript", "function f(a) { return a }", "/** Return a. */\nfunction f(a) { return b }", "not-only-docs"),
    ("go", "package a\nfunc f() {}\n", "package a\n\n// f does nothing.\nfunc f() {}\n", "accept"),
    ("rust", "fn f() {}", "/// Nothing.\nfn f() {}", "accept"),
    ("plaintext", "a", "a b", "not-checked"),
]


@pytest.mark.parametrize(("language", "before", "after", "expected"), DOCS)
def test_only_docs(language: str, before: str, after: str, expected: str) -> None:
    assert verdict_on(Check.ONLY_DOCS, before, after, language) == expected


HINTS = [
    (
        "def f(a, *b, c=1, **d): return a\n",
        "def f(a: int, *b: str, c: int = 1, **d: object) -> int: return a\n",
        "accept",
    ),
    ("x = []\n", "x: list[int] = []\n", "accept"),
    ("def f(a): return a\n", "from typing import Any\n\n\ndef f(a: Any) -> Any: return a\n", "accept"),
    (
        "def f(a): return a\n",
        "from __future__ import annotations\nimport typing\ndef f(a: typing.Any): return a\n",
        "accept",
    ),
    (
        "def f(a): return a\n",
        "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from b import C\ndef f(a: 'C'): return a\n",
        "accept",
    ),
    ("def f(a): return a\n", "from typing import TypeVar\nT = TypeVar('T')\ndef f(a: T) -> T: return a\n", "accept"),
    ("class A:\n    x = 1\n", "class A:\n    x: int = 1\n", "accept"),
    ("def f():\n    x = 1\n    return x\n", "def f() -> int:\n    x: int\n    x = 1\n    return x\n", "accept"),
    ("def f(a): return a\n", "def f(a): return a\n", "no-hints-added"),
    ("def f(a): return a\n", "def f(a: int): return a + 0\n", "not-only-hints"),
    ("def f(a=None): return a\n", "def f(a: int = 0): return a\n", "not-only-hints"),
    ("def f(a): return a\n", "import os\ndef f(a: os.PathLike): return a\n", "not-only-hints"),
    ("def f(a: int, b): return a\n", "def f(a, b: int) -> int: return a\n", "not-only-hints"),
    ("import os\ndef f(a): return a\n", "def f(a: int): return a\n", "not-only-hints"),
    ("@dataclass\nclass A:\n    x = 1\n", "@dataclass\nclass A:\n    x: int = 1\n", "not-only-hints"),
    ("class A(BaseModel):\n    x = 1\n", "class A(BaseModel):\n    x: int = 1\n", "not-only-hints"),
    (
        "@dataclass\nclass A:\n    x: int\n    def f(self): ...\n",
        "@dataclass\nclass A:\n    x: int\n    def f(self) -> None: ...\n",
        "accept",
    ),
    ("def f():\n    return x\n", "def f() -> int:\n    x: int\n    return x\n", "not-only-hints"),
    (
        "def f(a): return List\nList = 1\n",
        "from typing import List\ndef f(a: List): return List\nList = 1\n",
        "not-only-hints",
    ),
    ("def f(a): return a\n", "def f(a: int: return a\n", "does-not-parse"),
]


@pytest.mark.parametrize(("before", "after", "expected"), HINTS)
def test_only_python_hints(before: str, after: str, expected: str) -> None:
    assert verdict_on(Check.ONLY_HINTS, before, after) == expected


SCRIPT_HINTS = [
    (
        "typescript",
        "function f(a, b = 1) { return a }",
        "function f(a: string, b: number = 1): string { return a }",
        "accept",
    ),
    ("typescript", "const f = a => a", "const f = (a: A): A => a", "accept"),
    ("typescript", "let a = 1", "interface B { c: D }\nlet a: number = 1", "accept"),
    ("typescript", "let a = b", "import type { B } from './b'\nlet a: B = b", "accept"),
    ("typescript", "let a = b", "let a: B = c", "not-only-hints"),
    ("typescript", "let a = b", "let a = b", "no-hints-added"),
    ("typescript", "let a = b", "import { B } from './b'\nlet a: B = b", "not-only-hints"),
    ("typescript", "interface B { }\nlet a = b", "let a: C = b", "not-only-hints"),
    ("javascript", "function f(a) {}", "/** @param {string} a */\nfunction f(a) {}", "accept"),
    ("javascript", "function f(a) {}", "function f(a) {}", "no-hints-added"),
    ("lua", "function f(a) end", "function f(b) end", "not-only-hints"),
    ("plaintext", "a", "a b", "not-checked"),
]


@pytest.mark.parametrize(("language", "before", "after", "expected"), SCRIPT_HINTS)
def test_only_hints_elsewhere(language: str, before: str, after: str, expected: str) -> None:
    assert verdict_on(Check.ONLY_HINTS, before, after, language) == expected


SCOPE_BEFORE = "import a\n\ny = 0\n\ndef f():\n    return 1\n\ndef g():\n    return 2\n"
SCOPE = [
    (SCOPE_BEFORE.replace("return 1", "return 3"), False, "accept"),
    (SCOPE_BEFORE.replace("return 2", "return 3"), False, "out-of-scope"),
    (SCOPE_BEFORE.replace("import a", "import a\nimport b"), False, "out-of-scope"),
    (SCOPE_BEFORE.replace("import a", "import a\nimport b"), True, "accept"),
    (SCOPE_BEFORE.replace("import a", "import a\nx = 1"), True, "out-of-scope"),
    ("from b import (\n    c,\n)\n" + SCOPE_BEFORE.replace("return 1", "return 3"), True, "accept"),
    ("from t import TYPE_CHECKING\n\nif TYPE_CHECKING:\n    from b import c\n" + SCOPE_BEFORE, True, "accept"),
    ("if TYPE_CHECKING:\n    from b import c\n    run()\n" + SCOPE_BEFORE, True, "out-of-scope"),
    ("", False, "out-of-scope"),
]


@pytest.mark.parametrize(("after", "allow_imports", "expected"), SCOPE)
def test_in_scope(after: str, allow_imports: bool, expected: str) -> None:
    start = SCOPE_BEFORE.index("def f")
    span = Span(start, SCOPE_BEFORE.index("\n\ndef g"))
    found = verdict_on(Check.IN_SCOPE, SCOPE_BEFORE, after, span=span, allow_imports=allow_imports)
    assert found == expected


def test_without_a_span_everything_is_in_scope() -> None:
    assert verdict_on(Check.IN_SCOPE, "a\n", "b\n") == "accept"


HIDDEN = [chr(code) for code in (*range(0x202A, 0x202F), *range(0x2066, 0x206A), *range(0xE0000, 0xE0080))]
HIDDEN += ["\u200b", "\u200e", "\u200f", "\u061c", "\u2028", "\x00", "\x1b", "\u3164", "\u00ad"]


@pytest.mark.parametrize("place", ["{}x = 1\n", "x{} = 1\n", "x = '{}'\n", "x = 1  # {}\n", "x = 1\n{}", "x{}"])
def test_hidden_characters(place: str) -> None:
    for character in HIDDEN:
        after = place.format(character)
        assert verdict_on(Check.NO_HIDDEN_UNICODE, "x = 1\n", after) == "hidden-unicode", hex(ord(character))
        assert verdict_on(Check.NO_HIDDEN_UNICODE, after, f"{after}y = 2\n") == "accept"


@pytest.mark.parametrize("text", ["x = 'é 😀 ‍ 日本 مرحبا'\n", "\ufeffx\t= 1\r\n", "x\x0c\n", "名 = 1\n", "Ω = 'д'\n"])
def test_honest_characters(text: str) -> None:
    assert verdict_on(Check.NO_HIDDEN_UNICODE, "", text) == "accept"


IN_THE_MIDDLE = [
    ("pass\u200dword", "hidden-unicode"),
    ("admin\u200c = 1", "hidden-unicode"),
    ("x\ufe01", "hidden-unicode"),
    ("x\U000e0100", "hidden-unicode"),
    ("'😀\ufe0f\U000e0101\U000e0102'", "hidden-unicode"),
    ("'\U0001f469\u200d\U0001f4bb'", "accept"),
    ("'1\ufe0f\u20e3'", "accept"),
    ("'\u2764\ufe0f'", "accept"),
    ("'\u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645'", "accept"),
    ("'\U0001f3f4\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f'", "accept"),
    ("'\U0001f3f4\U000e0067'", "hidden-unicode"),
    ("'\u845b\U000e0100'", "accept"),
]


@pytest.mark.parametrize(("text", "expected"), IN_THE_MIDDLE)
def test_characters_that_need_others_beside_them(text: str, expected: str) -> None:
    assert verdict_on(Check.NO_HIDDEN_UNICODE, "x = 1\n", f"x = 1\n{text}\n") == expected
    assert verdict_on(Check.NO_HIDDEN_UNICODE, f"{text}\n", f"{text}\ny = 2\n") == "accept"


def test_names_of_mixed_letters_are_noted() -> None:
    verdict = verify([Check.NO_HIDDEN_UNICODE], Change("a.py", "python", "", "pаssword = 1\n"))  # noqa: RUF001
    assert isinstance(verdict, Accepted)
    assert "mixes letters" in verdict.notes[0]


NAMES = [
    ("python", "def f(): ...\n", "def f(a): ...\n", "accept"),
    ("python", "def f(): ...\n", "def g(): ...\n", "public-name-lost"),
    ("python", "def _f(): ...\n", "def _g(): ...\n", "accept"),
    ("python", "X = 1\n", "X: int = 2\n", "accept"),
    ("python", "class A:\n    def m(self): ...\n", "class A: ...\n", "public-name-lost"),
    ("python", "def f(): ...\n", "from b import f\n", "accept"),
    ("python", "__all__ = ['_f']\ndef _f(): ...\n", "__all__ = []\n", "public-name-lost"),
    ("python", "if a:\n    def f(): ...\n", "x = 1\n", "public-name-lost"),
    ("python", "def f():\n    def g(): ...\n", "def f(): ...\n", "accept"),
    ("javascript", "export function f() {}\nfunction g() {}", "export function f() {}", "accept"),
    ("javascript", "export function f() {}\nexport function g() {}", "export function f() {}", "public-name-lost"),
    ("javascript", "function f() {}\nmodule.exports = f", "function g() {}\nmodule.exports = g", "public-name-lost"),
    ("go", "package a\nfunc F() {}\nfunc g() {}\n", "package a\nfunc F() {}\n", "accept"),
    ("go", "package a\nfunc F() {}\n", "package a\nfunc f() {}\n", "public-name-lost"),
    ("rust", "pub fn f() {}\nfn g() {}", "pub fn f() {}", "accept"),
    ("java", "class A { public void f() {} private void g() {} }", "class A { public void f() {} }", "accept"),
    ("java", "class A { public void f() {} }", "class A { }", "public-name-lost"),
]


@pytest.mark.parametrize(("language", "before", "after", "expected"), NAMES)
def test_public_names(language: str, before: str, after: str, expected: str) -> None:
    assert verdict_on(Check.PUBLIC_NAMES_KEPT, before, after, language) == expected


OVERLOADS = """\
from typing import overload


@overload
def f(x: int) -> int: ...
@overload
def f(x: str) -> str: ...
def f(x):
"""
EMPTIED = [
    ("python", "def f():\n    return 1\n", "def f():\n    return 2\n", "accept"),
    ("python", "def f():\n    return 1\n", "def f():\n    pass\n", "emptied-body"),
    ("python", f"{OVERLOADS}    return x\n", f"{OVERLOADS}    return -x\n", "accept"),
    ("python", f"{OVERLOADS}    return x\n", f"{OVERLOADS}    ...\n", "emptied-body"),
    ("python", "def f():\n    return 1\n", "def f():\n    '''Doc.'''\n    ...\n", "emptied-body"),
    ("python", "def f():\n    return 1\n", "def f():\n    raise NotImplementedError('x')\n", "emptied-body"),
    ("python", "def f():\n    raise ValueError\n", "def f():\n    raise NotImplementedError\n", "emptied-body"),
    ("python", "def f(): ...\n", "def f(): pass\n", "accept"),
    ("python", "class A:\n    def m(self):\n        return 1\n", "class A:\n    def m(self): ...\n", "emptied-body"),
    ("javascript", "function f() { return 1 }", "function f() { }", "emptied-body"),
    ("javascript", "function f() { return 1 }", "function f() { // todo\n }", "emptied-body"),
    ("javascript", "function f() { return 1 }", "function f() { throw new Error('not implemented'); }", "emptied-body"),
    ("go", "package a\nfunc f() { g() }\n", 'package a\nfunc f() { panic("not implemented") }\n', "emptied-body"),
    ("rust", "fn f() -> i32 { 1 }", "fn f() -> i32 { todo!() }", "emptied-body"),
    ("java", "class A { int f() { return 1; } }", "class A { int f() { return 2; } }", "accept"),
]


@pytest.mark.parametrize(("language", "before", "after", "expected"), EMPTIED)
def test_not_emptied(language: str, before: str, after: str, expected: str) -> None:
    assert verdict_on(Check.NOT_EMPTIED, before, after, language) == expected


SIZES = [
    (100, 90, "accept"),
    (100, 10, "size-changed"),
    (10, 1, "accept"),
    (10, 1000, "size-changed"),
    (100, 500, "accept"),
]


@pytest.mark.parametrize(("n_before", "n_after", "expected"), SIZES)
def test_sane_size(n_before: int, n_after: int, expected: str) -> None:
    assert verdict_on(Check.SANE_SIZE, "x\n" * n_before, "x\n" * n_after) == expected


def test_elision_is_refused() -> None:
    after = "def f():\n    # ... rest of the code unchanged ...\n    return 2\n"
    assert verdict_on(Check.NO_ELISION, "def f():\n    a()\n    return 1\n", after) == "elided-code"


DELETIONS = [(Check.SAME_PROGRAM, "file-deleted"), (Check.PARSES, "accept"), (Check.SANE_SIZE, "accept")]


@pytest.mark.parametrize(("check", "expected"), DELETIONS)
def test_deleted_files(check: Check, expected: str) -> None:
    assert verdict_on(check, "x = 1\n", None) == expected


@pytest.mark.parametrize("check", [Check.SAME_PROGRAM, Check.ONLY_DOCS, Check.ONLY_HINTS])
def test_new_files_have_no_program_to_keep(check: Check) -> None:
    assert verdict_on(check, None, "x = 1\n") == "new-file"


def test_the_first_failure_is_the_verdict() -> None:
    verdict = verify([Check.PARSES, Check.SAME_PROGRAM], Change("a.py", "python", "x = 1\n", "x = ("))
    assert getattr(verdict, "code", None) == "does-not-parse"


def test_checks_that_run_something_are_passed_over() -> None:
    assert verdict_on(Check.TESTS_PASS, "x = 1\n", "x = (") == "accept"


def test_notes_say_what_was_not_checked() -> None:
    verdict = verify([Check.PARSES, Check.PUBLIC_NAMES_KEPT], Change("a", "fortran", "x", "y"))
    assert isinstance(verdict, Accepted)
    assert len(verdict.notes) == 2
