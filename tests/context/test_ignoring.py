"""Patterns of a repository are matched as git means them, and keep nobody busy however they are written."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pathspec import GitIgnoreSpec

from tierwise.context.ignore import is_listed, without_taking_back

PIECES = st.sampled_from(["a", "b", "*", "**", "/", "?", "[ab]", "[a-z]", "**/", "/**/", "a/", "\\*", "*a*"])
PATTERNS = st.lists(PIECES, min_size=1, max_size=9).map("".join)
NAMES = st.text("ab*", min_size=1, max_size=5)
PATHS = st.lists(NAMES, min_size=1, max_size=5).map("/".join)


@given(PATTERNS, st.lists(PATHS, min_size=1, max_size=8))
def test_the_same_paths_are_matched(pattern: str, paths: list[str]) -> None:
    for path in paths:
        folders = [path[:n] + "/" for n, sign in enumerate(path) if sign == "/"]
        try:
            spec = GitIgnoreSpec.from_lines([pattern])
        except ValueError:
            return
        assert is_listed(path, [pattern]) == any(spec.match_file(one) for one in [*folders, path])


LONG = "a" * 255
ENDLESS = (
    ("a*" * 40 + "b", LONG),
    ("*a" * 40 + "b", LONG),
    ("?*" * 40 + "b", LONG),
    ("a**" * 40 + "b", LONG),
    ("[a]*" * 40 + "b", LONG),
    ("[]a]*" * 40 + "b", LONG),
    ("[!b]*" * 40 + "b", LONG),
    ("\\a*" * 40 + "b", LONG),
    ("**/" * 40 + "x", "a/" * 500 + "y"),
    ("**/a/" * 40 + "x", "a/" * 500 + "y"),
    ("**/*a*a/" * 20 + "x", "aaa/" * 250 + "y"),
    ("a*a*/**/" * 20 + "a*a*x", "aaa/" * 250 + "y"),
    ("*/" * 100 + "x", "a/" * 500 + "y"),
)


@pytest.mark.parametrize(("pattern", "path"), ENDLESS, ids=[pattern[:8] for pattern, _ in ENDLESS])
def test_no_pattern_lasts_for_ever(pattern: str, path: str) -> None:
    assert not is_listed(path, [pattern])


def test_a_path_that_is_too_long_is_left_out() -> None:
    assert is_listed("a/" * 513 + "b.py", ["nothing"])


def test_what_is_found_at_its_first_place_is_not_taken_back() -> None:
    assert without_taking_back("^a[^/]*b[^/]*c$") == "^a(?>[^/]*?b)[^/]*c$"
    assert without_taking_back("^(?:.+/)?a(?:/.+)?/b(?:/.+)?/c$") == (
        "^(?>(?:.+?/)??a(?=/))(?>(?:/.+?)??/b(?=/))(?:/.+)?/c$"
    )


@pytest.mark.parametrize("pattern", ["[z-a]", "!", "\\", "a\\", "[a", "[]", "(?P<x>"])
def test_what_is_no_pattern_says_nothing(pattern: str) -> None:
    assert not is_listed("zz", [pattern])
    assert is_listed("zz", [pattern, "z*"])
