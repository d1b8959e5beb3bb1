"""Who makes vectors of instructions for one runtime, and for how long it is left alone after it failed."""

import asyncio
import logging
import math
import time
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING

from tierwise.backends import registry
from tierwise.backends.base import BackendError, FailureKind
from tierwise.backends.vectors import Embedder
from tierwise.config import Config
from tierwise.routing.tiers import Candidate

if TYPE_CHECKING:
    from tierwise.backends.egress import Egress

_LOG = logging.getLogger(__name__)
_PAUSE_S = 60.0
_FOR_GOOD = frozenset({FailureKind.NOT_CONFIGURED, FailureKind.AUTHENTICATION, FailureKind.NO_MODEL})
"""What only a change of the settings or of the server mends; then the configuration is read anew."""


class Sentences:
    """The maker of vectors that the configuration names. Nothing is loaded or connected before it is needed."""

    def __init__(
        self, config: Config, find_key: Callable[[str], str | None], egress: Callable[[], Awaitable["Egress"]]
    ) -> None:
        self._config = config
        self._find_key = find_key
        self._egress = egress
        self.ref = config.cache.similarity.model if config.cache.enabled else None
        """The model as the configuration names it; None: nobody."""
        self.threshold = config.cache.similarity.threshold
        self._connecting: asyncio.Task[Embedder] | None = None
        self._off_until = 0.0
        self._told: set[FailureKind] = set()
        self._notices: list[str] = []

    @property
    def is_on(self) -> bool:
        """Whether it is worth asking now."""
        return self.ref is not None and self._off_until <= time.monotonic()

    async def embedder(self, candidate: Candidate | None) -> Embedder:
        """The connected one; None stands for the weights that come with a package. Raises BackendError."""
        if self._connecting is None:
            self._connecting = asyncio.get_running_loop().create_task(self._connect(candidate))
        # Whoever gives up waiting leaves it to be finished for the next one.
        return await asyncio.shield(self._connecting)

    def note_failure(self, err: BackendError) -> None:
        """Leave it alone for a while, and keep a sentence for the user."""
        self._off_until = math.inf if err.kind in _FOR_GOOD else time.monotonic() + _PAUSE_S
        _LOG.warning("instructions are not compared: %s", err.words)
        if err.kind not in self._told:
            self._told.add(err.kind)
            self._notices.append(f"earlier instructions in other words were not looked for: {err.words}")

    def take_notice(self) -> tuple[str, ...]:
        """What the user should be told, each sentence once."""
        notices, self._notices = tuple(self._notices), []
        return notices

    async def aclose(self) -> None:
        """Close connections."""
        if self._connecting is None:
            return
        await asyncio.wait({self._connecting})
        if not self._connecting.cancelled() and self._connecting.exception() is None:
            await self._connecting.result().aclose()

    async def _connect(self, candidate: Candidate | None) -> Embedder:
        if candidate is None:
            return await asyncio.to_thread(registry.connect_embedder, None, "")
        options, key = self._config.backends[candidate.backend], self._find_key(candidate.backend)
        egress = await self._egress()
        return await asyncio.to_thread(registry.connect_embedder, options, candidate.model, key=key, egress=egress)
