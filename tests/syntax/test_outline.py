"""Symbols of each language: what is found, where it starts, what its declaration says."""

import time

import pytest

from tierwise.syntax import enclosing, language_of, outline
from tierwise.text import Span

# language, text, (kind, path, signature, first characters of the span) of each symbol
CASES = [
    (
        "python",
        "@dec\nasync def f(a,\n   b): # c\n    # d\n    def inner(): pass\n\n"
        "class A(B):\n    @p\n    def m(self): ...\n",
        [
            ("function", "f", "async def f(a,\n   b):", "@dec"),
            ("function", "f.inner", "def inner():", "def"),
            ("class", "A", "class A(B):", "class"),
            ("method", "A.m", "def m(self):", "@p"),
        ],
    ),
    (
        "javascript",
        "export const f = (a) => a;\nlet g = function() {}, h = 1, i = () => 2;\n"
        "class A { x = () => 1; static y(){} #p() {} }\n"
        "export default function j(){}\na.b.c = function(){};\n"
        "const o = { k: () => 1, l() {} };\nconst C = class { q() {} };\n",
        [
            ("function", "f", "export const f = (a) =>", "export"),
            ("function", "g", "g = function()", "g"),
            ("function", "i", "i = () =>", "i"),
            ("class", "A", "class A", "class"),
            ("method", "A.x", "x = () =>", "x"),
            ("method", "A.y", "static y()", "static"),
            ("method", "A.#p", "#p()", "#p"),
            ("function", "j", "export default function j()", "export"),
            ("function", "c", "a.b.c = function()", "a.b"),
            ("method", "k", "k: () =>", "k"),
            ("method", "l", "l()", "l"),
            ("class", "C", "const C = class", "const"),
            ("method", "C.q", "q()", "q"),
        ],
    ),
    (
        "typescript",
        "@Dec()\nexport abstract class A<T> implements B {"
        " @d() private f?(a: string): void {} abstract q(): void; y = () => 2 }\n"
        "interface I { m(): void }\ntype T = {a: 1};\nenum E {A}\n"
        "namespace N { export function f() {} }\ndeclare function g(): void;\n",
        [
            ("class", "A", "export abstract class A<T> implements B", "@Dec()"),
            ("method", "A.f", "private f?(a: string): void", "@d()"),
            ("method", "A.q", "abstract q(): void", "abstract"),
            ("method", "A.y", "y = () =>", "y"),
            ("class", "I", "interface I", "interface"),
            ("method", "I.m", "m(): void", "m"),
            ("other", "T", "type T = {a: 1};", "type"),
            ("class", "E", "enum E", "enum"),
            ("other", "N", "namespace N", "namespace"),
            ("function", "N.f", "export function f()", "export"),
            ("function", "g", "declare function g(): void;", "declare"),
        ],
    ),
    (
        "typescriptreact",
        "export const App: FC<P> = ({ a }) => { return <a/>; };\n",
        [("function", "App", "export const App: FC<P> = ({ a }) =>", "export")],
    ),
    (
        "go",
        "package a\n// doc\nfunc (s *S[T]) F(a int) error { return nil }\ntype S struct { a int }\n"
        "type (\n X interface { M() }\n Y = int\n)\n"
        "func G[T any](a T) (int, error) { return 1, nil }\ntype H func(a int) int\n",
        [
            ("method", "S.F", "func (s *S[T]) F(a int) error", "func"),
            ("class", "S", "type S", "type"),
            ("class", "X", "X", "X"),
            ("method", "X.M", "M()", "M"),
            ("other", "Y", "Y = int", "Y"),
            ("function", "G", "func G[T any](a T) (int, error)", "func"),
            ("other", "H", "type H func(a int) int", "type"),
        ],
    ),
    (
        "rust",
        "#[derive(A)]\n#[b]\npub struct S { a: i32 }\n"
        "impl<T> Tr for S<T> {\n #[inline]\n pub fn f(&self) -> i32 { 1 } }\n"
        "macro_rules! m { () => { } }\nmod x { fn q() {} }\ntrait Q { fn z(&self); fn w() {} }\nenum E { A }\n",
        [
            ("class", "S", "pub struct S", "#[derive(A)]"),
            ("class", "S", "impl<T> Tr for S<T>", "impl"),
            ("method", "S.f", "pub fn f(&self) -> i32", "#[inline]"),
            ("other", "m", "macro_rules! m { () => { } }", "macro"),
            ("other", "x", "mod x", "mod"),
            ("function", "x.q", "fn q()", "fn"),
            ("class", "Q", "trait Q", "trait"),
            ("method", "Q.z", "fn z(&self);", "fn"),
            ("method", "Q.w", "fn w()", "fn"),
            ("class", "E", "enum E", "enum"),
        ],
    ),
    (
        "java",
        "@A public class B<T> extends C { @Override\n public int f(int a) throws E { return 1; } B() {}"
        " interface I { void m(); }"
        " record R(int a) {} enum E { X } }",
        [
            ("class", "B", "@A public class B<T> extends C", "@A"),
            ("method", "B.f", "@Override\n public int f(int a) throws E", "@Override"),
            ("method", "B.B", "B()", "B"),
            ("class", "B.I", "interface I", "interface"),
            ("method", "B.I.m", "void m();", "void"),
            ("class", "B.R", "record R(int a)", "record"),
            ("class", "B.E", "enum E", "enum"),
        ],
    ),
    (
        "c",
        "struct s { int a; };\nstatic int *f(int a) { return 0; }\nint g(void);\ntypedef struct { int x; } T;\n"
        "struct s *h(struct s *x) { return x; }\n#define X(a) a\nint (p)(int a) { return 1; }\n",
        [
            ("class", "s", "struct s", "struct"),
            ("function", "f", "static int *f(int a)", "static"),
            ("other", "T", "typedef struct { int x; } T;", "typedef"),
            ("function", "h", "struct s *h(struct s *x)", "struct"),
            ("other", "X", "#define X(a) a", "#define"),
            ("function", "p", "int (p)(int a)", "int"),
        ],
    ),
    (
        "cpp",
        "namespace n { template <class T> class A : B { public: int f() const { return 1; } ~A() {}"
        " bool operator==(const A& o) { return 1; } }; int m::A<int>::g() {} int& r() {} }",
        [
            ("other", "n", "namespace n", "namespace"),
            ("class", "n.A", "template <class T> class A : B", "template"),
            ("method", "n.A.f", "int f() const", "int"),
            ("method", "n.A.~A", "~A()", "~A"),
            ("method", "n.A.operator==", "bool operator==(const A& o)", "bool"),
            ("method", "n.m.A.g", "int m::A<int>::g()", "int"),
            ("function", "n.r", "int& r()", "int"),
        ],
    ),
    (
        "csharp",
        "namespace N { [A] public class B : C { public int F(int a) => 1; B() {} public int P { get; set; } }"
        " interface I { void m(); } record R(int a); struct S {} delegate void D(); }",
        [
            ("other", "N", "namespace N", "namespace"),
            ("class", "N.B", "[A] public class B : C", "[A]"),
            ("method", "N.B.F", "public int F(int a)", "public"),
            ("method", "N.B.B", "B()", "B"),
            ("other", "N.B.P", "public int P { get; set; }", "public"),
            ("class", "N.I", "interface I", "interface"),
            ("method", "N.I.m", "void m();", "void"),
            ("class", "N.R", "record R(int a);", "record"),
            ("class", "N.S", "struct S", "struct"),
            ("other", "N.D", "delegate void D();", "delegate"),
        ],
    ),
    (
        "ruby",
        "class A < B\n  # c\n  def f(a, b = 1)\n    1\n  end\n  def self.g; end\nend\nmodule M\n def q = 1\nend\n",
        [
            ("class", "A", "class A < B", "class"),
            ("method", "A.f", "def f(a, b = 1)", "def"),
            ("method", "A.g", "def self.g; end", "def"),
            ("other", "M", "module M", "module"),
            ("function", "M.q", "def q =", "def"),
        ],
    ),
    (
        "php",
        "<?php\n#[A]\nabstract class B extends C { public function f(int $a): int { return 1; }"
        " abstract function z(); }\n"
        "function g() {}\ninterface I {} trait T {} enum E { case A; }\n",
        [
            ("class", "B", "#[A]\nabstract class B extends C", "#[A]"),
            ("method", "B.f", "public function f(int $a): int", "public"),
            ("method", "B.z", "abstract function z();", "abstract"),
            ("function", "g", "function g()", "function"),
            ("class", "I", "interface I", "interface"),
            ("class", "T", "trait T", "trait"),
            ("class", "E", "enum E", "enum"),
        ],
    ),
    (
        "shellscript",
        "foo() { echo 1; }\nfunction bar {\n x\n}\n",
        [("function", "foo", "foo()", "foo"), ("function", "bar", "function bar", "function")],
    ),
    (
        "lua",
        "local function f(a) return 1 end\nfunction M.g:h() end\nlocal x = function() end\nM.y = function() end\n",
        [
            ("function", "f", "local function f(a)", "local"),
            ("method", "M.g.h", "function M.g:h() end", "function"),
            ("function", "x", "local x = function() end", "local"),
            ("function", "y", "M.y = function() end", "M.y"),
        ],
    ),
    ("css", ".a { color: red }\n", []),
    ("json", '{"a": 1}', []),
    ("yaml", "a: 1\n", []),
    ("html", "<p>x</p>", []),
    ("plaintext", "def f(): pass", []),
    ("python", "", []),
]


