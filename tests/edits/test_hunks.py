"""Unified diffs and patches, with everything that models get wrong in them."""

import pytest

from edits.check import check_reply

BASE = {"a.py": "import os\n\n\ndef f(x):\n    y = x\n\n    return y\n\n\ndef g(x):\n    y = x\n\n    return 3\n"}
AFTER = {"a.py": BASE["a.py"].replace("return 3", "return 4")}
HUNK = " def g(x):\n     y = x\n \n-    return 3\n+    return 4\n"
UNMARKED = HUNK.replace("\n \n", "\n\n")
NAMES = "--- a/a.py\n+++ b/a.py\n"

DIFFS = {
    "exact": f"{NAMES}@@ -10,4 +10,4 @@\n{HUNK}",
    "fenced": f"Change:\n\n```diff\n{NAMES}@@ -10,4 +10,4 @@\n{HUNK}```\nDone.\n",
    "wrong numbers": f"{NAMES}@@ -99,7 +120,9 @@\n{HUNK}",
    "no numbers": f"{NAMES}@@ ... @@\n{HUNK}",
    "bare": f"{NAMES}@@\n{HUNK}",
    "no header": f"{NAMES}{HUNK}",
    "section name": f"{NAMES}@@ -1,4 +1,4 @@ def g(x):\n{HUNK}",
    "git header": f"diff --git a/a.py b/a.py\nindex 1234..5678 100644\n{NAMES}@@ -10,4 +10,4 @@\n{HUNK}",
    "no prefixes in names": f"--- a.py\n+++ a.py\n@@ -10,4 +10,4 @@\n{HUNK}",
    "time stamps": f"--- a.py\t2024-01-01 10:00\n+++ a.py\t2024-01-01\n@@ -10,4 +10,4 @@\n{HUNK}",
    "name in the text": f"Change `a.py`:\n```diff\n@@ -10,4 +10,4 @@\n{HUNK}```\n",
    "blank context without its blank": f"{NAMES}@@ -10,4 +10,4 @@\n{UNMARKED}",
    "marks forgotten": f"{NAMES}@@\ndef g(x):\n    y = x\n\n-    return 3\n+    return 4\n",
    "marks forgotten in part": f"{NAMES}@@\ndef g(x):\n     y = x\n\n-    return 3\n+    return 4\n",
    "blank after the mark": f"{NAMES}@@\n  def g(x):\n      y = x\n \n-     return 3\n+     return 4\n",
    "shifted": f"{NAMES}@@\n     def g(x):\n         y = x\n \n-        return 3\n+        return 4\n",
    "white space at line ends": f"{NAMES}@@\n{HUNK.replace('x):', 'x):  ')}",
    "elided": f"{NAMES}@@\n def g(x):\n ...\n-    return 3\n+    return 4\n",
    "no newline note": f"{NAMES}@@\n{HUNK}\\ No newline at end of file\n",
    "windows": f"{NAMES}@@\n{HUNK}".replace("\n", "\r\n"),
}


@pytest.mark.parametrize("name", DIFFS)
def test_unified_diffs(name: str) -> None:
    check_reply(DIFFS[name], BASE, AFTER)


PATCHES = {
    "plain": f"*** Begin Patch\n*** Update File: a.py\n@@\n{HUNK}*** End Patch\n",
    "no marker before the hunk": f"*** Begin Patch\n*** Update File: a.py\n{HUNK}*** End Patch\n",
    "anchors": "*** Begin Patch\n*** Update File: a.py\n@@ def g(x):\n     y = x\n \n"
    "-    return 3\n+    return 4\n*** End Patch\n",
    "end of file": f"*** Begin Patch\n*** Update File: a.py\n@@\n{HUNK}*** End of File\n*** End Patch\n",
    "heredoc": f"apply_patch <<'EOF'\n*** Begin Patch\n*** Update File: a.py\n@@\n{HUNK}*** End Patch\nEOF\n",
    "fenced": f"```patch\n*** Begin Patch\n*** Update File: a.py\n@@\n{HUNK}*** End Patch\n```\n",
    "no begin and end": f"*** Update File: a.py\n@@\n{HUNK}",
    "numbers": f"*** Begin Patch\n*** Update File: ./a.py\n@@ -3,4 +3,4 @@\n{HUNK}*** End Patch\n",
}


@pytest.mark.parametrize("name", PATCHES)
def test_patches(name: str) -> None:
    check_reply(PATCHES[name], BASE, AFTER)


def patch(body: str) -> str:
    return f"*** Begin Patch\n{body}*** End Patch\n"


