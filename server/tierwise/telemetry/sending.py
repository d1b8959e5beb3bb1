"""Sends what was noted to the collector, in the background of the event loop; nothing ever waits for it.

There is no thread of ours: bytes are made in the loop's own pool and leave through the one way out, which follows no
proxy and no redirect. What a collector does not take is dropped, the oldest first, and said once.
"""

import asyncio
import contextlib
import gzip
import logging
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from typing import TYPE_CHECKING

from tierwise.backends.base import BackendError
from tierwise.config import Config
from tierwise.telemetry.destination import Destination
from tierwise.telemetry.events import ActionEvent, KeptJournal

if TYPE_CHECKING:
    from tierwise.backends.egress import Egress, Gate
    from tierwise.telemetry.translating import Translator

_LOG = logging.getLogger(__name__)
MOST_WAITING = 1000
"""Actions that wait to be told; the oldest makes room."""
MOST_BODIES = 8
"""Bodies a collector asked to be sent again; the oldest makes room."""
_AGAIN = frozenset({429, 502, 503, 504})
"""Answers after which the same may be sent once more, as the protocol has it."""
_OK, _NO_ANSWER = 200, 0
_LONGEST_PAUSE_S = 60.0
_ENDS_IN_S = 0.8
"""What is left is sent so long when the program ends, and then let go."""


class Courier(KeptJournal):
    """Takes in actions and tells them to a collector."""

    def __init__(self, config: Config, where: Destination, egress: "Callable[[], Awaitable[Egress]]") -> None:
        super().__init__(self._take_in)
        self._config = config
        self._where = where
        self._egress = egress
        self._waiting: deque[ActionEvent] = deque(maxlen=MOST_WAITING)
        self._bodies: deque[tuple[str, bytes]] = deque(maxlen=MOST_BODIES)
        self._translator: Translator | None = None
        self._gates: dict[str, Gate] = {}
        self._running: asyncio.Task[None] | None = None
        self._closing = asyncio.Event()
        self._n_failures = 0
        self._is_told = False

    def _take_in(self, event: ActionEvent) -> None:
        self._waiting.append(event)
        if self._running is None:
            self._running = asyncio.get_running_loop().create_task(self._run())

    @property
    def places(self) -> tuple[str, ...]:
        """The collectors that are told, as `scheme://host:port`."""
        from tierwise.backends.origins import Origin  # noqa: PLC0415

        return tuple(dict.fromkeys(str(Origin.of(url)) for url in self._where.urls.values()))

    async def ask(self) -> str | None:
        """Send a message of each signal that holds nothing; why one was not taken, None: all were."""
        nothing = gzip.compress(b"") if self._where.is_compressed else b""
        for signal in self._where.urls:
            status, words = await self._post(signal, nothing)
            if not _is_taken(status):
                return words
        return None

    async def aclose(self) -> None:
        """Send what is left, as far as a moment suffices, and close the connections."""
        self._closing.set()
        if self._running is not None:
            _, pending = await asyncio.wait({self._running}, timeout=_ENDS_IN_S)
            if pending:
                self._complain("the collector did not answer before the program ended")
                self._running.cancel()
                await asyncio.wait({self._running})
        gates, self._gates = list(self._gates.values()), {}
        for gate in gates:
            await gate.aclose()

    async def _run(self) -> None:
        loop = asyncio.get_running_loop()
        metrics_at = loop.time() + self._where.metrics_every_s
        while not self._closing.is_set():
            pause_s = min(_LONGEST_PAUSE_S, self._where.traces_every_s * 2**self._n_failures)
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._closing.wait(), pause_s)
            is_time = self._closing.is_set() or metrics_at <= loop.time()
            if is_time:
                metrics_at = loop.time() + self._where.metrics_every_s
            await self._tell(has_metrics=is_time)

    async def _tell(self, *, has_metrics: bool) -> None:
        events = [self._waiting.popleft() for _ in range(len(self._waiting))]
        if events or has_metrics:
            self._bodies += await asyncio.to_thread(self._bodies_of, events, has_metrics)
        while self._bodies:
            if not await self._send(*self._bodies[0]):
                self._bodies.popleft()
            else:
                # Whoever does not take this one takes no other; all of them are tried again after a pause.
                return

    def _bodies_of(self, events: list[ActionEvent], has_metrics: bool) -> list[tuple[str, bytes]]:
        """In a thread: the first time it imports the SDK."""
        translator = self._translator
        if translator is None:
            from tierwise.telemetry.translating import Translator  # noqa: PLC0415

            translator = self._translator = Translator(self._config, is_delta=self._where.is_delta)
        translator.note(events)
        made = {"traces": translator.spans(), "metrics": translator.metrics() if has_metrics else None}
        found = [(signal, body) for signal, body in made.items() if body is not None and signal in self._where.urls]
        return [(signal, gzip.compress(body)) for signal, body in found] if self._where.is_compressed else found

    async def _send(self, signal: str, body: bytes) -> bool:
        """Send one body; whether it may be sent again."""
        status, words = await self._post(signal, body)
        if not _is_taken(status):
            self._complain(words)
            return status in _AGAIN or status == _NO_ANSWER
        self._n_failures = 0
        self._is_told = False
        return False

    async def _post(self, signal: str, body: bytes) -> tuple[int, str]:
        """The status of the collector's answer and what that is in words; `_NO_ANSWER` where there was none."""
        from tierwise.backends.failures import HttpFailure  # noqa: PLC0415

        try:
            gate = await self._gate(signal)
            headers = {"content-type": "application/x-protobuf", "content-length": str(len(body))}
            times = dict.fromkeys(("connect", "read", "write", "pool"), self._where.timeout_s)
            answer = await gate.send("POST", self._where.urls[signal], headers, _whole(body), times)
            async for _ in answer:
                pass
            await answer.aclose()
        except HttpFailure as err:
            return err.status, f"the collector answered with {err.status}"
        except BackendError as err:
            return _NO_ANSWER, err.words
        return _OK, ""

    async def _gate(self, signal: str) -> "Gate":
        if signal not in self._gates:
            from tierwise.backends.door import Door  # noqa: PLC0415
            from tierwise.backends.failures import Site  # noqa: PLC0415
            from tierwise.backends.origins import Origin  # noqa: PLC0415

            origin = Origin.of(self._where.urls[signal])
            remedy = "start it, or switch telemetry off"
            site = Site(
                name=f"the collector at {origin}", when_down=remedy, when_key_refused=remedy, when_model_missing=remedy
            )
            door = Door(origin=origin, site=site, own_headers=self._own_headers(signal))
            self._gates[signal] = (await self._egress()).open(door)
        return self._gates[signal]

    def _own_headers(self, signal: str) -> Mapping[str, str]:
        encoding = {"content-encoding": "gzip"} if self._where.is_compressed else {}
        return {**dict(self._where.headers[signal]), **encoding}

    def _complain(self, words: str) -> None:
        """Say it once, until it works again."""
        self._n_failures = min(self._n_failures + 1, 10)
        level = logging.DEBUG if self._is_told else logging.WARNING
        self._is_told = True
        _LOG.log(level, "telemetry was not sent: %s", words)


def _is_taken(status: int) -> bool:
    return 200 <= status < 300


async def _whole(body: bytes) -> AsyncIterator[bytes]:
    yield body
