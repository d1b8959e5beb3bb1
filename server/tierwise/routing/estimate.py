"""Tokens and money before a call: upper guesses for menus, windows and budgets."""

from dataclasses import dataclass

from tierwise.routing.money import Price, cost

BYTES_PER_TOKEN = 3.0
"""Source code runs at 3.2 to 4 bytes a token with today's tokenizers; 3 guesses on the high side."""
SHORTEST_LIMIT_TOKENS = 1024
"""No reply's limit is shorter, unless the user's own settings make it so."""
PROMPT_OVERHEAD_TOKENS = 450
"""The fixed words of a prompt: system message, the action's instructions and its example."""


def estimate_tokens(text: str) -> int:
    """A guess at the tokens of a text, rather too many than too few."""
    return int(len(text.encode("utf-8", "surrogatepass")) / BYTES_PER_TOKEN) + 1


def tokens_of_length(n_chars: int) -> int:
    """The same guess from a length alone, for menus, which must not encode whole files."""
    return int(n_chars / BYTES_PER_TOKEN) + 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Estimate:
    """What a call would take."""

    input_tokens: int
    output_tokens: int

    def cost(self, price: Price | None) -> int | None:
        """In pico-USD; None when the price is unknown."""
        if price is None:
            return None
        return cost(price, input_tokens=self.input_tokens, output_tokens=self.output_tokens)

    def held(self, price: Price | None) -> int | None:
        """About what is held for such a call while it is made, in pico-USD; None when the price is unknown.

        That is the most it may cost: a token for every byte of the prompt, and a reply as long as its limit.
        """
        if price is None:
            return None
        n_bytes = int(self.input_tokens * BYTES_PER_TOKEN)
        return cost(price, input_tokens=n_bytes, output_tokens=max(self.output_tokens, SHORTEST_LIMIT_TOKENS))

    def fits(self, window: int | None) -> bool:
        """Whether prompt and reply fit a window; an unknown window is taken to be large enough."""
        return window is None or self.input_tokens + self.output_tokens <= window


def estimate_call(*, target_chars: int, context_chars: int, output_ratio: float) -> Estimate:
    """The estimate for one action on a target of so many characters."""
    target = tokens_of_length(target_chars)
    return Estimate(
        input_tokens=PROMPT_OVERHEAD_TOKENS + target + tokens_of_length(context_chars),
        output_tokens=int(target * output_ratio) + 40,
    )
