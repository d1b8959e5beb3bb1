"""What dispatching saved, told against one model that would have done everything. Pure; money is exact."""

from dataclasses import dataclass

from tierwise.config import Config
from tierwise.config.prices import PriceTable
from tierwise.routing.money import Price, cost
from tierwise.routing.tiers import Tier
from tierwise.store.stats import Stats, ratio


@dataclass(frozen=True, slots=True, kw_only=True)
class Savings:
    """What was spent beside what the same accepted work would have cost with the baseline.

    The baseline is taken to succeed at once with the tokens of the calls whose edits were accepted, and to have no
    cache of answers; what was spent counts every call, failed and rejected ones too.
    """

    baseline: str
    baseline_pico_usd: int
    spent_pico_usd: int
    n_unknown: int
    """Edits and calls nobody counted the tokens or the money of; they are in neither figure."""

    @property
    def saved_pico_usd(self) -> int:
        """Negative where the baseline would have been cheaper."""
        return self.baseline_pico_usd - self.spent_pico_usd

    @property
    def saved_share(self) -> float | None:
        """The part of the baseline's money that was not spent; None: it would have cost nothing."""
        return ratio(self.saved_pico_usd, self.baseline_pico_usd)


@dataclass(frozen=True, slots=True, kw_only=True)
class Unseen:
    """Context the top tier never saw."""

    n_tokens: int
    """Of all prompts."""
    n_top_tokens: int
    """Of those the top tier was sent."""
    n_files: int
    """Files shown, once for every call."""
    n_top_files: int

    @property
    def share(self) -> float | None:
        """The part of the tokens other tiers worked with alone; None: nothing was sent."""
        return ratio(self.n_tokens - self.n_top_tokens, self.n_tokens)


def savings(found: Stats, baseline: str, price: Price) -> Savings:
    """The bill beside that of one model at this price."""
    total, hits = found.total, found.hits
    return Savings(
        baseline=baseline,
        baseline_pico_usd=cost(
            price,
            input_tokens=total.accepted_input_tokens + hits.input_tokens,
            output_tokens=total.accepted_output_tokens + hits.output_tokens,
        ),
        spent_pico_usd=total.pico_usd,
        n_unknown=total.n_unknown_accepted + hits.n_unknown_tokens + total.n_unknown_cost,
    )


def savings_beside(found: Stats, config: Config, prices: PriceTable, baseline: str | None = None) -> Savings | str:
    """The bill beside that of a named model or else of the top tier's first with a price; or why there is none.

    Raises LookupError, with a sentence, for a named model whose price nobody knows.
    """
    if baseline is not None:
        price = prices.price_of(baseline, config) or prices.price_named(baseline)
        if price is None:
            known = "name a configured model or one of the price table"
            raise LookupError(f"the price of {baseline!r} is unknown; {known}")
        return savings(found, baseline, price)
    for ref in config.tier(Tier.TOP).models:
        price = prices.price_of(ref, config)
        if price is not None:
            return savings(found, ref, price)
    return "what was saved is unknown, since no model of the top tier has a known price; name one with --baseline"


def unseen(found: Stats) -> Unseen:
    """How much of what was sent the top tier was not sent."""
    top = found.tiers[Tier.TOP]
    return Unseen(
        n_tokens=found.total.input_tokens,
        n_top_tokens=top.input_tokens,
        n_files=found.total.prompt_files,
        n_top_files=top.prompt_files,
    )
