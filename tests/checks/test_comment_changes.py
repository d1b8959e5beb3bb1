"""What becomes of comments when the code stays the same."""

import pytest

from checks.verdicts import verdict_on
from tierwise.checks import Check

# language, before, after, verdict when comments must be kept, verdict when they need not
CASES = [
    ("python", "x = 1 # a\n", "# a\nx = 1\n", "accept", "accept"),
    ("python", "# a b\nx = 1\n", "# a\n# b\nx = 1\n", "accept", "accept"),
    ("python", "#a\nx = 1\n", "# a\nx = 1\n", "accept", "accept"),
    ("python", "x = 1  # why\n", "x = 1\n", "comments-lost", "accept"),
    ("python", "x = 1\n", "x = 1  # why\n", "accept", "accept"),
    ("python", "x = 1  # noqa: F401\n", "x = 1  # noqa: E402, F401\n", "comments-lost", "accept"),
    ("python", "x = 1  # type: ignore\n", "x = 1\n", "comments-lost", "accept"),
    ("python", f"# {'word ' * 20}\nx = 1\n", "x = 1\n", "comments-lost", "comments-lost"),
    ("python", "#!/usr/bin/a\nx\n", "#!/usr/bin/b\nx\n", "directive-changed", "directive-changed"),
    ("python", "# coding: latin-1\nx\n", "x\n", "directive-changed", "directive-changed"),
    ("python", "# coding: utf-8\nx\n", "x\n", "comments-lost", "accept"),
    ("javascript", "/*\n * a\n */\nx", "  /*\n   * a\n   *\n   */\n  x", "accept", "accept"),
    (
        "javascript",
        "// eslint-disable-next-line no-a\nx()\ny()",
        "x()\n// eslint-disable-next-line no-a\ny()",
        "directive-moved",
        "accept",
    ),
    ("typescript", "// @ts-expect-error\nf()", "f()", "comments-lost", "accept"),
    ("typescript", '/// <reference path="a"/>\nx', "x", "directive-changed", "directive-changed"),
    ("go", "//go:build a\n\npackage b\n", "//go:build c\n\npackage b\n", "directive-changed", "directive-changed"),
    ("go", "// +build a\n\npackage b\n", "//go:build a\n// +build a\n\npackage b\n", "accept", "accept"),
    (
        "go",
        "package a\n\n//go:noinline\nfunc f() {}\n",
        "package a\n\nfunc f() {}\n",
        "directive-changed",
        "directive-changed",
    ),
    ("ruby", "# frozen_string_literal: true\nx", "x", "directive-changed", "directive-changed"),
    ("html", "<!--[if IE]><p></p><![endif]--><b></b>", "<b></b>", "directive-changed", "directive-changed"),
]


@pytest.mark.parametrize(("language", "before", "after", "strict", "lenient"), CASES)
def test_comments(language: str, before: str, after: str, strict: str, lenient: str) -> None:
    assert verdict_on(Check.SAME_PROGRAM, before, after, language) == strict
    assert verdict_on(Check.SAME_PROGRAM, before, after, language, must_keep_comments=False) == lenient
