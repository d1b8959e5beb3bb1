"""Writes the report of a made-up ledger with hostile names: python report_page.py TARGET."""

import random
import sys
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

sys.path.insert(0, str(Path(__file__).parents[1]))

from store.ledgers import CLICK, END, START
from tierwise.evals.report import read_assets, report_html
from tierwise.routing.tiers import Tier
from tierwise.store.ledger import open_ledger

HOSTILE = (
    "</script><script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "{{constructor}}",
    "\u2028 \u202e",
    "a.py",
)
CENTS = {Tier.LOCAL: 0.0, Tier.BULK: 0.4, Tier.TOP: 6.0}


def main(target: Path) -> None:
    """Ten, fifty and forty percent of the calls on the three tiers, as the article has it that began this product."""
    draw = random.Random(10_50_40)  # noqa: S311 - a page that can be made again
    with TemporaryDirectory() as folder:
        ledger = open_ledger(Path(folder) / "ledger.sqlite3")
        for tier, n_calls in {Tier.LOCAL: 10, Tier.BULK: 50, Tier.TOP: 40}.items():
            for _ in range(n_calls):
                name = draw.choice(HOSTILE)
                key = ledger.begin_action(replace(CLICK, action=name))
                start = replace(START, action_key=key, tier=tier, model=name, planned="escalated", reason_code=name)
                ledger.settle_attempt(
                    ledger.begin_attempt(start), replace(END, cost_pico_usd=int(CENTS[tier] * 10**10))
                )
        groups = [ledger.grouped(by) for by in ("model", "action", "language")]
        stats = replace(ledger.stats(), notices=HOSTILE)
        ledger.close()
    target.write_text(report_html(stats, read_assets(), groups), "utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
