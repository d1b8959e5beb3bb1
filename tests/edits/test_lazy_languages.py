"""Files given with parts left out, in the comments of sixteen languages: put back or refused, and never lost."""

import pytest

from tierwise.edits.apply import apply_reply
from tierwise.text import Rejection

NAMES = ("alpha", "beta", "gamma", "delta", "epsilon")
C_LIKE = "{}() {{\n    int total = 0;\n    total += read(1);\n    total += read(2);\n    return total;\n}}\n"
LANGUAGES = {
    "a.py": ("# {}", "def {}():\n    total = 0\n    total += read(1)\n    total += read(2)\n    return total\n"),
    "a.js": ("// {}", f"function {C_LIKE}".replace("int ", "let ")),
    "a.ts": ("// {}", f"export function {C_LIKE}".replace("int ", "let ")),
    "a.go": ("// {}", f"func {C_LIKE}".replace("int total = 0;", "total := 0").replace(";", "")),
    "a.rs": ("// {}", f"fn {C_LIKE}".replace("int ", "let mut ")),
    "A.java": ("// {}", f"static int {C_LIKE}"),
    "a.c": ("/* {} */", f"static int {C_LIKE}"),
    "a.cpp": ("// {}", f"int {C_LIKE}"),
    "A.cs": ("// {}", f"public int {C_LIKE}"),
    "a.rb": ("# {}", "def {}\n  total = 0\n  total += read(1)\n  total += read(2)\n  total\nend\n"),
    "a.php": ("// {}", f"function {C_LIKE}".replace("int ", "$").replace("total +", "$total +")),
    "a.sh": ("# {}", "{}() {{\n    total=0\n    total+=$(read 1)\n    total+=$(read 2)\n    echo $total\n}}\n"),
    "a.html": ("<!-- {} -->", '<section id="{}">\n  <h2>Title</h2>\n  <p>total</p>\n  <p>sum</p>\n</section>\n'),
    "a.css": ("/* {} */", ".{} {{\n  color: red;\n  margin: total;\n  padding: 2px;\n  border: 0;\n}}\n"),
    "a.yaml": ("# {}", "{}:\n  kind: job\n  count: total\n  image: base\n  retries: 2\n"),
    "a.lua": ("-- {}", "function {}()\n  local total = 0\n  total = total + 1\n  return total\nend\n"),
}
WORDS = ("... existing code ...", "... rest of the file unchanged ...", "rest of the code remains the same")
SHAPES = {
    "one changed, gaps around it": (None, "gamma", None),
    "first changed, gap below": ("alpha", None),
    "last changed, gap above": (None, "epsilon"),
    "two changed, gaps between": ("alpha", None, "delta", None),
    "several changed, gaps around them": (None, "beta", "gamma", "delta", None),
    "a new one between gaps": (None, "gamma", "zeta", None),
}


def declaration(path: str, name: str) -> str:
    return LANGUAGES[path][1].format(name)


def changed(path: str, name: str) -> str:
    return declaration(path, name).replace("total", "amount")


def files(path: str, shape: tuple[str | None, ...], word: str) -> tuple[str, str, str]:
    """The file before, the reply, and the file that is meant."""
    gap = f"{LANGUAGES[path][0].format(word)}\n"
    parts = [gap if name is None else changed(path, name) for name in shape]
    given = [name for name in shape if name]
    meant = list(NAMES)
    if "zeta" in given:
        meant.insert(meant.index("gamma") + 1, "zeta")
    after = [changed(path, name) if name in given else declaration(path, name) for name in meant]
    body = "\n".join(parts)
    return "\n".join(declaration(path, name) for name in NAMES), f"{path}\n```\n{body}```\n", "\n".join(after)


@pytest.mark.parametrize("path", LANGUAGES)
def test_nothing_is_lost(path: str) -> None:
    outcomes = []
    for title, shape in SHAPES.items():
        for word in WORDS:
            before, reply, after = files(path, shape, word)
            result = apply_reply(reply, {path: before})
            if isinstance(result, Rejection):
                outcomes.append("refused")
                continue
            outcomes.append("done")
            assert result.files == {path: after}, f"{title}: {word}"
    assert outcomes.count("done") >= 15, outcomes


@pytest.mark.parametrize("path", LANGUAGES)
@pytest.mark.parametrize("shape", [("beta", "gamma", None), (None, "beta", "gamma")])
def test_what_is_given_nowhere_is_not_dropped(path: str, shape: tuple[str | None, ...]) -> None:
    before, reply, _ = files(path, shape, WORDS[0])
    assert isinstance(apply_reply(reply, {path: before}), Rejection)


@pytest.mark.parametrize("path", LANGUAGES)
def test_a_body_left_out(path: str) -> None:
    """The gap stands for the middle of one declaration, all others are given."""
    gap = LANGUAGES[path][0].format("... existing code ...")
    before = "\n".join(declaration(path, name) for name in NAMES)
    body = declaration(path, "gamma").split("\n")
    depth = body[2][: len(body[2]) - len(body[2].lstrip())]
    short = "\n".join([body[0], f"{depth}{gap}", *body[-3:]])
    given = before.replace(declaration(path, "gamma"), short)
    result = apply_reply(f"{path}\n```\n{given}```\n", {path: before})
    assert isinstance(result, Rejection) or not result.files


@pytest.mark.parametrize("path", LANGUAGES)
def test_a_copy_of_a_block_that_is_left_out(path: str) -> None:
    """What is given below the gap is new but for its heading, so that the gap could end at either block."""
    gap = LANGUAGES[path][0].format("... existing code ...")
    twins = declaration(path, "beta") * 2
    before = "\n".join([declaration(path, "alpha"), twins, declaration(path, "gamma")])
    reply = f"{path}\n```\n{declaration(path, 'alpha')}\n{gap}\n\n{changed(path, 'beta')}\n{gap}\n```\n"
    assert isinstance(apply_reply(reply, {path: before}), Rejection)
