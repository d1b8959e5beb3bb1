"""Comments and the instructions in them."""

import pytest

from tierwise.syntax import comments, instructions

COMMENTS = [
    ("python", "#!/usr/bin/python\nx = '# no'  # yes\r\n", ["#!/usr/bin/python", "# yes"]),
    ("javascript", "#!/usr/bin/node\nx = '// no' // a\n/* b\n c */", ["#!/usr/bin/node", "// a", "/* b\n c */"]),
    ("typescriptreact", "const a = <p>{/* c */} // text</p>;", ["/* c */"]),
    ("go", "package a\n//go:build x\nvar s = `// no`\n", ["//go:build x"]),
    ("rust", "//! a\n/// b\nfn f() {} /* c */\n", ["//! a", "/// b", "/* c */"]),
    ("java", "/** a */ class A {} // b", ["/** a */", "// b"]),
    ("c", '/* a */ char *s = "/* no */"; // b \\\n c\n', ["/* a */", "// b \\\n c"]),
    ("cpp", "// a\nint x;", ["// a"]),
    ("csharp", "/// <a>\nclass A {}", ["/// <a>"]),
    ("ruby", "=begin\na\n=end\nx = '# no' # b\n", ["=begin\na\n=end", "# b"]),
    ("php", "<?php\n# a\n// b\n/* c */", ["# a", "// b", "/* c */"]),
    ("shellscript", "#!/bin/sh\necho '# no' # a\n", ["#!/bin/sh", "# a"]),
    ("html", "<!-- a --><p>b</p>", ["<!-- a -->"]),
    ("css", "/* a */ b { c: d }", ["/* a */"]),
    ("jsonc", '{"a": "// no" // b\n}', ["// b"]),
    ("yaml", "a: '# no' # b\n", ["# b"]),
    ("lua", "-- a\n--[[ b\n ]] x = 1", ["-- a", "--[[ b\n ]]"]),
    ("plaintext", "# a", []),
]


@pytest.mark.parametrize(("language", "text", "expected"), COMMENTS, ids=[case[0] for case in COMMENTS])
def test_comments(language: str, text: str, expected: list[str]) -> None:
    found = comments(text, language)
    assert [comment.text for comment in found] == expected
    assert [text[c.span.start : c.span.end] for c in found] == expected


INSTRUCTIONS = [
    ("python", "x = 1  # tw: rename x to count\n", ["rename x to count"]),
    ("python", "# TW: do it\n# an ordinary remark\n", ["do it"]),
    ("python", "# tw: do it,\n#   and do it well\n#   in one line\n# remark\n", ["do it, and do it well in one line"]),
    ("python", "# tw: first\n\n#   not a continuation\n", ["first"]),
    ("python", "# tw:\n", []),
    ("python", "s = '# tw: no'\n", []),
    ("python", "# see tw: no\n", []),
    ("javascript", "/* tw: sort these\n * by name */\nf(); // tw: b\n", ["sort these by name", "b"]),
    ("html", "<!-- tw: add a title -->", ["add a title"]),
    ("lua", "--[[ tw: x ]]\n-- tw: y", ["x", "y"]),
    ("css", "/* tw: darker */", ["darker"]),
    ("plaintext", "# tw: no", []),
]


@pytest.mark.parametrize(("language", "text", "expected"), INSTRUCTIONS)
def test_instructions(language: str, text: str, expected: list[str]) -> None:
    assert [found.text for found in instructions(text, language)] == expected


def test_an_instruction_spans_its_continuation() -> None:
    text = "x = 1\n# tw: a\n#   b\ny = 2\n"
    (found,) = instructions(text, "python")
    assert text[found.span.start : found.span.end] == "# tw: a\n#   b"
