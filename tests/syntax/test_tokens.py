"""Token streams and syntax problems."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tierwise.syntax import GRAMMARS, syntax_errors, tokens
from tierwise.syntax.comments import COMMENT_KINDS
from tierwise.syntax.tokens import GAP

GOOD = [
    ("python", "def f():\n    return 1\n\nx = ''\n"),
    ("javascript", "const a = `x ${b} y`\nlet c = ''\n"),
    ("javascriptreact", "const a = <p>b</p>;\n"),
    ("typescript", "let a: number = 1;\n"),
    ("typescriptreact", "const a = <p>{b as C}</p>;\n"),
    ("go", 'package a\n\nfunc f() string { return "" }\n'),
    ("rust", 'fn f() -> &str { r"" }\n'),
    ("java", 'class A { String s = ""; }\n'),
    ("c", 'char *s = "";\n'),
    ("cpp", 'auto s = R"()";\n'),
    ("csharp", 'class A { string s = $"a"; }\n'),
    ("ruby", "def f; ''; end\n"),
    ("php", "<?php $a = '';\n"),
    ("shellscript", "cat <<E\nE\necho ''\n"),
    ("html", "<p></p>\n"),
    ("css", "a {}\n"),
    ("json", '{"a": ""}\n'),
    ("jsonc", '{"a": ""} // c\n'),
    ("yaml", "a: ''\nb:\n"),
    ("lua", "local a = ''\n"),
]
BAD = [
    ("python", "def f(:\n    pass\n"),
    ("python", "x = (1\n"),
    ("javascript", "x = [1, 2;\n"),
    ("typescript", "let a: = 1;\n"),
    ("typescriptreact", "<a><b></a>"),
    ("go", "package a\nfunc f() {\n"),
    ("rust", "fn f() { let a = 1\n"),
    ("java", "class A { int f() { return 1 } }"),
    ("c", "int f() { return 1 }"),
    ("cpp", "class A { int f( };"),
    ("csharp", "class A { void f() { x() } }"),
    ("ruby", "def f"),
    ("php", "<?php f("),
    ("shellscript", "if x; then y"),
    ("html", "<p></div></p>"),
    ("css", "a { b: c"),
    ("json", '{"a": }'),
    ("yaml", "a: [1\n"),
    ("lua", "if x then"),
]
NOISE = list("\"'`{}()#/\\\n\r\t é😀\ud800x;,")


def test_every_language_has_a_good_example() -> None:
    assert {language for language, _ in GOOD} == {grammar.language for grammar in GRAMMARS}


@pytest.mark.parametrize(("language", "text"), GOOD)
def test_good_texts_have_no_errors(language: str, text: str) -> None:
    assert syntax_errors(text, language) == ()
    assert syntax_errors(text.replace("\n", "\r\n"), language) == ()


@pytest.mark.parametrize(("language", "text"), BAD)
def test_bad_texts_have_errors(language: str, text: str) -> None:
    problems = syntax_errors(text, language)
    assert problems
    assert all(1 <= problem.line and 1 <= problem.column and problem.detail for problem in problems)


def test_a_problem_says_where() -> None:
    (problem,) = syntax_errors("int a;\nint f() { return 1 }\n", "c")
    assert (problem.line, problem.column, problem.detail) == (2, 19, "missing ';'")


def test_no_grammar_no_problem() -> None:
    assert syntax_errors("((((", "plaintext") == ()
    assert tokens("a b", "plaintext") == ()


@pytest.mark.parametrize(("language", "text"), GOOD + BAD)
def test_tokens_cover_everything_but_white_space(language: str, text: str) -> None:
    check_cover(language, text)


@settings(max_examples=150, deadline=None)
@given(
    st.sampled_from(GOOD),
    st.lists(st.tuples(st.integers(0, 60), st.sampled_from(list("\"'`{}()#/\\\n\r\t é😀\ud800x;,")))),
)
def test_tokens_cover_damaged_texts_too(good: tuple[str, str], damage: list[tuple[int, str]]) -> None:
    language, text = good
    for at, character in damage:
        text = text[:at] + character + text[at:]
    check_cover(language, text)


def check_cover(language: str, text: str) -> None:
    """Tokens in order, their text where they say, and only white space between them."""
    done = 0
    for token in tokens(text, language):
        assert not text[done : token.span.start].strip()
        assert text[token.span.start : token.span.end] == token.text
        assert token.text
        done = token.span.end
    assert not text[done:].strip()


TEXTS = [
    ("python", "x=(1,'a b') # c", ["x", "=", "(", "1", ",", "'", "a b", "'", ")", "# c"]),
    ("shellscript", "echo a\\\nb", ["echo", "a", "\\", "b"]),
    ("yaml", "a: 'x  y'", ["a", ":", "'x  y'"]),
    ("c", '#define A "x  y"  + 1\n', ["#define", "A", '"x  y"  + 1']),
    ("go", "var s = `a  b`", ["var", "s", "=", "`a  b`"]),
]


@pytest.mark.parametrize(("language", "text", "expected"), TEXTS)
def test_tokens(language: str, text: str, expected: list[str]) -> None:
    assert [token.text for token in tokens(text, language)] == expected


def test_comments_and_swallowed_text_are_tokens() -> None:
    found = tokens("echo a\\\nb # c\n", "shellscript")
    assert [token.kind for token in found if token.kind == GAP or token.kind in COMMENT_KINDS] == [GAP, "comment"]


def test_depth_is_no_problem() -> None:
    text = "[" * 20_000 + "]" * 20_000
    assert len(tokens(text, "python")) == 40_000
    assert syntax_errors(text, "json") == ()


def test_long_lines_take_linear_time() -> None:
    text = "[" + ",".join('"é"' for _ in range(40_000)) + "]"
    assert len(tokens(text, "json")) == 80_001
