"""What a month of work costs with one model for everything, and with its parts on several. Pure; money is exact.

The two scenarios are those of the articles this product started from, with the prices and shares they name.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from tierwise.routing.money import Price, usd_per_million

ARTICLE = "the article's own price"


@dataclass(frozen=True, slots=True, kw_only=True)
class Workload:
    """Tokens in and out."""

    input_tokens: int
    output_tokens: int

    def costs(self, price: Price, share: Fraction = Fraction(1)) -> tuple[Fraction, Fraction]:
        """Of the tokens in and of those out, in pico-USD, of a share of it."""
        return share * self.input_tokens * price.input, share * self.output_tokens * price.output

    def cost(self, price: Price, share: Fraction = Fraction(1)) -> Fraction:
        """Both together."""
        return sum(self.costs(price, share), Fraction(0))


@dataclass(frozen=True, slots=True)
class Part:
    """A share of the work on one model."""

    model: str
    price: Price
    share: Fraction


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """One model for everything beside several with their shares."""

    title: str
    workload: Workload
    alone: Part
    mixed: tuple[Part, ...]

    @property
    def alone_pico_usd(self) -> int:
        """What it costs on one model."""
        return round(self.workload.cost(self.alone.price))

    @property
    def mixed_pico_usd(self) -> int:
        """What it costs on several."""
        return round(sum((self.workload.cost(part.price, part.share) for part in self.mixed), Fraction(0)))

    @property
    def saved(self) -> Fraction | None:
        """The part of the money that is saved; None where nothing would be spent."""
        return None if not self.alone_pico_usd else 1 - Fraction(self.mixed_pico_usd, self.alone_pico_usd)


def _price(per_input: str, per_output: str) -> Price:
    return Price(input=usd_per_million(per_input), output=usd_per_million(per_output), source=ARTICLE)


def bill_of_the_article() -> Comparison:
    """100 M tokens in and 30 M out a month: GPT-4o for everything, or 90 % on Flash and 10 % on Pro."""
    return Comparison(
        title="100 M tokens in, 30 M out: GPT-4o, or 90 % DeepSeek V4 Flash and 10 % DeepSeek V4 Pro",
        workload=Workload(input_tokens=100_000_000, output_tokens=30_000_000),
        alone=Part("gpt-4o", _price("2.50", "10.00"), Fraction(1)),
        mixed=(
            Part("deepseek-v4-flash", _price("0.27", "1.10"), Fraction(9, 10)),
            Part("deepseek-v4-pro", _price("0.55", "2.20"), Fraction(1, 10)),
        ),
    )


SESSION_TOKENS, SESSION_TOP = 150_000, Fraction(1, 5)
"""A session of 150,000 tokens, 30,000 of them seen by the top model."""
_BULK_OF_REST = Fraction(5, 9)
"""The article's calls beneath the top are 50 % bulk and 40 % local; it does not say how many tokens each took."""
_INPUT_SHARE = Fraction(10, 13)
"""Nor how many of the tokens were output: taken as in the other article, 100 in to 30 out."""


def session_of_the_article(top: Part, bulk: Part, local: Part) -> Comparison:
    """The session on three models: its fifth on the top one, the rest beneath; the shares of the parts do not count."""
    n_input = round(SESSION_TOKENS * _INPUT_SHARE)
    rest = 1 - SESSION_TOP
    return Comparison(
        title="150,000 tokens of one session: all of them at the top, or 20 % there, 44 % bulk and 36 % local",
        workload=Workload(input_tokens=n_input, output_tokens=SESSION_TOKENS - n_input),
        alone=Part(top.model, top.price, Fraction(1)),
        mixed=(
            Part(top.model, top.price, SESSION_TOP),
            Part(bulk.model, bulk.price, rest * _BULK_OF_REST),
            Part(local.model, local.price, rest * (1 - _BULK_OF_REST)),
        ),
    )


def compare(workload: Workload, alone: Part, mixed: Sequence[Part]) -> Comparison:
    """Any work on any models. Raises ValueError when the shares do not add up to one."""
    total = sum((part.share for part in mixed), Fraction(0))
    if total != 1:
        raise ValueError(f"the shares of the mix add up to {float(100 * total):g} %, not to 100 %")
    title = f"{workload.input_tokens:,} tokens in, {workload.output_tokens:,} out"
    return Comparison(title=title, workload=workload, alone=alone, mixed=tuple(mixed))
