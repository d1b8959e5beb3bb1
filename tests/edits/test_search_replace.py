"""Search/replace blocks: every dialect, everything that locating forgives, and everything it must refuse."""

import pytest

from edits.check import block, check_reply
from tierwise.edits import apply_reply
from tierwise.text import Rejection

BASE = {
    "a.py": 'import os\n\n\ndef f(x):\n    if x:\n        return "one"  # first\n    return 2\n'
    "\n\ndef g(x):\n    return 3\n"
}
OLD = '    if x:\n        return "one"  # first\n'
NEW = '    if x:\n        return "two"  # first\n'
AFTER = {"a.py": BASE["a.py"].replace('"one"', '"two"')}

DIALECTS = {
    "plain": block(OLD, NEW),
    "prose around": f"Sure, here it is:\n\n{block(OLD, NEW)}\nThat is all.\n",
    "no fence": f"a.py\n<<<<<<< SEARCH\n{OLD}=======\n{NEW}>>>>>>> REPLACE\n",
    "path inside the fence": f"```python\na.py\n<<<<<<< SEARCH\n{OLD}=======\n{NEW}>>>>>>> REPLACE\n```\n",
    "path on the fence": f"```python a.py\n<<<<<<< SEARCH\n{OLD}=======\n{NEW}>>>>>>> REPLACE\n```\n",
    "no path, one file": f"```\n<<<<<<< SEARCH\n{OLD}=======\n{NEW}>>>>>>> REPLACE\n```\n",
    "four backticks": block(OLD, NEW, fence="````"),
    "tildes": block(OLD, NEW, fence="~~~"),
    "source tags": f"a.py\n<source>python\n<<<<<<< SEARCH\n{OLD}=======\n{NEW}>>>>>>> REPLACE\n</source>\n",
    "dashes and pluses": f"------- SEARCH\n{OLD}=======\n{NEW}+++++++ REPLACE\n",
    "other lengths": f"a.py\n<<<<<<<<< SEARCH\n{OLD}=====\n{NEW}>>>>> REPLACE\n",
    "line hint": f"a.py\n<<<<<<< SEARCH\n:start_line:5\n:end_line:6\n-------\n{OLD}=======\n{NEW}>>>>>>> REPLACE\n",
    "wrong line hint": f"a.py\n<<<<<<< SEARCH\n:start_line:9\n-------\n{OLD}=======\n{NEW}>>>>>>> REPLACE\n",
    "fences inside": f"a.py\n<<<<<<< SEARCH\n```python\n{OLD}```\n=======\n```python\n{NEW}```\n>>>>>>> REPLACE\n",
    "divider twice": f"a.py\n<<<<<<< SEARCH\n{OLD}=======\n{NEW}=======\n>>>>>>> REPLACE\n",
    "in a list": "1. a.py\n\n   <<<<<<< SEARCH\n"
    + "".join(f"   {line}\n" for line in OLD.splitlines())
    + "   =======\n"
    + "".join(f"   {line}\n" for line in NEW.splitlines())
    + "   >>>>>>> REPLACE\n",
    "windows reply": block(OLD, NEW).replace("\n", "\r\n"),
    "reasoning before": f"<think>\n{block(OLD, OLD)}</think>\n{block(OLD, NEW)}",
}


@pytest.mark.parametrize("name", DIALECTS)
def test_dialects(name: str) -> None:
    check_reply(DIALECTS[name], BASE, AFTER)


HEADINGS = [
    "a.py", "`a.py`", "**a.py**", "### a.py", "File: a.py", "**File: `a.py`**", "1. a.py", "- `a.py`:", "./a.py",
    "a/a.py", "b/a.py", "/home/me/project/a.py", "In `a.py`:", "Change a.py like this:", "#### `a.py` (modified)",
    "// a.py", "# a.py",
]  # fmt: skip


@pytest.mark.parametrize("heading", HEADINGS)
def test_headings(heading: str) -> None:
    files = BASE | {"b.py": "x = 1\n"}
    check_reply(block(OLD, NEW, path=heading), files, AFTER)


