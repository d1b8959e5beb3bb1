"""What is shown of the file around a target: what the target uses, and nothing that only goes by the same name."""

import pytest

from tierwise.context.gather import around_target
from tierwise.syntax.outline import outline
from tierwise.text import Span

IMPORTS, COMMENT = "imports of the file", "the comment above the target"
VALUES, SIGNATURES = "values the target uses, from the same file", "signatures the target uses, from the same file"


@pytest.mark.parametrize(
    ("language", "code", "expected"),
    [
        pytest.param(
            "python",
            "import os\nLIMIT = 3\nmonth = 4\n\n\n$def f(month, *, most=LIMIT):\n    return most$\n\n\n"
            "def g():\n    import sys\n",
            {IMPORTS: "import os", VALUES: "LIMIT = 3"},
            id="a parameter is not what goes by its name outside, and functions' imports are their own",
        ),
        pytest.param(
            "python",
            "n = 0\nm = 0\n\n\n$def f():\n    global n\n    n = 1\n    m = n\n    return m$\n",
            {VALUES: "n = 0"},
            id="what is assigned is the function's own, unless it says otherwise",
        ),
        pytest.param(
            "python",
            "a = 1\n\n\n# Adds.\n# Well.\n$def f():\n    return a$\n",
            {COMMENT: "# Adds.\n# Well.", VALUES: "a = 1"},
            id="the comment above",
        ),
        pytest.param(
            "python", "# A licence.\n$def f():\n    return 1$\n", {}, id="the head of a file belongs to the file"
        ),
        pytest.param(
            "javascript",
            "function far() {\n  const row = 1;\n}\n(function () {\n  function near() {\n    const row = 2;\n  }\n"
            "  var row = [],\n    col = 0;\n  var other = 3;\n"
            "  $function f(other) {\n    row[0] = other;\n  }$\n})();\n",
            {VALUES: "  var row = [],\n    col = 0;"},
            id="variables of the blocks around",
        ),
        pytest.param(
            "javascript",
            "const rgb = 1;\nfunction hue(x) {\n  return x;\n}\n$function f(rgb) {\n  return hue(rgb);\n}$\n",
            {SIGNATURES: "function hue(x)"},
            id="parameters of a script's function",
        ),
        pytest.param(
            "go",
            "package a\n\nvar depth = 3\n\nvar unit = 1\n\n$func f() int {\n\tunit := 2\n\treturn unit * depth\n}$\n",
            {IMPORTS: "package a", VALUES: "var depth = 3"},
            id="declared in the function",
        ),
    ],
)
def test_around_a_target(language: str, code: str, expected: dict[str, str]) -> None:
    start, end = (place - number for number, place in enumerate(i for i, sign in enumerate(code) if sign == "$"))
    text = code.replace("$", "")
    snippets = around_target(
        path="a", text=text, language=language, symbols=outline(text, language), span=Span(start, end)
    )
    found = {
        snippet.label: snippet.text for snippet in snippets if snippet.label in (IMPORTS, COMMENT, VALUES, SIGNATURES)
    }
    assert found == expected
