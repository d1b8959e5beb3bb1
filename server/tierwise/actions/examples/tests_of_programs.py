"""The same small function with tests, for languages that have one usual framework."""

from tierwise.actions.examples import written

PROGRAMS = (
    written(
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
    written(
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
    written(
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
    written(
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
    written(
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
    written(
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
