"""The embedded backend: a llama-server child per model, started at the first call and ended when idle."""

import asyncio
import importlib
import re
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from tierwise.backends.base import BackendError, ChatRequest, Completion, FailureKind, Health, Outgoing
from tierwise.backends.clocks import RunningClocks
from tierwise.backends.door import Door
from tierwise.backends.draft import Draft
from tierwise.backends.egress import Egress
from tierwise.backends.failures import Site
from tierwise.backends.hub import fetch, find_fetched, models_folder
from tierwise.backends.llamacpp_files import Program, find_model, find_program, n_threads
from tierwise.backends.llamacpp_process import Launch, LlamaProcess
from tierwise.backends.openai_quirks import CHAT_PATH, Quirks
from tierwise.backends.options import LlamaCppOptions
from tierwise.backends.origins import Origin
from tierwise.backends.turns import Turns
from tierwise.backends.wire import EVENT_STREAM

if TYPE_CHECKING:
    from tierwise.backends.openai_chat import ChatClient

SITE = Site(
    name="llama-server",
    when_down="it ended unexpectedly and is started again with the next request",
    when_key_refused="another program has taken its port, try again",
    when_model_missing="name another one in the configuration",
)
SLOW_START = "{model!r} is still being loaded or, the first time, fetched: try again soon"


class ChildGone(BackendError):
    """The child has ended since the last call; another is started in its place."""


class RunningModel:
    """A child that serves one model, and who uses it."""

    def __init__(
        self, launch: Callable[[], Awaitable[Launch]], egress: Egress, connect_s: float, n_concurrent: int
    ) -> None:
        self._launch = launch
        self._egress = egress
        self._process: LlamaProcess | None = None
        self._connect_s = connect_s
        self._client: ChatClient | None = None
        self._starting = asyncio.create_task(self._start())
        self._starting.add_done_callback(lambda task: task.cancelled() or task.exception())
        self.turns = Turns(n_concurrent, SITE.name)
        self.n_users = 0
        self.is_lost = False
        """Whether its address was found dead."""
        self.idle: asyncio.TimerHandle | None = None

    @property
    def is_usable(self) -> bool:
        """Whether it serves or is about to."""
        if self.is_lost:
            return False
        if not self._starting.done():
            return True
        return self._client is not None and self._process is not None and self._process.is_running

    @property
    def is_ready(self) -> bool:
        """Whether it serves now."""
        return self._starting.done() and self.is_usable

    async def client(self) -> "ChatClient":
        """Wait until it serves. A caller that gives up waiting does not stop it from starting."""
        return await asyncio.shield(self._starting)

    async def stop(self) -> None:
        """End the child; it is gone when this returns."""
        if self.idle is not None:
            self.idle.cancel()
        self._starting.cancel()
        await asyncio.wait((self._starting,))
        if self._client is not None:
            await self._client.aclose()
        if self._process is not None:
            await self._process.stop()

    async def _start(self) -> "ChatClient":
        self._process = process = LlamaProcess(await self._launch(), self._egress)
        await process.start()
        door = Door(
            origin=Origin.of(process.base_url),
            site=SITE,
            key=process.key,
            chat_path=CHAT_PATH,
            stream_types=EVENT_STREAM,
        )
        # The SDK is imported when a child is there to be asked: most windows only look whether there could be one.
        chat = await asyncio.to_thread(importlib.import_module, "tierwise.backends.openai_chat")
        self._client = chat.ChatClient(self._egress.open(door), process.base_url, self._connect_s, Quirks())
        return self._client


