"""Write tests for one function, method or class, and prove that they test it."""

from tierwise.actions.base import COMMON_CHECKS, Action, Difficulty, Example, Scope, Site, Target
from tierwise.actions.targets import callable_here, file_name
from tierwise.checks import Check


def find_target(site: Site) -> Target | None:
    """The function around the cursor, unless the file is itself a test."""
    name = file_name(site.snapshot.uri).lower()
    if name.startswith("test_") or "_test." in name or ".test." in name or ".spec." in name:
        return None
    return callable_here(site)


ACTION = Action(
    id="write_tests",
    title="Write tests for {target}",
    kind="refactor.rewrite.tierwise.writeTests",
    difficulty=Difficulty.STANDARD,
    scope=Scope.TEST_FILE,
    find_target=find_target,
    instructions=(
        "Write tests for the target. Cover the usual case, the borders and the errors it raises, each in a test of its"
        " own with a name that says what is expected. Test only what the code and the docstrings shown settle, and work"
        " out every expected value from them as they stand, even where they look wrong. Use plain asserts, no mocks"
        " unless the target talks to the outside, no sleeping, no network. Import the target from its module as shown."
        " Reply with the complete test file; when a test file is shown, keep every test in it and add to it; its"
        " imports may be extended."
    ),
    checks=(*COMMON_CHECKS, Check.IMPORTS_RESOLVE, Check.TESTS_PASS),
    output_ratio=3.0,
    examples=(
        Example(
            language="python",
            before="""\
def half(n):$0
    if n % 2:
        raise ValueError("odd")
    return n // 2
""",
            reply="""\
```python
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
```
""",
            after="""\
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
        ),
    ),
)
