"""The live bundle one process works with: configuration, backends, ledger, prices. Replaced whole on reload."""

import asyncio
import logging
from collections.abc import Sequence
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING

from tierwise.actions import Action, Difficulty
from tierwise.backends import registry
from tierwise.backends.base import Backend, BackendError, FailureKind, Health
from tierwise.config import Config
from tierwise.dispatch.caching import Replies
from tierwise.dispatch.candidates import Knowledge, candidates_of, economy_of, embedder_of, judge_of
from tierwise.dispatch.catalogue import catalogue_of
from tierwise.dispatch.configured import Configured
from tierwise.dispatch.learning import RELEARN_AFTER, outlook_from, wanted
from tierwise.dispatch.learnt_forms import LearntForms
from tierwise.dispatch.lines import Lines
from tierwise.dispatch.means import Means
from tierwise.dispatch.offers import Menu
from tierwise.dispatch.opinions import Opinions
from tierwise.dispatch.prepared import root_of
from tierwise.dispatch.repeats import Repeats
from tierwise.dispatch.retrying import LONGEST_WAIT_S
from tierwise.dispatch.running import RunningChecks
from tierwise.dispatch.sentences import Sentences
from tierwise.dispatch.sites import Site, site_of
from tierwise.dispatch.sources import Surroundings
from tierwise.dispatch.team import Team
from tierwise.dispatch.tripwire import Tripwire
from tierwise.dispatch.troubles import Troubles
from tierwise.dispatch.under_way import UnderWay
from tierwise.dispatch.values import Workspace
from tierwise.routing.tiers import Candidate, Tier
from tierwise.store.breakers import Breaker, Heard
from tierwise.store.errors import LedgerError
from tierwise.store.ledger import Ledger
from tierwise.telemetry.opening import journal_of
from tierwise.text.uris import path_of

if TYPE_CHECKING:
    from tierwise.backends.egress import Egress

_LOG = logging.getLogger(__name__)
_PROBE_TIMEOUT_S = 5.0


