"""Deciding a route: the whole policy on five candidates, with and without a full ledger behind it, in CPU time."""

import itertools
import time
from collections.abc import Callable, Iterator

from tierwise.actions import CATALOGUE, Difficulty
from tierwise.routing.beliefs import Known, OutcomeCount, Size, learn
from tierwise.routing.check_strength import strength_of
from tierwise.routing.estimate import estimate_call
from tierwise.routing.free_instructions import read_instruction
from tierwise.routing.money import FREE, Price
from tierwise.routing.outlook import DEFAULT_OUTLOOK, Outlook
from tierwise.routing.policy import RouteRequest, choose_route
from tierwise.routing.tiers import Candidate, Tier

MOST_MS = 0.3
N_DECISIONS = 2000
CANDIDATES = (
    Candidate(tier=Tier.LOCAL, backend="ollama", model="qwen2.5-coder:7b", price=FREE, is_on_this_machine=True),
    Candidate(tier=Tier.BULK, backend="zai", model="glm-5.1", price=Price(input=1_400_000, output=4_400_000)),
    Candidate(tier=Tier.BULK, backend="cloud", model="glm-4.6", price=None),
    Candidate(tier=Tier.TOP, backend="a", model="claude-opus-5-5", price=Price(input=4_000_000, output=20_000_000)),
    Candidate(tier=Tier.TOP, backend="o", model="gpt-5.2", price=Price(input=1_750_000, output=14_000_000)),
)
LANGUAGES = ("python", "typescript", "go", "rust")
SIZES: tuple[Size, ...] = ("small", "medium", "large")


def full_outlook() -> Outlook:
    """Beliefs from every action, language, model and size on each of ninety days."""
    known = {
        (action.id, language): Known(level=action.difficulty, strength=strength_of(action.checks, language))
        for action in CATALOGUE
        for language in LANGUAGES
    }
    outcomes = [
        OutcomeCount(
            action=action, language=language, ref=one.ref, size=size, n_accepted=3, n_rejected=1, age_days=float(day)
        )
        for action, language in known
        for one in CANDIDATES
        for size in SIZES
        for day in range(90)
    ]  # fmt: skip
    return Outlook(beliefs=learn(outcomes, {one.ref: one.tier for one in CANDIDATES}, known))


def requests(outlook: Outlook) -> Iterator[RouteRequest]:
    """Writing tests for some lines of Python, more every time, so that nothing is decided twice."""
    action = next(one for one in CATALOGUE if one.id == "write_tests")
    for n_chars in itertools.count(100, 4):
        yield RouteRequest(
            difficulty=Difficulty.STANDARD,
            estimate=estimate_call(target_chars=n_chars, context_chars=1200, output_ratio=action.output_ratio),
            action=action.id,
            language="python",
            strength=strength_of(action.checks, "python"),
            outlook=outlook,
        )


def milliseconds(decide: Callable[[], object], n: int) -> float:
    """CPU time of one of many."""
    decide()
    started = time.process_time()
    for _ in range(n):
        decide()
    return (time.process_time() - started) * 1000 / n


def main() -> int:
    """Print the table; 1 when a decision takes longer than it may."""
    plain, full = requests(DEFAULT_OUTLOOK), requests(full_outlook())
    text = "def f(a, b):\n    return a + b\n\n\n" * 600
    rows = {
        "a route, nothing learnt": milliseconds(lambda: choose_route(next(plain), CANDIDATES), N_DECISIONS),
        "a route, with a full ledger": milliseconds(lambda: choose_route(next(full), CANDIDATES), N_DECISIONS),
    }
    print(f"{'':<44} {'ms CPU':>8} {'most':>6}")
    for name, taken in rows.items():
        print(f"{name:<44} {taken:>8.3f} {MOST_MS:>6.1f}{'' if taken <= MOST_MS else '  MISSED'}")
    read = milliseconds(lambda: read_instruction("make f accept None and say so in the docs", (("a.py", text),)), 300)
    print(f"{'reading an instruction about 20 kB of text':<44} {read:>8.3f}")
    started = time.process_time()
    full_outlook()
    print(f"{'learning 43,200 counts, once':<44} {(time.process_time() - started) * 1000:>8.0f}")
    return 1 if max(rows.values()) > MOST_MS else 0


if __name__ == "__main__":
    raise SystemExit(main())
