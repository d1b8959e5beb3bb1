"""The progress bar of one action, and the cancel button on it."""

import asyncio
import itertools
import logging
import time
from collections.abc import Callable
from typing import Any, Protocol

from lsprotocol import types
from pygls.exceptions import JsonRpcException

from tierwise.actions import Action, Site, fix_diagnostic
from tierwise.dispatch import Progress, Task
from tierwise.syntax.outline import Symbol

logger = logging.getLogger(__name__)

_INTERVAL_S = 0.1
"""At most one report in this time; a model that writes fast would flood the client otherwise."""
_CLOCK_S = 1.0
"""How often the bar says how long the work takes while there is nothing else to say."""
_CREATE_TIMEOUT_S = 5.0
_numbers = itertools.count(1)


class Wire(Protocol):
    """The part of the protocol that progress needs."""

    def notify(self, method: str, params: Any = None) -> None:
        """Send a notification."""
        ...

    async def ask(self, method: str, params: Any, timeout_s: float = ...) -> Any:
        """Send a request and wait for the answer."""
        ...


def title_of(action: Action, task: Task, symbols: tuple[Symbol, ...] | None) -> str:
    """The menu's words for what is done now; with `symbols` None it is not known yet to what."""
    site = Site(snapshot=task.snapshot, symbols=symbols or (), selection=task.selection, diagnostics=task.diagnostics)
    if action.is_quick_fix and task.diagnostics:
        return action.title_for(fix_diagnostic.target_of(site, task.diagnostics[0]))
    target = None if symbols is None else action.find_target(site)
    return action.title.replace("{target}", "…") if target is None else action.title_for(target)


def words_of(progress: Progress, seconds: float) -> str:
    """One report as the bar shows it: `glm-5.1, 96 tokens so far · 4 s · bulk: ordinary work starts on bulk`."""
    parts = [progress.message]
    if 1 <= seconds:
        parts.append(f"{int(seconds)} s")
    if progress.tier is not None and progress.why and progress.why not in progress.message:
        parts.append(f"{progress.tier}: {progress.why}")
    return " · ".join(parts)


class ProgressBars:
    """The bars that are shown now, by token, so that their cancel buttons find the work."""

    def __init__(self) -> None:
        self._cancels: dict[types.ProgressToken, Callable[[], object]] = {}

    def add(self, token: types.ProgressToken, cancel: Callable[[], object]) -> None:
        """Remember a bar."""
        self._cancels[token] = cancel

    def remove(self, token: types.ProgressToken) -> None:
        """Forget a bar that has ended."""
        self._cancels.pop(token, None)

    def cancel(self, token: types.ProgressToken) -> None:
        """The user pressed the button; a bar that has ended already is not an error."""
        if (cancel := self._cancels.get(token)) is not None:
            cancel()

    def __len__(self) -> int:
        return len(self._cancels)


class ActionProgress:
    """One bar. Reports that come before the client has it are kept, the newest wins."""

    def __init__(
        self, wire: Wire, bars: ProgressBars, title: str, token: types.ProgressToken | None, *, can_create: bool
    ) -> None:
        """`token` is the client's; without one a bar is created if the client can show it."""
        self._wire = wire
        self._bars = bars
        self._title = title
        self._token = token
        self._can_create = can_create
        self._is_begun = self._is_over = False
        self._percentage = 0
        self._newest: Progress | None = None
        self._shown: Progress | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._clock: asyncio.TimerHandle | None = None
        self._started = time.monotonic()
        self._creation: asyncio.Task[None] | None = None

    def begin(self, cancel: Callable[[], object]) -> None:
        """Show the bar; `cancel` is called when the user presses its button."""
        self._started = time.monotonic()
        if self._token is not None:
            self._show(self._token, cancel)
        elif self._can_create:
            self._creation = asyncio.create_task(self._create(cancel))

    def report(self, progress: Progress) -> None:
        """Show how far the work is; cheap enough for every token."""
        self._newest = progress
        if self._is_begun and self._timer is None and not self._is_over:
            self._send_newest()
            self._timer = asyncio.get_running_loop().call_later(_INTERVAL_S, self._tick)

    def end(self, message: str) -> None:
        """Take the bar away; one that the client has not made yet is never shown."""
        if self._creation is not None:
            self._creation.cancel()
        self._is_over = True
        for timer in (self._timer, self._clock):
            if timer is not None:
                timer.cancel()
        if self._is_begun and self._token is not None:
            self._send(types.WorkDoneProgressEnd(message=message))
            self._bars.remove(self._token)

    async def _create(self, cancel: Callable[[], object]) -> None:
        token = f"tierwise-{next(_numbers)}"
        params = types.WorkDoneProgressCreateParams(token=token)
        try:
            await self._wire.ask(types.WINDOW_WORK_DONE_PROGRESS_CREATE, params, _CREATE_TIMEOUT_S)
        except (JsonRpcException, TimeoutError):
            logger.info("the client did not create a progress bar")
            return
        self._show(token, cancel)
        if self._newest is not None:
            self.report(self._newest)

    def _show(self, token: types.ProgressToken, cancel: Callable[[], object]) -> None:
        self._token, self._is_begun = token, True
        self._bars.add(token, cancel)
        self._send(types.WorkDoneProgressBegin(title=self._title, cancellable=True, percentage=0))
        self._clock = asyncio.get_running_loop().call_later(_CLOCK_S, self._second)

    def _second(self) -> None:
        """Say the newest again with the time it takes, also where nothing comes from the model."""
        self._clock = asyncio.get_running_loop().call_later(_CLOCK_S, self._second)
        if self._newest is None and self._shown is not None:
            self.report(self._shown)

    def _tick(self) -> None:
        self._timer = None
        if self._newest is not None:
            self.report(self._newest)

    def _send_newest(self) -> None:
        newest, self._newest = self._newest, None
        if newest is not None:
            self._shown = newest
            # The protocol wants a figure that never falls, and an escalation starts again at nothing.
            self._percentage = max(self._percentage, newest.percentage or 0)
            words = words_of(newest, time.monotonic() - self._started)
            self._send(types.WorkDoneProgressReport(message=words, percentage=self._percentage))

    def _send(self, value: Any) -> None:
        self._wire.notify(types.PROGRESS, types.ProgressParams(token=self._token or "", value=value))
