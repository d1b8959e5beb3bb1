"""Functions to be tested, each with a call, its result, and what a good model would know of it."""

from dataclasses import dataclass


@dataclass(frozen=True)
class PythonTarget:
    """One module named `target` with one thing in it to test."""

    name: str
    """What the tests import."""
    source: str
    call: str
    value: str
    """The result of the call as code."""
    kind: str
    """The name of the result's type."""
    others: tuple[tuple[str, str], ...] = ()
    """More calls with their results."""


TARGETS = (
    PythonTarget(
        "half",
        'def half(n):\n    """Halve."""\n    if n % 2:\n        raise ValueError("odd")\n    return n // 2\n',
        "half(10)",
        "5",
        "int",
        (("half(-4)", "-2"), ("half(0)", "0")),
    ),
    PythonTarget(
        "joined",
        "def joined(words, sign=' '):\n    return sign.join(word.strip() for word in words)\n",
        "joined(['a ', 'b'])",
        "'a b'",
        "str",
        (("joined([])", "''"), ("joined(['a', 'b'], '-')", "'a-b'")),
    ),
    PythonTarget(
        "is_even",
        "def is_even(n):\n    return n % 2 == 0\n",
        "is_even(4)",
        "True",
        "bool",
        (("is_even(3)", "False"),),
    ),
    PythonTarget(
        "total",
        "def total(items, start=0):\n    result = start\n    for item in items:\n"
        "        result += item\n    return result\n",
        "total([1, 2, 3])",
        "6",
        "int",
        (("total([])", "0"), ("total([1], 5)", "6")),
    ),
    PythonTarget(
        "clamp",
        "def clamp(x, low, high):\n    if x < low:\n        return low\n    return min(x, high)\n",
        "clamp(5, 1, 3)",
        "3",
        "int",
        (("clamp(0, 1, 3)", "1"), ("clamp(2, 1, 3)", "2")),
    ),
    PythonTarget(
        "counts",
        "def counts(text):\n    found = {}\n    for c in text:\n"
        "        found[c] = found.get(c, 0) + 1\n    return found\n",
        "counts('aab')",
        "{'a': 2, 'b': 1}",
        "dict",
        (("counts('')", "{}"),),
    ),
    PythonTarget(
        "pair",
        "def pair(text):\n    key, _, value = text.partition('=')\n    return key.strip(), value.strip()\n",
        "pair('a = 1')",
        "('a', '1')",
        "tuple",
        (("pair('a')", "('a', '')"),),
    ),
    PythonTarget(
        "mean",
        "def mean(values):\n    if not values:\n        return 0.0\n    return sum(values) / len(values)\n",
        "mean([1, 2])",
        "1.5",
        "float",
        (("mean([])", "0.0"),),
    ),
    PythonTarget(
        "Stack",
        "class Stack:\n    def __init__(self, items=()):\n        self._items = list(items)\n\n"
        "    def push(self, item):\n        self._items.append(item)\n        return self\n\n"
        "    def pop(self):\n        return self._items.pop()\n\n"
        "    def __len__(self):\n        return len(self._items)\n",
        "Stack([1, 2]).pop()",
        "2",
        "int",
        (("Stack().push(7).pop()", "7"), ("len(Stack('ab').push('c'))", "3")),
    ),
    PythonTarget(
        "evens",
        "def evens(items):\n    for item in items:\n        if item % 2 == 0:\n            yield item\n",
        "list(evens([1, 2, 4]))",
        "[2, 4]",
        "list",
        (("list(evens([]))", "[]"), ("list(evens([1, 3]))", "[]")),
    ),
)