FORGIVEN = {
    "white space at line ends": (OLD.replace(":\n", ":  \n"), NEW),
    "shifted right": (
        '        if x:\n            return "one"  # first\n',
        '        if x:\n            return "two"  # first\n',
    ),
    "smart quotes": (OLD.replace('"', "\u201d"), NEW),
    "smart quotes in both": (OLD.replace('"', "\u201d"), NEW.replace('"', "\u201d")),
    "no-break spaces": (OLD.replace("    ", "\u00a0\u00a0\u00a0\u00a0"), NEW),
    "zero-width space": (OLD.replace("first", "fi\u200brst"), NEW),
    "entities": (OLD.replace('"', "&quot;"), NEW.replace('"', "&quot;")),
    "dedented": ('if x:\n    return "one"  # first\n', 'if x:\n    return "two"  # first\n'),
    "only the quote dedented": ('if x:\n    return "one"  # first\n', NEW),
    "two blanks a step": ('  if x:\n    return "one"  # first\n', '  if x:\n    return "two"  # first\n'),
    "tabs": ('\tif x:\n\t\treturn "one"  # first\n', '\tif x:\n\t\treturn "two"  # first\n'),
    "first line bare": ('if x:\n        return "one"  # first\n', 'if x:\n        return "two"  # first\n'),
    "blank line too many": (OLD.replace(":\n", ":\n\n"), NEW.replace(":\n", ":\n\n")),
    "blank lines around": ("\n\n" + OLD + "\n", "\n\n" + NEW + "\n"),
    "line numbers": (
        '5 |     if x:\n6 |         return "one"  # first\n',
        '5 |     if x:\n6 |         return "two"  # first\n',
    ),
    "line numbers in the quote": ('5 |     if x:\n6 |         return "one"  # first\n', NEW),
    "spaces inside": (OLD.replace("if x", "if  x"), NEW.replace("if x", "if  x")),
    "quotation marks escaped": (OLD.replace('"', '\\"'), NEW.replace('"', '\\"')),
    "quotation marks escaped in the quote": (OLD.replace('"', '\\"'), NEW),
    "full-width signs": (OLD.replace(":", "\uff1a"), NEW),
    "signs of mail": (
        '>     if x:\n>         return "one"  # first\n',
        '>     if x:\n>         return "two"  # first\n',
    ),
    "signs of a diff": (
        '-    if x:\n-        return "one"  # first\n',
        '+    if x:\n+        return "two"  # first\n',
    ),
    "signs of a diff and context": (
        '     if x:\n-        return "one"  # first\n',
        '     if x:\n+        return "two"  # first\n',
    ),
    "more blank lines around the quote than there are": ("\n\n\n\n" + OLD + "\n\n\n", NEW),
    "numbers without a blank": (
        '5:    if x:\n6:        return "one"  # first\n',
        '5:    if x:\n6:        return "two"  # first\n',
    ),
    "only the quote shifted": ('        if x:\n            return "one"  # first\n', NEW),
    "only the quote in two blanks a step": ('  if x:\n    return "one"  # first\n', NEW),
    "part of a line": ('return "one"\n', 'return "two"\n'),
}


@pytest.mark.parametrize("name", FORGIVEN)
def test_what_locating_forgives(name: str) -> None:
    old, new = FORGIVEN[name]
    check_reply(block(old, new), BASE, AFTER)


MENDED = {
    "quotation marks": "    return \u201cfour\u201d\n",
    "escapes": '    return \\"four\\"\n',
    "depth": '        return "four"\n',
}


@pytest.mark.parametrize("name", MENDED)
def test_what_no_parser_reads_is_mended(name: str) -> None:
    base = {"a.py": "def g(x):\n    z = 0\n    y = x\n    return 3\n"}
    quote = "    y = x\n    return 3\n"
    margin = "        " if name == "depth" else "    "
    check_reply(
        block(quote, f"{margin}y = x\n{MENDED[name]}"),
        base,
        {"a.py": 'def g(x):\n    z = 0\n    y = x\n    return "four"\n'},
    )


def test_what_a_parser_reads_stays_as_it_was_given() -> None:
    base = {"a.py": "x = 1\n"}
    check_reply(block("x = 1\n", 'x = "&lt; \u201cone\u201d"\n'), base, {"a.py": 'x = "&lt; \u201cone\u201d"\n'})


def test_a_quote_that_breaks_off_in_a_line_is_refused() -> None:
    base = {"a.py": "x = 1\ny = compute(x)\n"}
    check_reply(block("x = 1\ny = compute(\n", "x = 2\ny = other()\n"), base, "quote-not-found")
    check_reply(block("x = 1\ny = compute(\n", "x = 2\ny = compute(x)\n"), base, {"a.py": "x = 2\ny = compute(x)\n"})


