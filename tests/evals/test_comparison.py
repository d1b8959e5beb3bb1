"""The arithmetic of the articles the product started from, to the cent."""

from fractions import Fraction

import pytest

from tierwise.evals.comparison import Part, Workload, bill_of_the_article, compare, session_of_the_article
from tierwise.routing.money import FREE, PICO_USD_PER_USD, Price, format_money

TOP = Part("opus", Price(input=4_000_000, output=20_000_000), Fraction(1))
BULK = Part("glm", Price(input=1_400_000, output=4_400_000), Fraction(1))
LOCAL = Part("small", FREE, Fraction(1))


def test_the_bill() -> None:
    found = bill_of_the_article()
    amounts = [
        format_money(round(cost)) for part in (found.alone, *found.mixed) for cost in costs(found.workload, part)
    ]
    assert amounts == ["$250.00", "$300.00", "$24.30", "$29.70", "$5.50", "$6.60"]
    assert (format_money(found.alone_pico_usd), format_money(found.mixed_pico_usd)) == ("$550.00", "$66.10")
    assert found.saved is not None
    assert round(100 * found.saved) == 88


def costs(workload: Workload, part: Part) -> tuple[Fraction, Fraction]:
    """In and out of one part."""
    return workload.costs(part.price, part.share)


def test_the_session() -> None:
    found = session_of_the_article(TOP, BULK, LOCAL)
    assert found.workload.input_tokens + found.workload.output_tokens == 150_000
    assert [part.share for part in found.mixed] == [Fraction(1, 5), Fraction(4, 9), Fraction(16, 45)]
    assert sum(part.share for part in found.mixed) == 1
    by_hand = (115_385 * 4 + 34_615 * 20) / 10**6
    assert found.alone_pico_usd / PICO_USD_PER_USD == pytest.approx(by_hand)
    assert found.mixed_pico_usd / PICO_USD_PER_USD == pytest.approx(
        by_hand / 5 + (115_385 * 1.4 + 34_615 * 4.4) / 10**6 * 4 / 9
    )


def test_shares_must_add_up() -> None:
    with pytest.raises(ValueError, match="add up to 90 %"):
        compare(Workload(input_tokens=1, output_tokens=1), TOP, [Part("x", FREE, Fraction(9, 10))])


def test_nothing_spent_is_nothing_saved() -> None:
    found = compare(Workload(input_tokens=1, output_tokens=1), LOCAL, [LOCAL])
    assert found.saved is None
