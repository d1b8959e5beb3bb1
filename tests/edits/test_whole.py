"""Complete files, files with code left out, and excerpts."""

import pytest

from edits.check import check_reply
from tierwise.edits import ReplyFormat

OLD = "import os\n\n\ndef f():\n    return 1\n\n\ndef g():\n    return 2\n\n\ndef h():\n    return 3\n"
NEW = OLD.replace("return 2", "return 20")
BASE = {"a.py": OLD}

FORMS = {
    "named above": f"a.py\n```python\n{NEW}```\n",
    "named on the fence": f"```python a.py\n{NEW}```\n",
    "named with a colon": f"```python:a.py\n{NEW}```\n",
    "one file, not named": f"Here is the file:\n\n```python\n{NEW}```\n",
    "prose after": f"a.py\n```\n{NEW}```\n\nI changed `g`.\n",
    "named in its first line": f"```python\n# a.py\n{NEW}```\n",
    "shell command besides": f"a.py\n```python\n{NEW}```\nThen:\n```bash\npytest\n```\n",
    "not fenced": NEW,
    "numbered lines": "a.py\n```\n"
    + "".join(f"{n:>3} | {x}\n" for n, x in enumerate(NEW.split("\n")[:-1], 1))
    + "```\n",
    "windows": f"a.py\n```python\n{NEW}```\n".replace("\n", "\r\n"),
}


@pytest.mark.parametrize("name", FORMS)
def test_forms(name: str) -> None:
    check_reply(FORMS[name], BASE, {"a.py": NEW})
    check_reply(FORMS[name], BASE, {"a.py": NEW}, form=ReplyFormat.WHOLE)


def test_several_files_some_new() -> None:
    reply = f"### a.py\n```python\n{NEW}```\n\n### b/c.py (new file)\n```python\nx = 1\n```\n"
    check_reply(reply, BASE, {"a.py": NEW, "b/c.py": "x = 1\n"})


def test_fences_inside_the_file() -> None:
    old = "# Title\n\n```python\nx = 1\n```\n\nMore.\n\n```\nplain\n```\n\nThe end of it.\n"
    new = old.replace("More.", "Much more.")
    check_reply(f"README.md\n```markdown\n{new}```\n", {"README.md": old}, {"README.md": new})
    check_reply(f"README.md\n````\n{new}````\nDone.\n", {"README.md": old}, {"README.md": new})
    check_reply(f"README.md\n```\n{new}```\n\nI changed one word.\n", {"README.md": old}, {"README.md": new})


def test_markers_inside_the_file() -> None:
    old = "CASE = '''\na.py\n```\n<<<<<<< SEARCH\nx\n=======\ny\n>>>>>>> REPLACE\n```\n'''\nprint(CASE)\nprint(CASE)\n"
    check_reply(f"t.py\n```python\n{old}more()\n```\n", {"t.py": old}, {"t.py": old + "more()\n"})


def test_an_unchanged_file_changes_nothing() -> None:
    check_reply(f"a.py\n```\n{OLD}```\n", BASE, {})


LAZY = {
    "middle": (
        "import os\n\n\ndef f():\n    return 10\n\n\n# ... rest of the code unchanged ...\n",
        ("return 1", "return 10"),
    ),
    "between": (
        "import os\nimport re\n\n# ... existing code ...\n\n\ndef h():\n    return 30\n",
        ("import os", "import os\nimport re"),
        ("return 3", "return 30"),
    ),
    "start": ("# ... existing code ...\n\n\ndef h():\n    return 30\n", ("return 3", "return 30")),
    "addition": (
        "# ... existing code ...\n\n\ndef h():\n    return 3\n\n\ndef i():\n    return 4\n",
        ("return 3\n", "return 3\n\n\ndef i():\n    return 4\n"),
    ),
}


@pytest.mark.parametrize("name", LAZY)
def test_code_left_out_is_put_back(name: str) -> None:
    text, *changes = LAZY[name]
    after = OLD
    for old, new in changes:
        after = after.replace(old, new)
    check_reply(f"a.py\n```python\n{text}```\n", BASE, {"a.py": after})


JS = "class A {\n  constructor() {\n    this.x = 0;\n  }\n\n  add(n) {\n    this.x += n;\n    return this;\n  }\n}\n"


def test_code_left_out_inside_a_class() -> None:
    method = "  sub(n) {\n    this.x -= n;\n    return this;\n  }\n"
    reply = f"```js a.js\nclass A {{\n  // ... existing code ...\n\n{method}}}\n```\n"
    check_reply(reply, {"a.js": JS}, {"a.js": JS.removesuffix("}\n") + f"\n{method}}}\n"})


def test_one_declaration_takes_the_place_of_its_namesake() -> None:
    reply = "a.js\n```js\nadd(n) {\n  this.x = this.x + n;\n  return this;\n}\n```\n"
    check_reply(reply, {"a.js": JS}, {"a.js": JS.replace("this.x += n", "this.x = this.x + n")})


REFUSED = {
    "cut": (f"a.py\n```python\n{NEW}", "truncated-reply"),
    "an excerpt of nothing known": ("a.py\n```python\ndef new():\n    pass\n```\n", "partial-file"),
    "two blocks, no names": (f"```python\n{NEW}```\n```python\n{OLD}```\n", "ambiguous-reply"),
    "gap with nothing to hold it": (
        "a.py\n```python\n# ... existing code ...\n\ndef q():\n    pass\n\n# ... existing code ...\n```\n",
        "elided-code",
    ),
    "declared away": (
        "a.py\n```python\nimport os\n\n\ndef h():\n    return 3\n\n# ... rest of the code ...\n```\n",
        "elided-code",
    ),
    "outside": ("../x.py\n```python\nx = 1\n```\n", "wrong-file"),
    "prose and a command": ("Run this:\n\n```bash\npytest -q\n```\n", "no-edits"),
    "prose and an example": ("Use it so:\n\n```python\nf()\n```\n", "partial-file"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_must_be_refused(name: str) -> None:
    reply, code = REFUSED[name]
    check_reply(reply, BASE, code)


def test_several_files_and_no_name() -> None:
    check_reply(f"```python\n{NEW}```\n", BASE | {"b.py": "x = 1\n"}, "no-path")