class LlamaCppBackend:
    """Runs models itself. One at a time stays in memory, more only while several are in use."""

    def __init__(self, options: LlamaCppOptions, log_dir: Path | None, egress: Egress) -> None:
        self._options = options
        self._egress = egress
        self._log_dir = log_dir
        self._models: dict[str, RunningModel] = {}
        self._stopping: set[asyncio.Task[None]] = set()
        self._changing = asyncio.Lock()

    async def complete(self, request: ChatRequest, on_text: Callable[[str], None]) -> Completion:
        """Stream one reply, after starting the server if need be. Raises BackendError."""
        clocks = RunningClocks(self._options.clocks, request.deadline_s, SITE.name)
        draft = Draft(request, clocks, on_text, SITE.name)
        with draft.accounted():
            async with clocks:
                clocks.start()
                try:
                    await self._stream(request, draft, clocks)
                except ChildGone:
                    await self._stream(request, draft, clocks)
            return draft.completion()

    def outgoing(self, request: ChatRequest) -> Outgoing:
        """What `complete` would send; the child that gets it has no address before it runs."""
        return Outgoing(url=f"http://127.0.0.1/v1{CHAT_PATH}", body=Quirks().body(request), is_on_this_machine=True)

    async def probe(self, models: tuple[str, ...] = ()) -> Health:
        """Look for the program and the models' files; nothing is started."""
        try:
            program = find_program(self._options.binary)
        except BackendError as err:
            return Health(is_reachable=False, words=err.words, failure=err.kind)
        to_fetch, missing = set[str](), dict[str, str]()
        for model in models:
            try:
                if self._has_to_fetch(program, find_model(model)):
                    to_fetch.add(model)
            except BackendError as err:
                missing[model] = err.words
        windows = dict.fromkeys(models, self._options.window)
        return Health(is_reachable=True, windows=windows, to_fetch=frozenset(to_fetch), missing=missing)

    async def aclose(self) -> None:
        """End all children; they are gone when this returns."""
        async with self._changing:
            for model in list(self._models):
                self._retire(model)
        if self._stopping:
            await asyncio.wait(self._stopping)

    async def _stream(self, request: ChatRequest, draft: Draft, clocks: RunningClocks) -> None:
        async with self._using(request.model) as running:
            try:
                client = await running.client()
                async with running.turns.one():
                    await client.stream(request, draft, clocks)
            except asyncio.CancelledError:
                if not running.is_ready:
                    clocks.explain(
                        f"{request.model!r} is still being loaded or, the first time, fetched: try again soon"
                    )
                raise
            except BackendError as err:
                if err.kind is FailureKind.REFUSED:
                    running.is_lost = True
                    raise ChildGone(err.kind, err.words) from err
                raise

    @asynccontextmanager
    async def _using(self, model: str) -> AsyncIterator[RunningModel]:
        async with self._changing:
            running = self._models.get(model)
            if running is None or not running.is_usable:
                running = await self._start(model)
            running.n_users += 1
            if running.idle is not None:
                running.idle.cancel()
        try:
            yield running
        finally:
            running.n_users -= 1
            if not running.n_users and self._options.idle_shutdown_s:
                loop = asyncio.get_running_loop()
                running.idle = loop.call_later(self._options.idle_shutdown_s, self._retire_idle, model, running)

    async def _start(self, model: str) -> RunningModel:
        program, source = find_program(self._options.binary), find_model(model)
        unused = [name for name, other in self._models.items() if name == model or not other.n_users]
        for stopping in [self._retire(name) for name in unused]:
            await asyncio.shield(stopping)

        async def launch() -> Launch:
            return Launch(
                model=model,
                command=command_for(program, model, await self._fetched(program, source), self._options),
                environment=program.environment() | {"MODEL_ENDPOINT": self._options.hub},
                log=None if self._log_dir is None else self._log_dir / log_name(model),
                timeout_s=self._options.start_timeout_s,
            )

        running = RunningModel(launch, self._egress, self._options.connect_timeout_s, self._options.n_concurrent)
        self._models[model] = running
        return running

    async def _fetched(self, program: Program, source: Path | str) -> Path | str:
        if isinstance(source, Path) or program.can_fetch:
            return source
        self._has_to_fetch(program, source)
        return await fetch(source, models_folder(), self._options.hub, self._egress)

    def _has_to_fetch(self, program: Program, source: Path | str) -> bool:
        """Whether a model is still at the hub; raises BackendError where it may not be fetched.

        What a program that fetches by itself has is for that program to know.
        """
        if isinstance(source, Path) or program.can_fetch or find_fetched(source, models_folder()) is not None:
            return False
        if self._options.offline:
            words = f"{source!r} was never fetched and this backend is set to be offline: name a .gguf file instead"
            raise BackendError(FailureKind.NO_MODEL, words)
        return True

    def _retire_idle(self, model: str, running: RunningModel) -> None:
        if not running.n_users and self._models.get(model) is running:
            self._retire(model)

    def _retire(self, model: str) -> "asyncio.Task[None]":
        # A task of its own, so that a caller who is cancelled leaves no half-stopped child behind.
        task = asyncio.create_task(self._models.pop(model).stop())
        self._stopping.add(task)
        task.add_done_callback(self._stopping.discard)
        return task


def command_for(program: Program, model: str, source: Path | str, options: LlamaCppOptions) -> tuple[str, ...]:
    """The command line that serves a model from its file, or from the hub by its name there."""
    is_file = isinstance(source, Path)
    offline = ("--offline",) if options.offline or is_file else ()
    n_slots = options.n_concurrent
    return (
        *(str(program.path), "--host", "127.0.0.1", "--port", "0", "--no-webui"),
        *("-np", str(n_slots), "-c", str(options.window * n_slots), "-t", str(n_threads(options))),
        *("-a", model, "-m" if is_file else "-hf", str(source), *offline),
    )


def log_name(model: str) -> str:
    """The file a model's server writes its log to; one per model, written anew at each start."""
    return f"llama-server-{re.sub(r'[^A-Za-z0-9]+', '-', model)[-60:]}.log"
