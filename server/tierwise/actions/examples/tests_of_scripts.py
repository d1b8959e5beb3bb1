"""The same small function with tests, for Python and the languages of scripts, for each framework."""

from tierwise.actions.examples import written

_PYTHON = """\
def half(n):$0
    if n % 2:
        raise ValueError("odd")
    return n // 2
"""
_MODULE = """\
export function half(n) {$0
  if (n % 2 !== 0) {
    throw new RangeError("odd");
  }
  return n / 2;
}
"""
_TYPED_MODULE = _MODULE.replace("half(n)", "half(n: number): number")
_COMMON_MODULE = _MODULE.replace("export ", "") + "\nmodule.exports = { half };\n"
_EXPECTING = """
test("half of an even number", () => {
  expect(half(10)).toBe(5);
});

test("half of zero is zero", () => {
  expect(half(0)).toBe(0);
});

test("half of a negative even number", () => {
  expect(half(-4)).toBe(-2);
});

test("half refuses an odd number", () => {
  expect(() => half(3)).toThrow(RangeError);
});
"""

SCRIPTS = (
    written(
        "python",
        _PYTHON,
        """\
import pytest

from sample import half


def test_half_of_an_even_number():
    assert half(10) == 5


def test_half_of_zero_is_zero():
    assert half(0) == 0


def test_half_of_a_negative_even_number():
    assert half(-4) == -2


def test_half_refuses_an_odd_number():
    with pytest.raises(ValueError, match="odd"):
        half(3)
""",
        "pytest",
    ),
    written(
        "python",
        _PYTHON,
        """\
import unittest

from sample import half


class HalfTest(unittest.TestCase):
    def test_half_of_an_even_number(self):
        self.assertEqual(half(10), 5)

    def test_half_of_zero_is_zero(self):
        self.assertEqual(half(0), 0)

    def test_half_of_a_negative_even_number(self):
        self.assertEqual(half(-4), -2)

    def test_half_refuses_an_odd_number(self):
        with self.assertRaisesRegex(ValueError, "odd"):
            half(3)
""",
        "unittest",
    ),
    written(
        "javascript",
        _MODULE,
        f'import {{ expect, test }} from "vitest";\n\nimport {{ half }} from "./sample.js";\n{_EXPECTING}',
        "vitest",
    ),
    written("javascript", _COMMON_MODULE, f'const {{ half }} = require("./sample");\n{_EXPECTING}', "jest"),
    written(
        "javascript",
        _MODULE,
        """\
import assert from "node:assert/strict";
import test from "node:test";

import { half } from "./sample.js";

test("half of an even number", () => {
  assert.equal(half(10), 5);
});

test("half of zero is zero", () => {
  assert.equal(half(0), 0);
});

test("half of a negative even number", () => {
  assert.equal(half(-4), -2);
});

test("half refuses an odd number", () => {
  assert.throws(() => half(3), RangeError);
});
""",
        "node:test",
    ),
    written(
        "typescript",
        _TYPED_MODULE,
        f'import {{ expect, test }} from "vitest";\n\nimport {{ half }} from "./sample";\n{_EXPECTING}',
        "vitest",
    ),
    written("typescript", _TYPED_MODULE, f'import {{ half }} from "./sample";\n{_EXPECTING}', "jest"),
)
