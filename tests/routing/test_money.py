"""Money is exact until it is shown."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tierwise.routing.money import PICO_USD_PER_USD, Price, cost, format_money, usd_per_million

tokens = st.integers(0, 10**9)
prices = st.decimals(0, 1000, places=6, allow_nan=False, allow_infinity=False)


@given(prices, prices, tokens, tokens)
def test_cost_is_the_exact_rational(price_in: object, price_out: object, n_in: int, n_out: int) -> None:
    price = Price(input=usd_per_million(price_in), output=usd_per_million(price_out))  # type: ignore[arg-type]
    exact = (Fraction(price_in) * n_in + Fraction(price_out) * n_out) / 10**6  # type: ignore[arg-type]
    assert Fraction(cost(price, input_tokens=n_in, output_tokens=n_out), PICO_USD_PER_USD) == exact


def test_cached_tokens_are_not_counted_twice() -> None:
    price = Price(input=10, output=0, cache_read=1)
    assert cost(price, input_tokens=100, output_tokens=0, cached_tokens=60) == 40 * 10 + 60
    assert cost(Price(input=10, output=0), input_tokens=100, output_tokens=0, cached_tokens=60) == 1000


def test_the_arithmetic_of_the_founding_article() -> None:
    gpt_4o = Price(input=usd_per_million("2.50"), output=usd_per_million("10"))
    flash = Price(input=usd_per_million("0.27"), output=usd_per_million("1.10"))
    pro = Price(input=usd_per_million("0.55"), output=usd_per_million("2.20"))
    alone = cost(gpt_4o, input_tokens=100_000_000, output_tokens=30_000_000)
    mixed = cost(flash, input_tokens=90_000_000, output_tokens=27_000_000) + cost(
        pro, input_tokens=10_000_000, output_tokens=3_000_000
    )
    assert (format_money(alone), format_money(mixed)) == ("$550.00", "$66.10")


@pytest.mark.parametrize(
    ("pico", "shown"),
    [
        (None, "unknown"),
        (0, "0 ¢"),
        (1, "< 0.01 ¢"),
        (4_200_000_000, "0.42 ¢"),
        (42_000_000_000, "4.2 ¢"),
        (1_370_000_000_000, "$1.37"),
        (999_000_000_000, "99.9 ¢"),
    ],
)
def test_shown(pico: int | None, shown: str) -> None:
    assert format_money(pico) == shown


def test_a_price_finer_than_a_pico_dollar_is_refused() -> None:
    with pytest.raises(ValueError, match="finer"):
        usd_per_million("0.0000001")
