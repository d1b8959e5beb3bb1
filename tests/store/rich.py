"""A month of somebody who uses everything: five models, six actions, five languages, hits, fates, an alarm."""

import random
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from store.ledgers import CLICK, START, ToldClock
from tierwise.backends.base import Usage
from tierwise.routing.money import Price, cost
from tierwise.routing.tiers import Tier
from tierwise.routing.tripwire import LEARNT, TripwireCell
from tierwise.store.ledger import Ledger, open_ledger
from tierwise.store.rows import AttemptEnd, AttemptOutcome, CacheHit, Fate, FateName, Planned
from tierwise.store.tripwire import Sampling

FIRST_DAY = datetime(2026, 3, 2, 7, tzinfo=UTC)
JUDGE = "anthropic/claude-opus"
RAISED = TripwireCell("add_type_hints", "python", "ollama/qwen2.5-coder:7b")
ACTIONS = ("format", "document", "add_type_hints", "write_tests", "fix", "refactor")
LANGUAGES = ("python", "typescript", "go", "rust", "java")
WHY = ("tests-fail", "parses", "same-program", "elision", "names-undefined", "no-mutant-killed")
PLACES = ("5f2a91c07be4d831", "0b1e6a77c2f94d10", "9d3375b8aa01fe42")


@dataclass(frozen=True)
class Maker:
    """One model: who runs it, what it charges, how often its edits pass, how long it takes."""

    tier: Tier
    backend: str
    model: str
    price: Price | None
    passes: float
    seconds: float


LOCAL = Maker(Tier.LOCAL, "ollama", "qwen2.5-coder:7b", Price(input=0, output=0), 0.86, 3.0)
GLM = Maker(Tier.BULK, "zai", "glm-5.1", Price(input=600_000, output=2_200_000), 0.93, 6.5)
OLD_GLM = Maker(Tier.BULK, "ollama-cloud", "glm-4.6", None, 0.9, 9.0)
OPUS = Maker(Tier.TOP, "anthropic", "claude-opus", Price(input=5_000_000, output=25_000_000), 0.97, 14.0)
GPT = Maker(Tier.TOP, "openai", "gpt-5.2", Price(input=1_750_000, output=14_000_000), 0.95, 17.0)
MAKERS = (LOCAL, GLM, OLD_GLM, OPUS, GPT)


