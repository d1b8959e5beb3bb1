"""Saying that the ledger is adding up its rows, which takes a while after an update that keeps other sums."""

import sys

from rich.console import Console

from tierwise.store.ledger import Ledger

MANY_ROWS = 20_000
"""Fewer are added up before anybody wonders."""


def tell_of_adding_up(ledger: Ledger) -> None:
    """From now on say on standard error what figures take long for; how far it is only where somebody looks on."""
    console = Console(stderr=True, highlight=False, emoji=False)
    told: set[int] = set()

    def tell(n_done: int, n_all: int) -> None:
        if n_all < MANY_ROWS:
            return
        percent = 100 * n_done // n_all
        if not told:
            sys.stderr.write(f"tierwise: adding up {n_all:,} rows of the ledger, once; figures follow\n")
        if console.is_terminal and percent not in told:
            sys.stderr.write(f"\r{percent} %" + "\n" * (n_done == n_all))
            sys.stderr.flush()
        told.add(percent)

    ledger.on_adding_up = tell