def test_several_forms_in_one_reply() -> None:
    files = BASE | {"b.py": "x = 1\n", "c.py": "y = 1\n"}
    diff = "```diff\n--- a/b.py\n+++ b/b.py\n@@ -1 +1 @@\n-x = 1\n+x = 2\n```\n"
    patch = "*** Begin Patch\n*** Update File: c.py\n@@\n-y = 1\n+y = 2\n*** End Patch\n"
    reply = f"{block(OLD, NEW)}\n{diff}\n{patch}\nd.py\n```python\nz = 1\n```\n"
    check_reply(reply, files, AFTER | {"b.py": "x = 2\n", "c.py": "y = 2\n", "d.py": "z = 1\n"})


def test_the_name_of_a_file_in_other_capitals() -> None:
    check_reply(block(OLD, NEW, path="A.py"), BASE | {"b.py": "x = 1\n"}, AFTER)


TWICE = {"a.py": "x = 1\nprint(x)\n\nx = 1\nprint(x)\n"}


def test_a_quote_in_two_places_is_refused_and_both_are_named() -> None:
    check_reply(block("x = 1\n", "x = 2\n"), TWICE, "ambiguous-location")
    result = apply_reply(block("x = 1\n", "x = 2\n"), TWICE)
    assert isinstance(result, Rejection)
    assert "line 1, line 4" in result.detail


def test_a_quote_given_as_often_as_it_stands_is_taken_in_order() -> None:
    reply = block("x = 1\n", "x = 2\n") + block("x = 1\n", "x = 3\n")
    check_reply(reply, TWICE, {"a.py": "x = 2\nprint(x)\n\nx = 3\nprint(x)\n"})
    check_reply(reply + block("x = 1\n", "x = 4\n"), TWICE, "ambiguous-location")


def test_a_line_hint_decides_only_when_it_is_exact() -> None:
    reply = "a.py\n<<<<<<< SEARCH\n:start_line:{}\n-------\nx = 1\n=======\nx = 2\n>>>>>>> REPLACE\n"
    check_reply(reply.format(4), TWICE, {"a.py": "x = 1\nprint(x)\n\nx = 2\nprint(x)\n"})
    check_reply(reply.format(3), TWICE, "ambiguous-location")


GAPS = ["...", "\u2026", "# ... existing code ...", "        # rest of the function unchanged"]


@pytest.mark.parametrize("gap", GAPS)
def test_an_elided_middle_stands_for_what_is_there(gap: str) -> None:
    base = {"a.py": "def f():\n    a = 1\n    b = 2\n    c = 3\n    return a\n\n\ndef g():\n    return 0\n"}
    reply = block(f"def f():\n{gap}\n    return a\n", f"def f(x):\n{gap}\n    return x\n")
    after = base["a.py"].replace("def f()", "def f(x)").replace("return a", "return x")
    check_reply(reply, base, {"a.py": after})


def test_an_elision_only_in_the_replacement_is_filled_from_the_quote() -> None:
    base = {"a.py": "def f():\n    a = 1\n    b = 2\n\n\ndef g():\n    return 0\n"}
    reply = block(base["a.py"], "def f():\n    # ... existing code ...\n\n\ndef g():\n    return 1\n")
    check_reply(reply, base, {"a.py": base["a.py"].replace("return 0", "return 1")})


def test_an_elision_that_stands_for_nothing_known_is_refused() -> None:
    check_reply(block("def g(x):\n", "def h():\n    # ... rest of the code ...\n\ndef g(x):\n"), BASE, "elided-code")


def test_later_blocks_may_quote_what_earlier_ones_made() -> None:
    reply = block(OLD, NEW) + block(NEW, NEW.replace("two", "three"))
    check_reply(reply, BASE, {"a.py": BASE["a.py"].replace("one", "three")})


def test_blocks_may_overlap_in_context() -> None:
    first = block('        return "one"  # first\n    return 2\n', '        return "two"  # first\n    return 2\n')
    second = block("    return 2\n\n\ndef g(x):\n", "    return 2\n\n\ndef g(y):\n")
    check_reply(first + second, BASE, {"a.py": BASE["a.py"].replace("one", "two").replace("g(x)", "g(y)")})


