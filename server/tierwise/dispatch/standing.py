"""How the money and the servers stand: what is left of each budget, and who is left alone. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from tierwise.config.budgets import BudgetsOptions
from tierwise.dispatch.budgets import pico
from tierwise.routing.money import format_money
from tierwise.store.breakers import Breaker, Moment
from tierwise.store.spending import SHARE_DAYS, Spent

_PERIODS = {"day": "today", "month": "this month"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """One budget."""

    period: str
    """`day` or `month`."""
    spent: int
    held: int
    """What the calls under way may cost at most."""
    soft: int | None
    hard: int | None

    @property
    def left(self) -> int | None:
        """What may still be spent; None: any amount."""
        return None if self.hard is None else max(0, self.hard - self.spent - self.held)

    def to_json(self) -> dict[str, int | None]:
        """The figures, null for no bound."""
        return {
            "spentPicoUsd": self.spent,
            "softPicoUsd": self.soft,
            "hardPicoUsd": self.hard,
            "leftPicoUsd": self.left,
        }

    @property
    def words(self) -> str:
        """The budget as a line for people."""
        held = f" and {format_money(self.held)} held" if self.held else ""
        bound = "no bound" if self.hard is None else f"{format_money(self.left)} left of {format_money(self.hard)}"
        passed = ", over the soft bound" if self.soft is not None and self.soft < self.spent else ""
        return f"{_PERIODS[self.period]}: {format_money(self.spent)} spent{held}, {bound}{passed}"


@dataclass(frozen=True, slots=True, kw_only=True)
class LeftAlone:
    """One server that is not asked now."""

    target: str
    kind: str
    left_s: float | None
    """None: until something changes."""

    @property
    def words(self) -> str:
        """The same for people."""
        when = "until `tierwise doctor` is run" if self.left_s is None else f"for {self.left_s:.0f} s more"
        return f"left alone {when}: {self.target} ({self.kind})"


def standings(options: BudgetsOptions, spent: Spent) -> tuple[Standing, ...]:
    """The budgets that all windows share."""
    sums = {"day": spent.day, "month": spent.month}
    return tuple(
        Standing(
            period=period,
            spent=sums[period],
            held=spent.held,
            soft=pico(getattr(options, period).soft_usd),
            hard=pico(getattr(options, period).hard_usd),
        )
        for period in _PERIODS
    )


def left_alone(breakers: Mapping[str, Breaker], now: Moment) -> tuple[LeftAlone, ...]:
    """The servers whose breakers are open and whose time is not over."""
    return tuple(
        LeftAlone(target=target, kind=breaker.kind, left_s=None if breaker.is_shut else breaker.left_us(now) / 10**6)
        for target, breaker in sorted(breakers.items())
        if breaker.is_shut or 0 < breaker.left_us(now)
    )


def share_words(options: BudgetsOptions, spent: Spent) -> str:
    """The top tier's share beside its limit; empty when nothing was spent."""
    if spent.top_share is None:
        return ""
    over = "over" if options.top_share_percent < 100 * spent.top_share else "within"
    return f"top tier in {SHARE_DAYS} days: {spent.top_share:.0%}, {over} its {options.top_share_percent} %"


def standing_json(options: BudgetsOptions, spent: Spent, alone: tuple[LeftAlone, ...]) -> dict[str, Any]:
    """All of it as JSON; money in pico-USD, null for no bound."""
    return {
        "budgets": {one.period: one.to_json() for one in standings(options, spent)},
        "heldPicoUsd": spent.held,
        "topShareRecently": spent.top_share,
        "leftAlone": [{"server": one.target, "kind": one.kind, "seconds": one.left_s} for one in alone],
    }
