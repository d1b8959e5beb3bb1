"""The section on routing: what the policy takes things other than calls to be worth."""

from decimal import Decimal

from pydantic import StrictBool

from tierwise.config.budgets import Usd
from tierwise.config.sections import Section


class WrongEditOptions(Section):
    """What an action costs you, in US dollars, that ends without a right edit: a wrong one slipped through the checks,
    or there was none. Higher figures start actions on higher tiers."""

    mechanical_usd: Usd = Decimal("0.01")
    """For formatting, type hints and other edits whose faults are seen at a glance."""
    standard_usd: Usd = Decimal("0.10")
    """For tests, documentation and changes in one place."""
    deep_usd: Usd = Decimal("0.60")
    """For changes over several files."""


class RoutingOptions(Section):
    """How models are chosen. The cheapest way to an accepted edit is taken, and these say what counts as cost beside
    the price of calls."""

    waiting_usd_per_hour: Usd = Decimal("0.72")
    """What an hour of your waiting for an edit is worth, in US dollars. Little, since you go on working meanwhile."""
    without_right_edit: WrongEditOptions = WrongEditOptions()
    """What it costs you when an action does not end with a right edit."""
    learn: StrictBool = True
    """Whether what the ledger knows of accepted and rejected edits moves the choice of models."""
