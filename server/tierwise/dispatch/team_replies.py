"""Answers that teammates were given: looked for after those on this machine, and checked here like any other.

Nothing of it stops an action, and nobody waits longer than `cache.team.timeout_ms` for it.
"""

import asyncio
import logging
import time
from collections import OrderedDict
from collections.abc import Callable, Coroutine
from datetime import timedelta
from typing import TYPE_CHECKING, Any, TypeVar

from tierwise.config.cache_options import CacheOptions
from tierwise.dispatch.team_servers import cache_address, cache_secret
from tierwise.store.cache_rows import Kept
from tierwise.store.team_cache import CacheTerms, open_team_cache
from tierwise.store.team_errors import TeamError

if TYPE_CHECKING:
    from tierwise.store.cache_redis import TeamCache

_LOG = logging.getLogger(__name__)
_FIRST_LOOK_S = 1.0
"""So much longer the first look-up may wait, for the library and the connection."""
_FIRST_PAUSE_S = 15.0
_LONGEST_PAUSE_S = 300.0
_MOST_NOTED = 500
_LAST_SHARES_S = 0.5
T = TypeVar("T")
Place = tuple[bytes, bytes]
"""A repository and a piece of work there, as hashes."""


class TeamReplies:
    """Does nothing at all where no server is configured."""

    def __init__(
        self,
        options: CacheOptions,
        tell: Callable[[str], None] = lambda _: None,
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        """`tell` is given a sentence when the server cannot be used; the same one may come again."""
        self._options = options.team
        self._is_wanted = options.enabled and options.team.is_set
        self._tell = tell
        self._now = now
        self._cache: TeamCache | None = None
        self._opening: asyncio.Future[TeamCache] | None = None
        self._left_until = 0.0
        self._pause_s = 0.0
        self._tasks: set[asyncio.Future[Any]] = set()
        self._places: OrderedDict[bytes, set[Place]] = OrderedDict()
        """Where the answers to a click, or to a piece of work, stand, for when the user takes one back."""
        self._unwanted: set[Place] = set()
        """What is to be forgotten there once the server is back, and is not served meanwhile."""

    @property
    def is_on(self) -> bool:
        """Whether it makes sense to look there now."""
        return self._is_wanted and self._left_until <= self._now()

    def warm(self) -> None:
        """Load the library and connect in the background."""
        if self._is_wanted and self._opening is None:
            self._opening = asyncio.ensure_future(asyncio.to_thread(self._open))
            # Whoever looks up something is told what went wrong.
            self._opening.add_done_callback(lambda opening: opening.cancelled() or opening.exception())

    async def find(self, place: Place) -> tuple[Kept, ...]:
        """What was answered to a piece of work, the newest first."""
        if place in self._unwanted:
            self._begin(self._forget_all())
            return ()
        return await self._ask(lambda cache: cache.find(*place), ())

    def share(self, kept: Kept) -> None:
        """Let the team have an answer that passed its checks here; returns at once."""
        self._unwanted.discard((kept.scope, kept.piece))
        self._begin(self._ask(lambda cache: cache.put(kept), False))

    def drop(self, kept: Kept) -> None:
        """Forget an answer that does not pass here; returns at once."""
        self._begin(self._ask(lambda cache: cache.drop(kept), None))

    def note(self, task: bytes, place: Place) -> None:
        """Remember where the answers to a click stand."""
        self._places.setdefault(task, set()).add(place)
        self._places.move_to_end(task)
        while _MOST_NOTED < len(self._places):
            self._places.popitem(last=False)

    def forget(self, task: bytes) -> None:
        """The user did not keep the answers to a click: nobody is served them again. Returns at once."""
        places = self._places.pop(task, set())
        if places and self._is_wanted:
            self._unwanted |= places
            self._begin(self._forget_all())

    async def settled(self) -> None:
        """Wait for what was begun in the background."""
        while self._tasks:
            await asyncio.wait(self._tasks)

    async def aclose(self) -> None:
        """Finish what is being shared, if that is quick, and close the connections."""
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=_LAST_SHARES_S)
        if self._opening is not None and self._opening.done() and self._cache is not None:
            await asyncio.to_thread(self._cache.close)

    async def _forget_all(self) -> None:
        for place in tuple(self._unwanted):

            def forget(cache: "TeamCache", place: Place = place) -> bool:
                cache.forget(*place)
                return True

            if await self._ask(forget, False):
                self._unwanted.discard(place)

    async def _ask(self, call: Callable[["TeamCache"], T], otherwise: T) -> T:
        """Ask the server in a thread, or get `otherwise` when it does not answer in time."""
        if not self.is_on:
            return otherwise
        self.warm()
        opening = self._opening
        assert opening is not None  # noqa: S101 - `warm` has just begun it.
        longest_s = self._options.timeout_ms / 1000
        asking: asyncio.Future[T] | None = None
        try:
            async with asyncio.timeout(longest_s if opening.done() else longest_s + _FIRST_LOOK_S):
                cache = await asyncio.shield(opening)
                asking = asyncio.ensure_future(asyncio.to_thread(call, cache))
                answer = await asyncio.shield(asking)
        except TimeoutError:
            if asking is not None:
                asking.add_done_callback(lambda late: late.cancelled() or late.exception())
            words = "the team's cache did not answer in time; answers are looked for on this machine only meanwhile"
            self._leave_alone(words)
            return otherwise
        except TeamError as err:
            self._leave_alone(err.words)
            return otherwise
        self._pause_s = 0.0
        return answer

    def _leave_alone(self, words: str) -> None:
        self._pause_s = min(_LONGEST_PAUSE_S, max(_FIRST_PAUSE_S, 2 * self._pause_s))
        self._left_until = self._now() + self._pause_s
        if self._opening is not None and self._opening.done() and self._cache is None:
            # What was wrong with the settings may be mended by then.
            self._opening = None
        self._tell(words)

    def _open(self) -> "TeamCache":
        options = self._options
        terms = CacheTerms(
            tenant=options.tenant,
            secret=cache_secret(options),
            max_entry_bytes=options.max_entry_kb * 1024,
            max_age=timedelta(days=options.max_age_days),
            timeout_s=options.timeout_ms / 1000,
        )
        self._cache = open_team_cache(cache_address(options), terms)
        return self._cache

    def _begin(self, work: Coroutine[Any, Any, Any]) -> None:
        task = asyncio.ensure_future(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