def test_files_added_deleted_and_moved() -> None:
    files = BASE | {"old.py": "x = 1\ny = 2\n", "gone.py": "z = 3\n"}
    reply = patch(
        "*** Add File: pkg/new.py\n+a = 1\n+\n+b = 2\n*** Delete File: gone.py\n"
        "*** Update File: old.py\n*** Move to: moved.py\n@@\n-x = 1\n+x = 5\n y = 2\n"
    )
    check_reply(
        reply, files, {"pkg/new.py": "a = 1\n\nb = 2\n", "gone.py": None, "old.py": None, "moved.py": "x = 5\ny = 2\n"}
    )


def test_diffs_create_delete_and_rename() -> None:
    files = {"old.py": "x = 1\n"}
    check_reply("--- /dev/null\n+++ b/new.py\n@@ -0,0 +1,2 @@\n+a = 1\n+b = 2\n", files, {"new.py": "a = 1\nb = 2\n"})
    check_reply("--- a/old.py\n+++ /dev/null\n@@ -1 +0,0 @@\n-x = 1\n", files, {"old.py": None})
    rename = "diff --git a/old.py b/new.py\nrename from old.py\nrename to new.py\n@@ -1 +1 @@\n-x = 1\n+x = 2\n"
    check_reply(rename, files, {"old.py": None, "new.py": "x = 2\n"})


SAME = {"a.py": "class A:\n    def f(self):\n        return 1\n\n\nclass B:\n    def f(self):\n        return 1\n"}
CHANGE = "     def f(self):\n-        return 1\n+        return 2\n"


def test_anchors_and_exact_numbers_decide_between_places() -> None:
    after = {"a.py": SAME["a.py"][: SAME["a.py"].index("class B")] + "class B:\n    def f(self):\n        return 2\n"}
    check_reply(patch(f"*** Update File: a.py\n@@ class B\n{CHANGE}"), SAME, after)
    check_reply(f"{NAMES}@@ -7,2 +7,2 @@\n{CHANGE}", SAME, after)
    check_reply(f"{NAMES}@@ -6,2 +6,2 @@\n{CHANGE}", SAME, "ambiguous-location")
    check_reply(patch(f"*** Update File: a.py\n@@\n{CHANGE}"), SAME, "ambiguous-location")


def test_hunks_stand_in_the_order_given() -> None:
    base = {"a.py": "a\nx\nb\nx\nc\nx\n"}
    reply = patch("*** Update File: a.py\n@@\n-b\n+B\n@@\n-x\n+X\n@@\n-c\n+C\n")
    check_reply(reply, base, {"a.py": "a\nx\nB\nX\nC\nx\n"})


def test_lines_added_without_context() -> None:
    check_reply(patch("*** Update File: a.py\n@@\n+tail = 1\n"), BASE, {"a.py": BASE["a.py"] + "tail = 1\n"})
    reply = patch("*** Update File: a.py\n@@ import os\n+import re\n")
    check_reply(reply, BASE, {"a.py": BASE["a.py"].replace("import os\n", "import os\nimport re\n")})


REFUSED = {
    "no such lines": (f"{NAMES}@@\n missing\n-here\n+there\n", "quote-not-found"),
    "fence never closed": (f"```diff\n{NAMES}@@\n{HUNK}", "truncated-reply"),
    "patch without end": (f"*** Begin Patch\n*** Update File: a.py\n@@\n{HUNK}", "truncated-reply"),
    "added line without a plus": (patch("*** Add File: b.py\n+x\ny\n"), "malformed-reply"),
    "added file exists": (patch("*** Add File: a.py\n+x\n"), "file-exists"),
    "unknown file": (patch("*** Update File: b.py\n@@\n-x\n+y\n"), "wrong-file"),
    "unknown file deleted": (patch("*** Delete File: b.py\n"), "wrong-file"),
    "deleted twice": (patch("*** Delete File: a.py\n*** Delete File: a.py\n"), "overlapping-edits"),
    "moved onto another": (
        patch("*** Update File: a.py\n*** Move to: c.py\n@@\n-import os\n+import re\n"),
        "file-exists",
    ),
    "second file fails": (
        patch(f"*** Update File: a.py\n@@\n{HUNK}*** Update File: c.py\n@@\n-no\n+yes\n"),
        "quote-not-found",
    ),
    "adds an elision": (
        patch("*** Update File: a.py\n@@\n import os\n+# ... rest of the imports ...\n"),
        "elided-code",
    ),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_must_be_refused(name: str) -> None:
    reply, code = REFUSED[name]
    check_reply(reply, BASE | {"c.py": "x = 1\n"}, code)
