"""Repeats samples on the judge while no action runs, and tells the user of what that found."""

import asyncio
import contextlib
from collections.abc import Callable, Coroutine, Iterator
from typing import Any

from lsprotocol import types

from tierwise.dispatch.tripwire import Sample
from tierwise.dispatch.tripwire_judging import Judgement, judge_sample
from tierwise.dispatch.tripwire_telling import Webhook, words_of_event
from tierwise.lsp.carrying import Wire, tell
from tierwise.lsp.host import Host

_ENDS_IN_S = 1.0


class Watch:
    """The idle time of one editor."""

    def __init__(
        self,
        wire: Wire,
        host: Host,
        begin: Callable[[Coroutine[Any, Any, Any]], asyncio.Task[Any]],
        changed: Callable[[], None],
    ) -> None:
        self._wire = wire
        self._host = host
        self._begin = begin
        self._changed = changed
        self._webhook = Webhook()
        self._n_actions = 0
        self._judging: asyncio.Task[Any] | None = None

    @contextlib.contextmanager
    def action(self) -> Iterator[None]:
        """Keep the judge quiet while an action runs; one on this machine lets go at once, since it is in the way."""
        self._host.runtime.tripwire.is_armed = True
        self._n_actions += 1
        judge = self._host.runtime.judge
        if self._judging is not None and judge is not None and judge.is_on_this_machine:
            self._judging.cancel()
        try:
            yield
        finally:
            self._n_actions -= 1
            self._wake()

    async def aclose(self) -> None:
        """Let go of the call under way, see it booked, and begin no other."""
        self._n_actions += 1
        if self._judging is not None:
            self._judging.cancel()
            await asyncio.wait({self._judging}, timeout=_ENDS_IN_S)

    def _wake(self) -> None:
        is_judging = self._judging is not None and not self._judging.done()
        if not self._n_actions and not is_judging and self._host.runtime.tripwire.n_waiting:
            self._judging = self._begin(self._judge())
            # One that let go may end after the action for which it did.
            self._judging.add_done_callback(lambda _: self._wake())

    async def _judge(self) -> None:
        while not self._n_actions:
            sample = self._host.runtime.tripwire.take()
            if sample is None:
                return
            await self._judge_one(sample)

    async def _judge_one(self, sample: Sample) -> None:
        runtime = self._host.runtime
        try:
            judgement = await judge_sample(runtime, sample)
        except asyncio.CancelledError:
            runtime.tripwire.give_back(sample)
            raise
        if judgement.event is not None:
            await runtime.learn_outcomes()
            await self._tell(judgement)

    async def _tell(self, judgement: Judgement) -> None:
        words = words_of_event(judgement)
        if words is not None:
            is_bad = judgement.event == "raised"
            tell(self._wire, words, types.MessageType.Warning if is_bad else types.MessageType.Info)
        self._changed()
        runtime = self._host.runtime
        url = runtime.config.tripwire.webhook
        if url is not None:
            problem = await self._webhook.send(await runtime.egress(), url, judgement)
            if problem is not None:
                tell(self._wire, problem, types.MessageType.Warning)
