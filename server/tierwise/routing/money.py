"""Money as exact integers."""

from dataclasses import dataclass
from decimal import Decimal

PICO_USD_PER_USD = 10**12


@dataclass(frozen=True, slots=True, kw_only=True)
class Price:
    """What a model charges, in pico-USD (10⁻¹² USD) per token. 1 USD per million tokens is 1,000,000."""

    input: int
    output: int
    cache_read: int | None = None
    """Input tokens the provider took from its cache; None charges them as plain input."""
    cache_write: int | None = None
    source: str = "configuration"
    """Where the figures come from, with the table's version, for the ledger."""

    @property
    def is_free(self) -> bool:
        """Whether nothing is ever charged, as for a model on this machine."""
        return not (self.input or self.output or self.cache_read or self.cache_write)


FREE = Price(input=0, output=0, source="runs on this machine")


def usd_per_million(amount: Decimal | int | str) -> int:
    """Turn USD per million tokens into pico-USD per token; exact, raises ValueError below 10⁻⁶ USD per million."""
    pico = Decimal(amount) * 10**6
    if pico != pico.to_integral_value():
        raise ValueError(f"{amount} USD per million tokens is finer than a pico-USD per token")
    return int(pico)


def cost(
    price: Price, *, input_tokens: int, output_tokens: int, cached_tokens: int = 0, cache_write_tokens: int = 0
) -> int:
    """What a call costs, in pico-USD. `input_tokens` counts those read from a cache or put into one too."""
    cache_read = price.input if price.cache_read is None else price.cache_read
    cache_write = price.input if price.cache_write is None else price.cache_write
    n_plain = input_tokens - cached_tokens - cache_write_tokens
    read = n_plain * price.input + cached_tokens * cache_read + cache_write_tokens * cache_write
    return read + output_tokens * price.output


def format_money(pico_usd: int | None) -> str:
    """Money for people: `unknown`, `0 ¢`, `0.42 ¢`, `$1.37`; rounding happens here and nowhere else."""
    if pico_usd is None:
        return "unknown"
    if pico_usd == 0:
        return "0 ¢"
    usd = Decimal(pico_usd) / PICO_USD_PER_USD
    if usd < Decimal("0.0001"):
        return "< 0.01 ¢"
    if usd < 1:
        cents = (usd * 100).quantize(Decimal("0.01") if usd < Decimal("0.1") else Decimal("0.1"))
        return f"{cents.normalize():f} ¢"
    return f"${usd.quantize(Decimal('0.01')):,}"


def format_money_range(low: int, high: int) -> str:
    """Two amounts for people, the unit once where both have it: `0.4–2.9 ¢`, `0–2.4 ¢`, `90 ¢–$1.20`."""
    first, last = format_money(low), format_money(high)
    cents = " ¢"
    if first == last:
        return first
    return (
        f"{first.removesuffix(cents)}–{last}" if first.endswith(cents) and last.endswith(cents) else f"{first}–{last}"
    )
