"""Instructions compared by their words: opposites are never taken for each other, most paraphrases are recognized."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from instructions.pairs import Pair, held_out_half, pairs, tuning_half, written_last
from tierwise.routing.wording import differing

OPPOSITES = [pair for name in ("opposites", "opposites_tuning", "opposites_heldout") for pair in pairs(name)]
NAMES = st.from_regex(r"[a-z]{2,8}_[a-z0-9]{1,8}", fullmatch=True)
PARAPHRASES = [pair for name in ("paraphrases", "paraphrases_heldout") for pair in pairs(name)]


def alike(one: str, other: str) -> bool:
    """Whether two instructions may be taken for each other; the order does not matter."""
    verdicts = {differing(one, other) is None, differing(other, one) is None}
    assert len(verdicts) == 1, (one, other)
    return verdicts.pop()


def test_there_are_enough_of_both() -> None:
    assert 300 <= len(OPPOSITES)
    assert 110 <= len(PARAPHRASES)


@pytest.mark.parametrize("polite", ["{}", "Please {}.", "{}, please", "Could you {}?", "{} in this function"])
def test_opposites_are_never_taken_for_each_other(polite: str) -> None:
    taken = [(one, other) for one, other in OPPOSITES if alike(polite.format(one), polite.format(other))]
    assert not taken


def test_an_instruction_and_its_negation_are_different() -> None:
    plain = {one for pair in PARAPHRASES for one in pair}
    assert not [one for one in plain if alike(one, f"do not {one}") or alike(one, f"never {one[0].lower()}{one[1:]}")]


@pytest.mark.parametrize(
    ("halves", "least"), [(tuning_half, 0.8), (held_out_half, 0.7), (written_last, 0.7)], ids=["tuning", "held", "last"]
)
def test_most_paraphrases_are_recognized(halves: object, least: float) -> None:
    assert callable(halves)
    paraphrases: list[Pair] = halves()[1]
    assert least <= sum(alike(*pair) for pair in paraphrases) / len(paraphrases)


@given(st.integers(0, 10**6), st.integers(0, 10**6))
def test_numbers_are_equal_or_different(one: int, other: int) -> None:
    assert alike(f"limit the retries to {one}", f"Limit retries to {other}, please") == (one == other)


@given(NAMES, NAMES)
def test_names_are_equal_and_in_their_order(one: str, other: str) -> None:
    assert alike(f"replace {one} with {other}", f"Replace {other} by {one}") == (one == other)


@given(st.text(max_size=80), st.text(max_size=80))
def test_any_text_is_compared_without_fault(one: str, other: str) -> None:
    assert alike(one, one)
    assert alike(one, other) in (True, False)


def test_a_very_long_instruction_is_compared_with_nothing() -> None:
    assert differing("add tests " * 50, "please " + "add tests " * 50) is not None
