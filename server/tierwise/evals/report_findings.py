"""What a report is made of. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from tierwise.evals.savings import Savings
from tierwise.store.stats import Grouped, Stats


@dataclass(frozen=True, slots=True, kw_only=True)
class Findings:
    """Everything on the page."""

    stats: Stats
    models: Grouped
    actions: Grouped
    languages: Grouped
    cells: Grouped
    """By action, language and model."""
    savings: Savings | str
    """The bill beside a baseline's, or a sentence why there is no such comparison."""
    tripwire: Mapping[str, Any]
    """As `tripwire_json` gives it."""
    made_at: datetime | None = None
    """Told on a page that is kept; None on one that is kept up to date."""
