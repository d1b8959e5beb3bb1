"""What the planner is told of where names stand."""

import pytest

from tierwise.dispatch.planner.outlines import mentions

CALLS = """\
from shop import total

__all__ = ["total"]


def f():
    return total()


class A:
    def g(self):
        return total()
"""


@pytest.mark.parametrize(
    ("text", "instruction", "expected"),
    [
        (CALLS, "rename it to amount", ["total: a.py 4 (in top level, f, A.g)"]),
        (
            "total = 1\nsum_of = 2\nget_it = 3\n",
            "use sum_of.get_it",
            ["total: a.py 1 (in top level)", "sum_of: a.py 1 (in top level)", "get_it: a.py 1 (in top level)"],
        ),
        ("total = 1\npy = 2\n", "move it to sums.py", ["total: a.py 1 (in top level)"]),
        (
            "".join(f"def f{n}():\n    total()\n" for n in range(22)),
            "rename it",
            [f"total: a.py 22 (in {', '.join(f'f{n}' for n in range(20))} and 2 more)"],
        ),
    ],
    ids=["every place", "attributes", "the name of a file", "very many"],
)
def test_mentions(text: str, instruction: str, expected: list[str]) -> None:
    assert [mention.text for mention in mentions({"a.py": text}, instruction, "total")] == expected