@pytest.mark.parametrize(("language", "text", "expected"), CASES, ids=[case[0] for case in CASES])
def test_outline(language: str, text: str, expected: list[tuple[str, str, str, str]]) -> None:
    symbols = outline(text, language)
    assert [(s.kind, s.path, s.signature) for s in symbols] == [row[:3] for row in expected]
    for symbol, (_, _, _, start) in zip(symbols, expected, strict=True):
        assert text[symbol.span.start :].startswith(start)
        assert text[symbol.name_span.start : symbol.name_span.end] == symbol.name
        assert symbol.span.contains(symbol.name_span)
        assert symbol.body_span is None or symbol.span.contains(symbol.body_span)


@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_spans_are_code_points(newline: str) -> None:
    text = newline.join(["# 😀 é \u2028", "def f(a):", "    return '😀'", "def g(): pass", ""])
    f, g = outline(text, "python")
    assert text[f.span.start : f.span.end] == newline.join(["def f(a):", "    return '😀'"])
    assert text[g.span.start : g.span.end] == "def g(): pass"


def test_lone_surrogates_keep_offsets() -> None:
    text = "x = '\ud800'\ndef f(): pass\n"
    (f,) = outline(text, "python")
    assert text[f.span.start : f.span.end] == "def f(): pass"


