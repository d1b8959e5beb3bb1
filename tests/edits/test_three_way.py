"""Replies made for an older text, and texts that are not plain: line endings, byte-order marks, no final line break."""

import pytest

from edits.check import block, check_reply

BASE = "import os\n\n\ndef f():\n    a = 1\n    b = 2\n    return a\n\n\ndef g():\n    return 0\n"
REPLY = block("    a = 1\n    b = 2\n    return a\n", "    a = 1\n    b = 3\n    return a\n")
FORMS = {
    "blocks": REPLY,
    "diff": "--- a/a.py\n+++ b/a.py\n@@ -4,4 +4,4 @@\n def f():\n     a = 1\n-    b = 2\n+    b = 3\n     return a\n",
    "patch": "*** Begin Patch\n*** Update File: a.py\n@@\n     a = 1\n-    b = 2\n+    b = 3\n     return a\n"
    "*** End Patch\n",
    "whole": "a.py\n```python\n" + BASE.replace("b = 2", "b = 3") + "```\n",
    "json": '{"path": "a.py", "old_string": "    b = 2\\n    return a", "new_string": "    b = 3\\n    return a"}',
}
NEWER = {
    "elsewhere": [("import os", "import os\nimport re")],
    "context above": [("    a = 1", "    a = 11")],
    "context below": [("    return a", "    return a + 1")],
    "both and far": [("    a = 1", "    a = 11"), ("    return a", "    return a + 1"), ("return 0", "return 9")],
    "lines inserted right before": [("    a = 1\n", "    a = 1\n    c = 5\n")],
    "line endings": [("\n", "\r\n")],
}


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("newer", NEWER)
def test_newer_text_of_the_user_is_kept(form: str, newer: str) -> None:
    current, after = BASE, BASE.replace("b = 2", "b = 3")
    for old, new in NEWER[newer]:
        current, after = current.replace(old, new), after.replace(old, new)
    check_reply(FORMS[form], {"a.py": BASE}, {"a.py": after}, {"a.py": current})


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("mine", ["    b = 7\n", "", "    b = 2  # keep\n"])
def test_real_conflicts_are_refused(form: str, mine: str) -> None:
    check_reply(FORMS[form], {"a.py": BASE}, "conflict", {"a.py": BASE.replace("    b = 2\n", mine)})


def test_the_user_made_the_same_change() -> None:
    current = BASE.replace("b = 2", "b = 3")
    check_reply(REPLY, {"a.py": BASE}, {}, {"a.py": current})


def test_files_that_came_or_went_meanwhile() -> None:
    new = block("", "x = 1\n", path="b.py")
    check_reply(new, {"a.py": BASE}, "conflict", {"a.py": BASE, "b.py": "mine = 1\n"})
    check_reply(REPLY, {"a.py": BASE}, "conflict", {})
    gone = "*** Begin Patch\n*** Delete File: a.py\n*** End Patch\n"
    check_reply(gone, {"a.py": BASE}, "conflict", {"a.py": BASE + "more = 1\n"})


def test_all_or_nothing_over_files() -> None:
    files = {"a.py": BASE, "b.py": "x = 1\n"}
    reply = REPLY + block("x = 1\n", "x = 2\n", path="b.py")
    check_reply(reply, files, {"a.py": BASE.replace("b = 2", "b = 3"), "b.py": "x = 2\n"})
    check_reply(reply, files, "conflict", files | {"b.py": "x = 5\n"})


ENDINGS = {
    "windows": lambda text: text.replace("\n", "\r\n"),
    "old mac": lambda text: text.replace("\n", "\r"),
    "byte-order mark": lambda text: "\ufeff" + text,
    "no final line break": lambda text: text.removesuffix("\n"),
    "windows without the last": lambda text: text.replace("\n", "\r\n").removesuffix("\r\n"),
    "mixed": lambda text: text.replace("\n\n\n", "\r\n\n\r\n"),
    "form feeds": lambda text: text.replace("\n\n\n", "\n\f\n\u2028\x85\n"),
}


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("ending", [name for name in ENDINGS if name not in ("mixed", "form feeds")])
def test_the_text_keeps_its_shape(form: str, ending: str) -> None:
    shape = ENDINGS[ending]
    check_reply(FORMS[form], {"a.py": shape(BASE)}, {"a.py": shape(BASE.replace("b = 2", "b = 3"))})


@pytest.mark.parametrize("form", ["blocks", "diff", "patch", "json"])
@pytest.mark.parametrize("ending", ["mixed", "form feeds"])
def test_odd_lines_outside_the_edit_stay(form: str, ending: str) -> None:
    shape = ENDINGS[ending]
    check_reply(FORMS[form], {"a.py": shape(BASE)}, {"a.py": shape(BASE.replace("b = 2", "b = 3"))})


def test_new_lines_end_as_their_neighbors_do() -> None:
    base = {"a.txt": "one\ntwo\r\nthree\r\n"}
    check_reply(block("two\n", "two\nmore\n", path="a.txt"), base, {"a.txt": "one\ntwo\r\nmore\r\nthree\r\n"})
    check_reply(block("one\n", "one\nmore\n", path="a.txt"), base, {"a.txt": "one\nmore\ntwo\r\nthree\r\n"})


def test_new_files_end_their_lines_as_the_project_does() -> None:
    base = {"a.py": "x = 1\r\ny = 2\r\n"}
    check_reply(block("", "a = 1\nb = 2\n", path="b.py"), base, {"b.py": "a = 1\r\nb = 2\r\n"})
