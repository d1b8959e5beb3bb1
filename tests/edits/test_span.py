"""Replies that replace exactly one span."""

import pytest

from tierwise.edits import apply_span
from tierwise.text import Rejection, Span

DOCUMENT = """\
class A:
    def f(self):
        return 1

    def g(self):
        return 2
"""
METHOD = "def f(self):\n        return 1\n"


def check_span(text: str, target: str, reply: str, after: str | None, code: str = "") -> None:
    """Apply a reply to the span of `target` in `text`; `after` is the text expected, None when it must be refused."""
    start = text.index(target)
    result = apply_span(reply, text, Span(start, start + len(target)))
    if after is None:
        assert isinstance(result, Rejection)
        assert result.code == code
    else:
        assert result == after


WANTED = DOCUMENT.replace("return 1", "return 10")
REPLIES = {
    "fence": "```python\n    def f(self):\n        return 10\n```",
    "fence, dedented": "Here you are:\n\n```python\ndef f(self):\n    return 10\n```\nDone.",
    "first line bare": "```\ndef f(self):\n        return 10\n```",
    "bare text": "    def f(self):\n        return 10\n",
    "blank lines around": "```python\n\n\n    def f(self):\n        return 10\n\n\n```\n",
    "reasoning": "<think>\n```python\nno\n```\n</think>\n```python\ndef f(self):\n    return 10\n```",
    "late reasoning end": "I think so.\n</think>\n\n```python\ndef f(self):\n    return 10\n```",
    "tildes": "~~~python\ndef f(self):\n    return 10\n~~~",
    "shifted by two": "```python\n  def f(self):\n      return 10\n```",
    "tabs": "```python\n\tdef f(self):\n\t\treturn 10\n```",
    "windows line endings": "```python\r\ndef f(self):\r\n    return 10\r\n```\r\n",
    "usage example besides": "```python\ndef f(self):\n    return 10\n```\nUse it:\n```python\nA().f()\n```",
    "in a list": "1. Change:\n   ```python\n   def f(self):\n       return 10\n   ```\n",
}


@pytest.mark.parametrize("name", REPLIES)
def test_the_span_is_replaced_and_nothing_else(name: str) -> None:
    check_span(DOCUMENT, METHOD, REPLIES[name], WANTED)
    check_span(DOCUMENT, "    " + METHOD, REPLIES[name], WANTED)
    check_span(DOCUMENT, METHOD.rstrip("\n"), REPLIES[name], WANTED)


REFUSED = {
    "empty": ("", "empty-reply"),
    "only reasoning": ("<think>hm</think>", "empty-reply"),
    "unfinished reasoning": ("<think>hm, ```python\nx\n```", "empty-reply"),
    "truncated": ("```python\ndef f(self):\n    ret", "truncated-reply"),
    "prose": ("I'm sorry, I cannot do that.", "no-edits"),
    "a sentence": ("I would rather not.", "no-edits"),
    "two sentences": ("Nothing is wrong here.\n\nThe code, as it stands, is fine!", "no-edits"),
    "two candidates": ("```\ndef f(self): pass\n```\n```\ndef f(self): ...\n```", "ambiguous-reply"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_no_replacement_is_refused(name: str) -> None:
    reply, code = REFUSED[name]
    check_span(DOCUMENT, METHOD, reply, None, code)


def test_line_endings_of_the_document_are_kept() -> None:
    text = DOCUMENT.replace("\n", "\r\n")
    target = METHOD.replace("\n", "\r\n")
    check_span(text, target, REPLIES["fence"], WANTED.replace("\n", "\r\n"))


def test_an_expression_inside_a_line() -> None:
    check_span("x = 1 + 2\n", "1 + 2", "```\n3\n```", "x = 3\n")


def test_a_fence_inside_a_docstring() -> None:
    reply = '````python\ndef f():\n    """\n    ```\n    code\n    ```\n    """\n````'
    check_span(
        "def f():\n    pass\n",
        "def f():\n    pass\n",
        reply,
        'def f():\n    """\n    ```\n    code\n    ```\n    """\n',
    )


LAYOUTS = {
    "go": ("func F() {\n  if x {\n    y()\n  }\n}\n", "func F() {\n\tif x {\n\t\ty()\n\t}\n}\n"),
}


@pytest.mark.parametrize("name", LAYOUTS)
def test_steps_of_indentation_are_the_documents_unless_layout_was_asked_for(name: str) -> None:
    before, after = LAYOUTS[name]
    reply, span = f"```\n{after}```\n", Span(0, len(before))
    assert apply_span(reply, before, span) == before
    assert apply_span(reply, before, span, keeps_style=False) == after


@pytest.mark.parametrize("text", ["Run the tests.", "echo done.", "A, b and c! Or not?"])
def test_sentences_may_take_the_place_of_sentences(text: str) -> None:
    assert apply_span(text, "All of it is prose.\n", Span(0, 20)) == f"{text}\n"
