"""What a quote leaves as it is: blank lines, white space, and lines that stand there already."""

from edits.check import block, check_reply

BASE = {
    "a.py": 'import os\n\n\ndef f(x):\n    if x:\n        return "one"  # first\n    return 2\n'
    "\n\ndef g(x):\n    return 3\n"
}


def test_lines_that_stand_there_already_are_not_added_again() -> None:
    base = {"a.py": "import os\nimport re\n\nx = 1\n"}
    check_reply(block("import os\n", "import os\nimport re\n"), base, {})


def test_lines_that_stand_there_already_are_not_taken_away_again() -> None:
    moved = "def g(x):\n    return 3\n"
    reply = block(f"{moved}\n\n", "") + block("def f(x):\n", f"{moved}\n\ndef f(x):\n")
    base = {"a.py": f"import os\n\n\n{moved}\n\ndef f(x):\n    return 2\n"}
    check_reply(reply, base, "overlapping-edits")


def test_blank_lines_missing_in_the_quote() -> None:
    old = "import os\ndef f(x):\n    if x:\n"
    check_reply(block(old, old.replace("os", "re")), BASE, {"a.py": BASE["a.py"].replace("os", "re")})
    new = "import re\n\n\ndef f(x):\n    if x:\n"
    check_reply(block(old, new), BASE, {"a.py": BASE["a.py"].replace("os", "re")})


def test_blank_lines_beside_a_line_that_comes() -> None:
    base = {"a.py": "import os\n\n\nclass A:\n    pass\n"}
    reply = block("import os\n\nclass A:\n", "import os\nimport re\n\nclass A:\n")
    check_reply(reply, base, {"a.py": "import os\nimport re\n\n\nclass A:\n    pass\n"})


def test_context_keeps_the_white_space_of_the_document() -> None:
    base = {"a.py": "def f():  \n\tx = 1\n\ty = 2\t\n"}
    reply = block("def f():\n    x = 1\n    y = 2\n", "def f():\n    x = 1\n    z = 3\n    y = 2\n")
    check_reply(reply, base, {"a.py": "def f():  \n\tx = 1\n\tz = 3\n\ty = 2\t\n"})