class Month:
    """Writes the month, click by click; the same one every time."""

    def __init__(self, path: Path, name: Callable[[str], str] = lambda plain: plain) -> None:
        """`name` makes of every name what is to stand in the ledger."""
        self._clock = ToldClock(FIRST_DAY)
        self._chance = random.Random(10_50_40)  # noqa: S311 -- a ledger that can be made again.
        self._name = name
        self.ledger: Ledger = open_ledger(path, synchronous="normal", clock=self._clock)

    def fill(self, n_days: int = 30, n_clicks: int = 18) -> Ledger:
        """About so many clicks on each working day, and fewer on the others."""
        for day in range(n_days):
            morning = FIRST_DAY + timedelta(days=day)
            busy = 1.0 if morning.weekday() < 5 else 0.15
            times = sorted(
                self._chance.uniform(0, 10) for _ in range(int(n_clicks * busy * self._chance.uniform(0.6, 1.4)))
            )
            for hours in times:
                self._clock.now = morning + timedelta(hours=hours)
                self._click()
        self._alarm()
        return self.ledger

    def _click(self) -> None:
        chance = self._chance
        action = chance.choices(ACTIONS, (22, 16, 14, 24, 14, 10))[0]
        language = chance.choices(LANGUAGES, (45, 25, 14, 10, 6))[0]
        names = {"action": self._name(action), "language": self._name(language)}
        key = self.ledger.begin_action(replace(CLICK, **names, workspace=chance.choices(PLACES, (6, 3, 1))[0]))
        if chance.random() < 0.11:
            self._hit(key, LOCAL if action == "format" else GLM)
            return
        planned: Planned = "forced" if chance.random() < 0.03 else "first"
        ladder = self._ladder(action, planned)
        why = "forced" if planned == "forced" else "standard"
        for maker in ladder:
            outcome, code = self._call(key, maker, planned, why)
            if outcome == "accepted":
                self._fate(key, maker)
                self.ledger.end_action(key, "applied")
                return
            if outcome == "cancelled":
                self.ledger.end_action(key, "cancelled", code)
                return
            planned, why = ("fallback" if outcome == "failed" else "escalated"), code
        self.ledger.end_action(key, "refused", why)

    def _ladder(self, action: str, planned: Planned) -> tuple[Maker, ...]:
        if planned == "forced":
            return (OPUS,)
        if action in ("format", "add_type_hints"):
            return (LOCAL, GLM, OPUS)
        if action == "refactor" and self._chance.random() < 0.3:
            return (OPUS, GPT)
        return (GLM, OLD_GLM, OPUS) if self._chance.random() < 0.9 else (OLD_GLM, OPUS)

    def _call(self, key: str, maker: Maker, planned: Planned, why: str) -> tuple[AttemptOutcome, str]:
        chance = self._chance
        start = replace(
            START, action_key=key, tier=maker.tier, backend=self._name(maker.backend), model=self._name(maker.model),
            price=maker.price, planned=planned, reason_code=self._name(why), prompt_files=chance.randint(1, 5),
        )  # fmt: skip
        outcome: AttemptOutcome = chance.choices(
            ("accepted", "rejected", "failed", "cancelled"), (maker.passes, 1 - maker.passes, 0.03, 0.01)
        )[0]
        code = {"accepted": "", "failed": "overloaded", "cancelled": "cancelled"}.get(outcome) or chance.choice(WHY)
        read, written = chance.randint(600, 7000), chance.randint(60, 1600)
        seconds = maker.seconds * chance.lognormvariate(0, 0.45)
        money = None if maker.price is None else cost(maker.price, input_tokens=read, output_tokens=written)
        end = AttemptEnd(
            outcome=outcome, code="" if outcome == "accepted" else code, duration_s=seconds,
            first_token_s=seconds / 6, cost_pico_usd=money,
            usage=Usage(input_tokens=read, output_tokens=written, cached_tokens=read // 5),
        )  # fmt: skip
        self.ledger.settle_attempt(self.ledger.begin_attempt(start), end)
        return outcome, code

    def _hit(self, key: str, maker: Maker) -> None:
        usage = Usage(input_tokens=self._chance.randint(600, 5000), output_tokens=self._chance.randint(60, 900))
        price = maker.price
        saved = cost(price, input_tokens=usage.input_tokens, output_tokens=usage.output_tokens) if price else None
        names = {"backend": self._name(maker.backend), "model": self._name(maker.model)}
        hit = CacheHit(action_key=key, kind="exact", tier=maker.tier, saved_pico_usd=saved, usage=usage, **names)
        self.ledger.book_cache_hit(hit)
        self.ledger.end_action(key, "applied")

    def _fate(self, key: str, maker: Maker) -> None:
        names = {"backend": self._name(maker.backend), "model": self._name(maker.model)}
        fate: FateName = self._chance.choices(("kept", "changed", "undone"), (84, 10, 6))[0]
        self.ledger.book_fates([Fate(action_key=key, fate=fate, tier=maker.tier, **names)])

    def _alarm(self) -> None:
        table = self.ledger.tripwire
        quiet = TripwireCell("write_tests", "python", "zai/glm-5.1")
        for cell in (RAISED, quiet):
            table.note_edit(cell, Sampling(judge=JUDGE, share=0.0, least=0))
            for number in range(LEARNT + 20):
                table.note_sample(cell, JUDGE, "apart" if number % 25 == 0 else "alike")
        while table.note_sample(RAISED, JUDGE, "apart") != "raised":
            pass
