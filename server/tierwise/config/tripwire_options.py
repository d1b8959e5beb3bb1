"""The section on the tripwire: who judges, how much of the work, for how much money, and who is told."""

from decimal import Decimal
from typing import Annotated

from pydantic import AfterValidator, Field, StrictInt, StringConstraints

from tierwise.backends.origins import Origin
from tierwise.config.budgets import Usd
from tierwise.config.sections import ModelRef, Section


def _check_address(url: str) -> str:
    Origin.of(url.partition("?")[0])
    return url


Percent = Annotated[Decimal, Field(ge=0, le=100, decimal_places=4, allow_inf_nan=False)]
WebAddress = Annotated[str, StringConstraints(max_length=2000), AfterValidator(_check_address)]


class TripwireOptions(Section):
    """Whether cheap models are still as good as they were: some of their accepted edits are repeated on a better model
    while nothing else is to be done, and the two are compared as programs. Where a model comes to disagree with the
    judge more often than it used to, you are told, and its work goes one tier up until it has recovered."""

    judge: ModelRef | None = None
    """The model that repeats them, as `<backend>/<model>`. Unset: the tripwire is off."""
    day_usd: Usd = Decimal("0.25")
    """What it may spend in a day in UTC, in US dollars, in all windows together; the bounds of `budgets` hold as
    well. A judge whose price is unknown is not asked."""
    sample_percent: Percent = Decimal(1)
    """How many of the accepted edits of the local and bulk tiers are repeated, in percent."""
    least_per_week: Annotated[StrictInt, Field(ge=0, le=1000)] = 3
    """So many edits of each action, language and model are repeated a week in any case."""
    webhook: WebAddress | None = None
    """An address that is sent a small JSON document when a model is raised a tier or has recovered: names and figures,
    no code. Only your own settings file may name it."""
