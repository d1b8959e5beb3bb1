"""The sentence the product is about. Pure."""

from tierwise.routing.money import format_money
from tierwise.store.stats import Stats

TARGET_SHARE = 0.15
"""The top tier's share of spend below which dispatching is in order, from the article this product started from."""

WORDS = {"first": "planned"}
"""How people call the reasons a model is asked for, where the ledger has another word."""


def headline(found: Stats) -> str:
    """The top tier's share of the money, why it was spent there, and whether that is good."""
    n_calls = found.total.n_calls
    if n_calls == 0 and found.since is not None:
        return f"no model has been called since {found.since:%Y-%m-%d %H:%M} UTC"
    if n_calls == 0:
        return "no model has been called yet"
    spent = format_money(found.total.pico_usd)
    share = found.top_share
    if share is None:
        return f"{spent} spent in {n_calls} {'call' if n_calls == 1 else 'calls'}, nothing of it on the top tier"
    verdict = "within" if share <= TARGET_SHARE else "over"
    planned = found.top.pico_usd_by_planned
    split = ", ".join(f"{WORDS.get(name, name)} {format_money(planned[name])}" for name in planned if planned[name])
    why = f" ({split})" if split else ""
    return f"top tier: {share:.0%} of {spent}{why}, {verdict} the {TARGET_SHARE:.0%} that mark good dispatching"
