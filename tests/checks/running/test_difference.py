"""Findings of two texts are compared whatever lines have moved."""

from hypothesis import given
from hypothesis import strategies as st

from tierwise.checks.running.difference import find_reported, is_still_there, kept_lines, new_findings
from tierwise.checks.running.tools.base import Finding

LINES = st.lists(st.sampled_from(["a", "b", "c", "", "  d"]), max_size=12)
FINDINGS = st.lists(
    st.builds(Finding, st.sampled_from(["E1", "F2"]), st.sampled_from(["one", "two"]), st.integers(1, 12)), max_size=8
).map(tuple)


@given(LINES, LINES)
def test_kept_lines_are_equal_and_in_order(old: list[str], new: list[str]) -> None:
    kept = kept_lines("".join(f"{line}\n" for line in old), "".join(f"{line}\n" for line in new))
    assert all(old[line - 1] == new[there - 1] for line, there in kept.items())
    assert list(kept.values()) == sorted(set(kept.values()))
    if old == new:
        assert kept == {line: line for line in range(1, len(old) + 1)}


@given(FINDINGS, LINES, st.integers(0, 3))
def test_nothing_is_new_when_lines_only_moved(findings: tuple[Finding, ...], lines: list[str], shift: int) -> None:
    text = "".join(f"{line}\n" for line in lines)
    moved = tuple(Finding(one.code, one.message, one.line + shift) for one in findings)
    kept = kept_lines(text, "x\n" * shift + text)
    assert new_findings(findings, moved, kept) == ()
    assert all(is_still_there(one, findings, moved, kept) for one in findings)


@given(FINDINGS, FINDINGS)
def test_what_is_new_was_not_there_before(before: tuple[Finding, ...], after: tuple[Finding, ...]) -> None:
    new = new_findings(before, after, {}, reworded=())
    assert set(new) <= set(after)
    for code, message in {(one.code, one.message) for one in after}:
        n_before, n_after, n_new = (
            sum((one.code, one.message) == (code, message) for one in found) for found in (before, after, new)
        )
        assert n_new == max(0, n_after - n_before)


HERE = Finding("no-undef", "'a' is not defined.", 4)
THERE = Finding("no-undef", "'a' is not defined.", 9)
OTHER = Finding("no-undef", "'b' is not defined.", 5)


def test_the_reported_finding_is_the_nearest_with_its_words() -> None:
    findings = (THERE, OTHER, HERE)
    assert find_reported(findings, "no-undef", "'a' is not defined.", 3) == HERE
    assert find_reported(findings, "no-undef", "\u2018a\u2019 is not defined", 8) == THERE
    assert find_reported(findings, "", "'b' is not defined. (no-undef)", 1) == OTHER
    assert find_reported(findings, "no-undef", "Something said in another way", 5) == OTHER
    assert find_reported(findings, "eqeqeq", "Expected '==='", 4) is None
    assert find_reported((Finding("2304", "Cannot find name 'x'.", 1),), "ts2304", "?", 1) is not None
    assert find_reported((Finding("", "the file is not formatted", 3),), "", "run gofmt", 3) is not None


def test_mending_one_of_two_equal_problems_is_not_mending_the_other() -> None:
    before = "a\nb\nc\n"
    mended_the_other = kept_lines(before, "a\nb\nC\n")
    first, second = Finding("X", "m", 1), Finding("X", "m", 3)
    assert is_still_there(first, (first, second), (first,), mended_the_other)
    assert not is_still_there(second, (first, second), (first,), mended_the_other)


def test_a_problem_that_names_what_was_renamed_is_no_new_one() -> None:
    before = (Finding("unused", "'i' is never used", 2), Finding("any", "'x' is any", 3))
    after = (Finding("unused", "'index' is never used", 2), Finding("any", "'x' is any", 3))
    assert new_findings(before, after, {}) == ()
    assert new_findings(before, after, {}, reworded={"any"}) == after[:1]
    assert new_findings(before, (*after, Finding("unused", "'n' is never used", 7)), {}) == (
        Finding("unused", "'n' is never used", 7),
    )


def test_places_inside_messages_do_not_count() -> None:
    before = (Finding("no-redef", 'Name "f" already defined on line 3', 9),)
    after = (Finding("no-redef", 'Name "f" already defined on line 4', 10),)
    assert new_findings(before, after, {}, reworded=()) == ()
