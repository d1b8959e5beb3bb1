"""What was saved beside one model for everything, and what the top tier never saw; exact."""

from dataclasses import replace
from fractions import Fraction
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from store.ledgers import CLICK, END, book
from tierwise.backends.base import Usage
from tierwise.evals.savings import Savings, savings, unseen
from tierwise.routing.money import Price
from tierwise.routing.tiers import Tier
from tierwise.store.ledger import open_ledger
from tierwise.store.rows import CacheHit

DEAR = Price(input=5_000_000, output=25_000_000)


def test_the_baseline_pays_for_what_was_accepted_and_for_what_the_cache_answered(tmp_path: Path) -> None:
    ledger = open_ledger(tmp_path / "ledger.db", synchronous="normal")
    book(ledger)
    book(ledger, end=replace(END, outcome="rejected", code="parses", cost_pico_usd=7))
    book(ledger, end=replace(END, usage=None, cost_pico_usd=None))
    book(ledger, tier=Tier.TOP, end=replace(END, usage=Usage(input_tokens=500, output_tokens=10), cost_pico_usd=9))
    key = ledger.begin_action(CLICK)
    hit = CacheHit(action_key=key, kind="exact", tier=Tier.BULK, backend="zai", model="glm-5.1", saved_pico_usd=3)
    ledger.book_cache_hit(replace(hit, usage=Usage(input_tokens=200, output_tokens=20)))
    ledger.book_cache_hit(hit)
    found = ledger.stats()
    ledger.close()
    told = savings(found, "dear", DEAR)
    assert told.baseline_pico_usd == (1000 + 500 + 200) * 5_000_000 + (300 + 10 + 20) * 25_000_000
    assert told.spent_pico_usd == (END.cost_pico_usd or 0) + 7 + 9
    assert told.saved_pico_usd == told.baseline_pico_usd - told.spent_pico_usd
    # An accepted edit without counted tokens, its call without known money, and a hit without tokens.
    assert told.n_unknown == 3
    context = unseen(found)
    assert (context.n_tokens, context.n_top_tokens, context.n_files, context.n_top_files) == (2500, 500, 8, 2)
    assert context.share == 0.8


def test_nothing_done_is_nothing_saved(tmp_path: Path) -> None:
    ledger = open_ledger(tmp_path / "ledger.db")
    found = ledger.stats()
    ledger.close()
    told = savings(found, "dear", DEAR)
    assert (told.baseline_pico_usd, told.saved_pico_usd, told.saved_share) == (0, 0, None)
    assert unseen(found).share is None


@given(st.integers(1, 10**18), st.integers(0, 10**18))
def test_the_share_is_that_of_exact_money(baseline: int, spent: int) -> None:
    told = Savings(baseline="dear", baseline_pico_usd=baseline, spent_pico_usd=spent, n_unknown=0)
    assert told.saved_share == float(Fraction(baseline - spent, baseline))
