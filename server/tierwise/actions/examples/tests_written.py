"""The same small function with tests, for each language and framework."""

from tierwise.actions.base import Example


def _example(language: str, before: str, tests: str, framework: str | None = None) -> Example:
    """An example whose reply is the test file and nothing else."""
    return Example(
        language=language, before=before, reply=f"```{language}\n{tests}```\n", after=tests, framework=framework
    )


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

EXAMPLES = (
    _example(
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
    _example(
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
    _example(
        "javascript",
        _MODULE,
        f'import {{ expect, test }} from "vitest";\n\nimport {{ half }} from "./sample.js";\n{_EXPECTING}',
        "vitest",
    ),
    _example("javascript", _COMMON_MODULE, f'const {{ half }} = require("./sample");\n{_EXPECTING}', "jest"),
    _example(
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
    _example(
        "typescript",
        _TYPED_MODULE,
        f'import {{ expect, test }} from "vitest";\n\nimport {{ half }} from "./sample";\n{_EXPECTING}',
        "vitest",
    ),
    _example("typescript", _TYPED_MODULE, f'import {{ half }} from "./sample";\n{_EXPECTING}', "jest"),
    _example(
        "go",
        """\
package sample

import "errors"

func Half(n int) (int, error) {$0
	if n%2 != 0 {
		return 0, errors.New("odd")
	}
	return n / 2, nil
}
""",
        """\
package sample

import "testing"

func TestHalfOfEvenNumbers(t *testing.T) {
	cases := map[int]int{10: 5, 0: 0, -4: -2}
	for n, want := range cases {
		got, err := Half(n)
		if err != nil || got != want {
			t.Errorf("Half(%d) = %d, %v; want %d", n, got, err, want)
		}
	}
}

func TestHalfRefusesAnOddNumber(t *testing.T) {
	if _, err := Half(3); err == nil || err.Error() != "odd" {
		t.Errorf("Half(3) gave the error %v; want odd", err)
	}
}
""",
    ),
    _example(
        "java",
        """\
class Sample {
    static int half(int n) {$0
        if (n % 2 != 0) {
            throw new IllegalArgumentException("odd");
        }
        return n / 2;
    }
}
""",
        """\
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import org.junit.jupiter.api.Test;

class SampleTest {
    @Test
    void halfOfAnEvenNumber() {
        assertEquals(5, Sample.half(10));
    }

    @Test
    void halfOfZeroIsZero() {
        assertEquals(0, Sample.half(0));
    }

    @Test
    void halfRefusesAnOddNumber() {
        assertThrows(IllegalArgumentException.class, () -> Sample.half(3));
    }
}
""",
    ),
    _example(
        "csharp",
        """\
public static class Sample
{
    public static int Half(int n)$0
    {
        if (n % 2 != 0) throw new ArgumentException("odd");
        return n / 2;
    }
}
""",
        """\
using Xunit;

public class SampleTest
{
    [Theory]
    [InlineData(10, 5)]
    [InlineData(0, 0)]
    [InlineData(-4, -2)]
    public void HalfOfAnEvenNumber(int n, int expected)
    {
        Assert.Equal(expected, Sample.Half(n));
    }

    [Fact]
    public void HalfRefusesAnOddNumber()
    {
        Assert.Throws<ArgumentException>(() => Sample.Half(3));
    }
}
""",
    ),
    _example(
        "rust",
        """\
pub fn half(n: i32) -> Result<i32, String> {$0
    if n % 2 != 0 {
        return Err("odd".to_string());
    }
    Ok(n / 2)
}
""",
        """\
use sample::half;

#[test]
fn half_of_an_even_number() {
    assert_eq!(half(10), Ok(5));
}

#[test]
fn half_of_zero_is_zero() {
    assert_eq!(half(0), Ok(0));
}

#[test]
fn half_refuses_an_odd_number() {
    assert_eq!(half(3), Err("odd".to_string()));
}
""",
    ),
    _example(
        "ruby",
        """\
def half(n)$0
  raise ArgumentError, "odd" if n.odd?
  n / 2
end
""",
        """\
require "minitest/autorun"
require_relative "../sample"

class SampleTest < Minitest::Test
  def test_half_of_an_even_number
    assert_equal 5, half(10)
  end

  def test_half_of_zero_is_zero
    assert_equal 0, half(0)
  end

  def test_half_refuses_an_odd_number
    assert_raises(ArgumentError) { half(3) }
  end
end
""",
    ),
    _example(
        "php",
        """\
<?php

function half(int $n): int {$0
    if ($n % 2 !== 0) {
        throw new InvalidArgumentException('odd');
    }
    return intdiv($n, 2);
}
""",
        """\
<?php

use PHPUnit\\Framework\\TestCase;

final class SampleTest extends TestCase
{
    public function testHalfOfAnEvenNumber(): void
    {
        $this->assertSame(5, half(10));
    }

    public function testHalfRefusesAnOddNumber(): void
    {
        $this->expectException(InvalidArgumentException::class);
        half(3);
    }
}
""",
    ),
)