def test_broken_text_still_has_symbols() -> None:
    assert [s.name for s in outline("def f(a):\n    return 1\n\nx = (\n\ndef g(b):\n    pass\n", "python")][:1] == ["f"]


def test_enclosing_is_the_innermost() -> None:
    text = "class A:\n    def m(self):\n        return 1\n\nx = 1\n"
    symbols = outline(text, "python")
    at = text.index("return")
    found = enclosing(symbols, Span(at, at + 3))
    assert found is not None
    assert found.path == "A.m"
    assert enclosing(symbols, Span(text.index("x ="), len(text))) is None


def test_thousands_of_lines_are_outlined_at_once() -> None:
    text = "".join(
        f"def f{i}(a, b):\n    c = a + b  # add\n    if c:\n        return [c]\n    return {i}\n" for i in range(1000)
    )
    best = min(_cpu_seconds(text) for _ in range(3))
    assert len(outline(text, "python")) == 1000
    # The promise is 60 ms on a quiet machine; a busy one gets room.
    assert best < 0.18


def _cpu_seconds(text: str) -> float:
    start = time.process_time()
    outline(text, "python")
    return time.process_time() - start


@pytest.mark.parametrize(
    ("path", "language"),
    [
        ("a/b.py", "python"),
        ("b.PYI", "python"),
        ("x.tsx", "typescriptreact"),
        ("x.d.ts", "typescript"),
        ("a\\b.rs", "rust"),
        ("Rakefile", "ruby"),
        ("tsconfig.json", "jsonc"),
        ("x.h", "cpp"),
        ("LICENSE", "plaintext"),
        ("x.unknown", "plaintext"),
    ],
)
def test_language_of_a_path(path: str, language: str) -> None:
    assert language_of(path) == language