def test_a_block_without_a_path_is_for_the_file_of_the_one_before() -> None:
    files = BASE | {"b.py": "x = 1\n"}
    second = block("    return 3\n", "    return 4\n").removeprefix("a.py\n")
    after = AFTER["a.py"].replace("return 3", "return 4")
    check_reply(block(OLD, NEW) + second, files, {"a.py": after})


def test_an_empty_quote_makes_a_new_file() -> None:
    check_reply(block("", "x = 1\n", path="pkg/new.py"), BASE, {"pkg/new.py": "x = 1\n"})
    check_reply(block("", "x = 1\n"), {"a.py": ""}, {"a.py": "x = 1\n"})
    check_reply(block("", "x = 1\n"), BASE, "empty-quote")


def test_new_files_given_whole_beside_blocks() -> None:
    reply = block(OLD, NEW) + "\ntests/test_a.py\n```python\nimport a\n```\n\nRun it:\n```bash\npytest\n```\n"
    check_reply(reply, BASE, AFTER | {"tests/test_a.py": "import a\n"})


def test_markers_that_are_content() -> None:
    base = {"a.md": "Title\n=======\ntext\n"}
    reply = "a.md\n<<<<<<< SEARCH\nTitle\n=======\ntext\n=======\nName\n=======\ntext\n>>>>>>> REPLACE\n"
    check_reply(reply, base, {"a.md": "Name\n=======\ntext\n"})
    base = {"a.md": "<<<<<<< SEARCH\nmine\n=======\nyours\n>>>>>>> REPLACE\n"}
    escaped = base["a.md"].replace("<<<", "\\<<<", 1).replace("===", "\\===", 1).replace(">>>", "\\>>>", 1)
    reply = f"a.md\n<<<<<<< SEARCH\n{escaped}=======\nmine\n>>>>>>> REPLACE\n"
    check_reply(reply, base, {"a.md": "mine\n"})


REFUSED = {
    "no such lines": (block("nothing like this\n", "x\n"), "quote-not-found"),
    "almost the lines": (block(OLD.replace("one", "ones"), NEW), "quote-not-found"),
    "one wrong block of two": (block(OLD, NEW) + block("missing\n", "x\n"), "quote-not-found"),
    "another file": (block(OLD, NEW, path="b.py"), "wrong-file"),
    "outside the project": (block("", NEW, path="../b.py"), "wrong-file"),
    "no end": (f"a.py\n<<<<<<< SEARCH\n{OLD}=======\n{NEW}", "truncated-reply"),
    "fence never closed": (block(OLD, NEW).removesuffix("```\n"), "truncated-reply"),
    "second block cut": (block(OLD, NEW) + f"a.py\n<<<<<<< SEARCH\n{OLD}", "truncated-reply"),
    "no divider": (f"a.py\n<<<<<<< SEARCH\n{OLD}>>>>>>> REPLACE\n", "malformed-reply"),
    "block begins twice": (f"a.py\n<<<<<<< SEARCH\n{OLD}<<<<<<< SEARCH\n{block(OLD, NEW)}", "malformed-reply"),
    "some lines numbered": (block("5 |     if x:\n", "5 |     if y:\nz = 1\n"), "quote-not-found"),
    "prose": ("I would rename the function, but I need to see the file first.", "no-edits"),
    "empty": ("  \n", "empty-reply"),
    "only reasoning": (f"<think>{block(OLD, NEW)}", "empty-reply"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_must_be_refused(name: str) -> None:
    reply, code = REFUSED[name]
    check_reply(reply, BASE, code)


def test_without_a_path_and_several_files_the_place_must_be_the_only_one() -> None:
    reply = block(OLD, NEW).removeprefix("a.py\n")
    check_reply(reply, BASE | {"b.py": "x = 1\n"}, AFTER)
    check_reply(reply, BASE | {"b.py": BASE["a.py"]}, "no-path")


def test_every_cut_of_a_reply_is_refused_or_leaves_out_whole_blocks() -> None:
    reply = block(OLD, NEW) + block("    return 3\n", "    return 4\n")
    whole = AFTER["a.py"].replace("return 3", "return 4")
    for end in range(len(reply)):
        result = apply_reply(reply[:end], BASE)
        if not isinstance(result, Rejection):
            assert result.files["a.py"] in (AFTER["a.py"], whole)
