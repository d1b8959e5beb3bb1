"""A long file is shown to a worker in part, and what it answers is applied to and checked with the whole of it."""

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dispatch.planner.test_road import act, block, calls, plan, planner, subtask
from dispatch.project import Make
from tierwise.dispatch import Proposal, Refusal
from tierwise.dispatch.planner.excerpts import LONG_FILE_TOKENS, Excerpt, excerpt_of
from tierwise.routing.estimate import estimate_tokens

HEAD = '"""Many functions."""\n\nimport shapes\n\nLIMIT = 3\n'
SECRET = "    text = 'nobody asked to see this'\n"


def many(n: int = 300, calling: tuple[int, ...] = (7, 250)) -> str:
    """A long file of small functions, some of which call `shapes.area`."""
    parts = [HEAD]
    for number in range(n):
        call = f"    return shapes.area({number}, text)\n" if number in calling else "    return text\n"
        parts.append(f"\n\ndef step_{number}(first):\n{SECRET}{call}")
    return "".join(parts)


def check_excerpt(text: str, excerpt: Excerpt) -> None:
    """Its parts are the file's own lines, in order, with lines left out between them."""
    lines = text.split("\n")
    assert "\n".join(excerpt.lines) == text
    ends = [-1]
    for part in excerpt.parts:
        assert ends[-1] + 1 < part.start + (ends[-1] == -1) < part.end + 1 <= len(lines) + 1
        assert "\n".join(lines[part.start : part.end]) in excerpt.text
        ends.append(part.end)


def test_what_is_named_is_shown_in_full_and_the_rest_as_signatures() -> None:
    text = many()
    excerpt = excerpt_of("many.py", text, ["Call `area` with its new parameter."])
    assert excerpt is not None
    check_excerpt(text, excerpt)
    shown = excerpt.text
    assert HEAD.rstrip("\n") in shown
    assert [int(found) for found in re.findall(r"shapes\.area\((\d+)", shown)] == [7, 250]
    assert shown.count("nobody asked") == 2
    assert "def step_8(first)" in shown
    assert "It has" in shown
    assert estimate_tokens(shown) < 0.5 * estimate_tokens(text)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (many(20), "rename area"),
        (many(), "make it better"),
        (many(calling=tuple(range(300))), "rename area"),
        ("x" * 40_000, "rename area"),
    ],
    ids=["short", "nothing named", "named everywhere", "one endless line"],
)
def test_what_is_shown_whole(text: str, words: str) -> None:
    assert excerpt_of("many.py", text, [words]) is None


@pytest.mark.parametrize(
    ("path", "line"),
    [("many.md", "The {n}th paragraph has words."), ("many.yaml", "key_{n}: {{a: 1}}"), ("many.go", "// {n}")],
)
def test_files_without_declarations(path: str, line: str) -> None:
    lines = [line.format(n=number) for number in range(3000)]
    lines[1500] = "look at the_one_place here"
    text = "\n".join(lines) + "\n"
    excerpt = excerpt_of(path, text, ["change the_one_place"])
    assert excerpt is not None
    check_excerpt(text, excerpt)
    assert "look at the_one_place here" in excerpt.text
    assert estimate_tokens(excerpt.text) < 500


def test_a_huge_function_is_shown_around_the_place() -> None:
    body = "".join(f"    total_{number} = first + {number}\n" for number in range(900))
    text = f"def huge(first):\n{body}    shapes.area(1, 2)\n{body}    return first\n"
    excerpt = excerpt_of("huge.py", text, ["rename area"])
    assert excerpt is not None
    check_excerpt(text, excerpt)
    assert "shapes.area(1, 2)" in excerpt.text
    assert estimate_tokens(excerpt.text) < 400


@settings(deadline=None)
@given(
    st.lists(
        st.sampled_from(
            ["def f():", "    area(1)", "    return x", "", "class A:", "  def g(self): pass", "é = '\u2028'"]
        )
    ),
    st.integers(0, 60),
)
def test_parts_are_always_the_files_own_lines(lines: list[str], n: int) -> None:
    text = "\n".join((lines or ["x"]) * max(1, n))
    excerpt = excerpt_of("any.py", text, ["rename area"], most_tokens=0)
    if excerpt is not None:
        check_excerpt(text, excerpt)


LONG = many()
ONE = plan(subtask("1", "long.py", instruction="Call shapes.surface instead of area."))


def step(n: int, callee: str) -> str:
    """One of the functions that call, without its last line break."""
    return f"def step_{n}(first):\n{SECRET}    return shapes.{callee}({n}, text)"


CHANGES = "".join(block("long.py", step(n, "area"), step(n, "surface")) for n in (7, 250))


async def test_a_worker_sees_part_of_a_long_file_and_all_of_it_is_checked(make: Make) -> None:
    too_much = {"when": r"Target: 'part 1'.*\{0\}|def step_8\(first\):\n    text", "model": "bulk-model", "reply": "x"}
    unclosed = CHANGES.replace("surface(7, text)", "surface(7, text")
    broken = {"when": "Target: 'part 1'", "model": "bulk-model", "reply": unclosed}
    works = {"when": r"Target: 'part 1'.*does-not-parse", "model": "top-model", "reply": CHANGES}
    project = make(planner(ONE), too_much, works, broken)
    project.write("long.py", LONG)
    outcome = await act(project)
    assert isinstance(outcome, Proposal), outcome
    assert calls(outcome) == ["top accepted", "bulk rejected does-not-parse", "top accepted"]
    (change,) = outcome.changes
    assert change.after == LONG.replace("shapes.area(", "shapes.surface(")
    assert max(attempt.input_tokens for attempt in outcome.attempts) < 0.6 * estimate_tokens(LONG)


@pytest.mark.parametrize(
    ("reply", "code"),
    [
        (block("long.py", f"{SECRET}    return text", "    return 3"), "ambiguous-location"),
        (block("long.py", "def step_9999(first):", "def step(first):"), "quote-not-found"),
        ("long.py\n```\nprint('all of it')\n```\n", ""),
    ],
)
async def test_an_answer_that_does_not_fit_the_whole_is_refused(make: Make, reply: str, code: str) -> None:
    project = make(planner(ONE), {"when": "Target: 'part 1'", "reply": reply})
    project.write("long.py", LONG)
    outcome = await act(project)
    assert isinstance(outcome, Refusal), outcome
    assert code in outcome.attempts[1].code
    assert outcome.attempts[1].outcome == "rejected"


async def test_a_model_set_to_repeat_files_quotes_of_a_long_one(make: Make) -> None:
    works = {"when": r"Target: 'part 1'", "reply": CHANGES}
    project = make(planner(ONE), works, models={"demo/bulk-model": {"reply_format": "whole"}})
    project.write("long.py", LONG)
    outcome = await act(project)
    assert isinstance(outcome, Proposal), outcome
    assert LONG_FILE_TOKENS < estimate_tokens(LONG)