class Runtime(Configured):
    """Everything an action needs beside its task."""

    candidates: tuple[Candidate, ...] = ()
    economy: Candidate | None = None
    """Who answers small questions about requests; None: nobody."""
    judge: Candidate | None = None
    """Who repeats accepted edits of cheap models; None: nobody."""
    embedder: Candidate | None = None
    """Who makes vectors of instructions; None: nobody, or the weights that come with a package."""
    _egress: "Egress | None" = None
    _learning: asyncio.Task[None] | None = None
    _n_unlearnt = 0

    def __init__(
        self,
        config: Config,
        surroundings: Surroundings,
        *,
        ledger: Ledger | None = None,
        ledger_problem: str | None = None,
        replies: Replies | None = None,
        under_way: UnderWay | None = None,
    ) -> None:
        super().__init__(config)
        self.replies = replies or Replies(config.cache, None)
        self.under_way = under_way or UnderWay()
        self.ledger, self.ledger_problem = ledger, ledger_problem
        self.team = Team(config, ledger)
        self.replies.on_forget = self.team.replies.forget
        self.actions = catalogue_of(config)
        self.learnt_forms = LearntForms(ledger)
        self._surroundings = surroundings
        self._backends: dict[str, Backend] = {}
        self._connecting = asyncio.Lock()
        self._health: dict[str, Health] = {}
        self._sites: dict[tuple[str, str], Site] = {}
        self.troubles, self.lines = Troubles(), Lines()
        self.journal = journal_of(config, self.egress)
        self.chance = Random()  # noqa: S311 - spreads retries, guards nothing.
        self._tools: dict[tuple[str, str], str | None] = {}
        self.sentences = Sentences(config, surroundings.find_key, self.egress)
        self.tripwire = Tripwire(config.tripwire, ledger)
        self.outlook = wanted(config)
        self.first_look = asyncio.Lock()
        """Held while the ledger is looked at for the first time: routes of before know of no model that got worse."""
        self.repeats = Repeats()
        self.means = Means(config.budgets, ledger, self.team)
        self.opinions: Opinions[Difficulty] = Opinions()
        """How hard small models took instructions for."""
        self.picks: Opinions[tuple[str, ...]] = Opinions()
        """Which files scouts picked."""
        self._take_stock()

    def action(self, action_id: str) -> Action | None:
        """The action of this id, if the configuration has it."""
        return next((action for action in self.actions if action.id == action_id), None)

    @property
    def price_table(self) -> str:
        """Name and version of the price table; empty before it is loaded."""
        return self._surroundings.price_table()

    @property
    def problems(self) -> tuple[str | None, ...]:
        """Sentences for the user on what is missing."""
        return self.ledger_problem, self.journal.problem

    # The menu.

    def menu(self, uri: str, language: str, roots: Sequence[Path] = (), *, has_twins: bool = False) -> Menu:
        """What `offers` needs for a document; reads nothing from disk."""
        path = path_of(uri)
        tool = None if path is None else self._tools.get((str(path.parent), language))
        relative = uri.rpartition("/")[2] if path is None else path.relative_to(root_of(path, roots)).as_posix()
        is_local_only = bool(self.config.privacy.local_only) and self.is_local_only((relative,))
        return Menu(
            actions=self.actions,
            candidates=self.candidates,
            native_tool=tool,
            is_local_only=is_local_only,
            outlook=self.outlook,
            can_run_tests=self.can_run_tests,
            left=self.means.left(),
            has_twins=has_twins,
            options=self.config.editor,
        )

    def learn_tools(self, uri: str, language: str, workspace: Workspace) -> None:
        """Look up, on disk, which formatter would serve a document, so that menus can say so."""
        path = path_of(uri)
        if path is None:
            return
        formatter = self.formatter_for(path, language, root_of(path, workspace.roots), workspace.is_trusted)
        if formatter is None and not self.can_ask(Tier.LOCAL):
            formatter = self.bundled_formatter(language, path)
        self._tools[str(path.parent), language] = None if formatter is None else formatter.name

    def can_ask(self, tier: Tier) -> bool:
        """Whether any model of a tier can be tried."""
        return any(c.tier is tier and c.can_be_tried for c in self.candidates)

    # Backends.

    async def backend(self, name: str) -> Backend:
        """The live backend of this name. Raises BackendError when its options cannot work."""
        async with self._connecting:
            if name not in self._backends:
                options, key = self.config.backends[name], self._surroundings.find_key(name)
                log_dir = self._surroundings.log_dir
                # The first backend of a kind imports its SDK, which would stop the loop for half a second.
                self._backends[name] = await asyncio.to_thread(
                    registry.connect, options, key=key, log_dir=log_dir, egress=await self.egress()
                )
            return self._backends[name]

    async def egress(self) -> "Egress":
        """The one way out."""
        if self._egress is None:
            self._egress = await asyncio.to_thread(registry.open_egress)
        return self._egress

    def site(self, candidate: Candidate) -> Site:
        """The server a candidate stands on."""
        place = (candidate.backend, candidate.model)
        if place not in self._sites:
            self._sites[place] = site_of(self.config, candidate, self._surroundings.find_key(candidate.backend))
        return self._sites[place]

    def hear(self, heard: Heard, words: str, call: int | None) -> None:
        """Note what a call learnt of its server, so that menus know it too."""
        if self.troubles.hear(heard, words, call):
            self._take_stock()

    def take_troubles(self, breakers: dict[str, Breaker]) -> None:
        """Take over what other windows learnt."""
        if self.troubles.take(breakers):
            self._take_stock()

    async def forget_troubles(self) -> None:
        """Let every server be asked again, also those no longer configured, as after a change nobody here can see."""
        asked = (*self.candidates, *(() if self.economy is None else (self.economy,)))
        targets = frozenset(self.site(candidate).target for candidate in asked)
        self.troubles.forget(targets)
        if self.ledger is not None:
            try:
                await asyncio.to_thread(self.ledger.forget_breakers)
            except LedgerError as err:
                _LOG.warning("troubles not forgotten: %s", err)
        self._take_stock()

    async def note_applied(self, action_key: str) -> None:
        """Book that a proposal reached the user's text."""
        if self.ledger is None or not action_key:
            return
        try:
            await asyncio.to_thread(self.ledger.end_action, action_key, "applied")
        except LedgerError as err:
            _LOG.warning("not booked as applied: %s", err)
        await self.tripwire.note_applied(action_key, self.outlook.raised)

    async def learn(self) -> None:
        """Load the price table and ask the keyring, in a thread: so that the first action need not wait."""
        self.team.warm()
        async with self.first_look:
            await self.learn_outcomes()
        await asyncio.to_thread(self._surroundings.warm)
        # A key that the keyring gave makes another fingerprint.
        self._sites.clear()
        self._take_stock()

    async def learn_outcomes(self) -> None:
        """Look up in the ledger, in a thread, how models did."""
        self._n_unlearnt = 0
        await self.means.look()
        self.outlook = await asyncio.to_thread(outlook_from, self.config, self.actions, self.candidates, self.ledger)

    def note_action(self) -> None:
        """Count an action that ended; every so many of them are learnt from, while the user has the edit already."""
        self._n_unlearnt += 1
        self.team.note_rows()
        is_learning = self._learning is not None and not self._learning.done()
        if RELEARN_AFTER <= self._n_unlearnt and not is_learning:
            self._learning = asyncio.get_running_loop().create_task(self.learn_outcomes())

    async def probe(self) -> dict[str, Health]:
        """Ask every backend some tier uses, at the same time and without cost, whether it is there."""
        names = sorted({c.backend for c in self.candidates if c.backend in self.config.backends})
        found = await asyncio.gather(*(self._probe_one(name) for name in names))
        self._health = {name: health for name, health in zip(names, found, strict=True) if health is not None}
        self._take_stock()
        return dict(self._health)

    async def _probe_one(self, name: str) -> Health | None:
        models = tuple(c.model for c in self.candidates if c.backend == name)
        if any(c.backend == name and c.availability in ("no-key", "disabled") for c in self.candidates):
            return None
        try:
            backend = await self.backend(name)
            return await asyncio.wait_for(backend.probe(models), _PROBE_TIMEOUT_S)
        except BackendError as err:
            return Health(is_reachable=False, words=err.words, failure=err.kind)
        except TimeoutError:
            return Health(is_reachable=False, words=f"{name!r} did not answer within {_PROBE_TIMEOUT_S:.0f} s")

    def refresh(self) -> None:
        """Let troubles that are over count no longer; cheap, for menus."""
        if self.troubles.is_any:
            self._take_stock()

    def _take_stock(self) -> None:
        known = Knowledge(
            has_key=lambda name: self._surroundings.find_key(name) is not None,
            price_of=self._surroundings.price_of,
            window_of=self._surroundings.window_of,
            health=self._health,
            trouble_of=self._trouble_of,
        )
        self.candidates = candidates_of(self.config, known)
        self.economy = economy_of(self.config, known, self.candidates)
        self.judge = judge_of(self.config, known, self.candidates)
        self.embedder = embedder_of(self.config, known, self.candidates)

    def _trouble_of(self, candidate: Candidate) -> tuple[FailureKind, str] | None:
        """What keeps a model from being asked for longer than it is worth waiting."""
        if not self.troubles.is_any:
            return None
        site = self.site(candidate)
        paused = self.troubles.holding_back(site)
        if paused is None or (paused.left_s is not None and paused.left_s <= LONGEST_WAIT_S):
            return None
        return FailureKind(paused.breaker.kind), self.troubles.words(site, paused)

    def running_checks(self, workspace: Workspace) -> RunningChecks:
        """The checks that run things, for one workspace."""
        return RunningChecks(self.config.checks, workspace, self.is_never_sent)

    async def aclose(self) -> None:
        """Close backends and end their children; the ledger stays with whoever opened it."""
        if self._learning is not None:
            # Its thread reads the ledger, which may be closed only afterwards.
            await asyncio.wait({self._learning})
        telling = asyncio.ensure_future(self.journal.aclose())
        await self.means.aclose()
        await self.team.aclose()
        await self.replies.aclose()
        await self.sentences.aclose()
        backends, self._backends = list(self._backends.values()), {}
        for backend in backends:
            await backend.aclose()
        await telling
