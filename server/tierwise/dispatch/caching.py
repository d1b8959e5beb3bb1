"""Answers that were given before: what they are known by, and how they are kept. Nothing of it stops an action."""

import asyncio
import contextlib
import logging
import math
import time
from collections import OrderedDict
from collections.abc import Callable, Iterable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import timedelta
from functools import lru_cache
from hashlib import blake2b
from pathlib import Path
from typing import TypeVar

from tierwise.backends.base import ChatRequest
from tierwise.backends.options import AnyBackendOptions, ScriptedOptions
from tierwise.config.cache_options import CacheOptions
from tierwise.dispatch.prompt import PROMPT_VERSION
from tierwise.dispatch.turns import Turns, leased
from tierwise.edits import ReplyFormat
from tierwise.store.cache import ReplyCache
from tierwise.store.cache_errors import CacheError
from tierwise.store.cache_rows import Kept

_LOG = logging.getLogger(__name__)
_KEY_VERSION = "1"
_LOCKED_FOR_S = 30.0
"""A file that another program has locked is left alone for so long."""
_MOST_SERVED = 500
T = TypeVar("T")


def digest_of(parts: Iterable[str]) -> bytes:
    """A hash of texts in their order, in which no two lists of texts are alike."""
    digest = blake2b(digest_size=32)
    for part in parts:
        raw = part.encode("utf-8", "surrogatepass")
        digest.update(len(raw).to_bytes(8, "big"))
        digest.update(raw)
    return digest.digest()


def scope_of(root: Path) -> bytes:
    """Whose answers these are: of one folder of one user, since the file is the user's."""
    return digest_of(("scope", str(root)))


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """All that an answer depends on."""

    scope: bytes
    action: str
    path: str
    """The file the answer is about, relative to the workspace's folder."""
    target: str
    """Address and model of the server."""
    options: AnyBackendOptions | None
    """How that server is asked."""
    form: ReplyFormat
    request: ChatRequest
    """The prompt: instructions, example, what is shown of the project with its rules, the target, the instruction."""
    version: str = PROMPT_VERSION
    """Of the prompts' wording and of what is read out of an answer."""

    @property
    def key(self) -> bytes:
        """What the answer is known by. Limits on time and length are no part of it: the answer came within them."""
        request = self.request
        messages = [text for message in request.messages for text in (message.role, message.content)]
        return digest_of(
            (
                _KEY_VERSION,
                self.version,
                self.scope.hex(),
                self.action,
                self.path,
                self.target,
                _settings_of(self.options),
                self.form.value,
                request.model,
                f"{request.temperature} {request.schema}",
                *messages,
            )
        )


def _settings_of(options: AnyBackendOptions | None) -> str:
    """A backend's settings; its key is none of them."""
    if options is None:
        return ""
    words = options.model_dump_json()
    if isinstance(options, ScriptedOptions):
        # The script is the model here, and another script is another model.
        with contextlib.suppress(OSError):
            script = Path(options.script).expanduser()
            status = script.stat()
            words += _text_of(script, status.st_mtime_ns, status.st_size)
    return words


@lru_cache(maxsize=4)
def _text_of(script: Path, _changed_ns: int, _n_bytes: int) -> str:
    """What a file holds; read anew when it has changed. Raises OSError."""
    return script.read_text("utf-8", "replace")


class Replies:
    """The answers of one runtime.

    What goes wrong with their file is told once, by `take_notice`; then the actions go on as if there were none.
    """

    def __init__(self, options: CacheOptions, path: Path | None) -> None:
        """`path` None: there is no place for a file. The file is opened when it is first used."""
        self._cache: ReplyCache | None = None
        if options.enabled and path is not None:
            days = timedelta(days=options.max_age_days)
            self._cache = ReplyCache(path, max_bytes=options.max_mb * 2**20, max_age=days)
        self._off_until = 0.0
        self._told: set[str] = set()
        self._notices: list[str] = []
        self._turns = Turns()
        self._counting: set[asyncio.Task[None]] = set()
        self._served: OrderedDict[str, tuple[bytes, bytes]] = OrderedDict()
        self.on_forget: Callable[[bytes], None] = lambda _: None
        """Told of every click and piece of work whose answers are forgotten, for those who keep them elsewhere too."""

    @property
    def is_on(self) -> bool:
        """Whether anything is kept and served now."""
        return self._cache is not None and self._off_until <= time.monotonic()

    async def find(self, scope: bytes, piece: bytes) -> tuple[Kept, ...]:
        """What was answered to a piece of work, the newest first."""
        return await self._ask(lambda cache: cache.find(scope, piece), ())

    async def keep(self, kept: Kept) -> None:
        """Keep an answer that passed its checks."""
        await self._ask(lambda cache: cache.put(kept), False)

    def note_hit(self, key: bytes) -> None:
        """Count that an answer was served, after it is: nobody waits for that."""
        task = asyncio.get_running_loop().create_task(self._ask(lambda cache: cache.note_hit(key), None))
        self._counting.add(task)
        task.add_done_callback(self._counting.discard)

    async def drop(self, key: bytes) -> None:
        """Forget one answer."""
        await self._ask(lambda cache: cache.drop(key), None)

    async def forget(self, scope: bytes, task: bytes) -> None:
        """Forget every answer to a click, or to a piece of work."""
        self.on_forget(task)
        await self._ask(lambda cache: cache.forget(scope, task), 0)

    def note_action(self, action_key: str, scope: bytes, task: bytes) -> None:
        """Remember which click an action was, in case the user takes its edit back."""
        if self._cache is None or not action_key:
            return
        self._served[action_key] = (scope, task)
        while _MOST_SERVED < len(self._served):
            self._served.popitem(last=False)

    async def undone(self, action_key: str) -> None:
        """The user took the edit of an action back: its answers are not served again."""
        found = self._served.pop(action_key, None)
        if found is not None:
            await self.forget(*found)

    def take_notice(self) -> tuple[str, ...]:
        """What the user should be told of the file, each sentence once."""
        notices, self._notices = tuple(self._notices), []
        return notices

    def alone(self, piece: bytes, longest_s: float, wait: Callable[[], None]) -> AbstractAsyncContextManager[None]:
        """Do a piece of work when nobody else in this window is at it; see `Turns.alone`."""
        return self._turns.alone(piece, longest_s, wait)

    def leased(
        self, scope: bytes, piece: bytes, left_s: float, wait: Callable[[], None]
    ) -> AbstractAsyncContextManager[None]:
        """Do a piece of work when no other window is at it; see `dispatch.turns.leased`. Never fails."""

        async def take() -> bytes | None:
            return await self._ask(lambda cache: cache.take_lease(scope, piece, left_s), b"")

        async def give_back(token: bytes) -> None:
            await self._ask(lambda cache: cache.give_back_lease(scope, piece, token), None)

        return leased(take, give_back, left_s / 2, wait)

    async def aclose(self) -> None:
        """Close the file, after what is still being written to it."""
        if self._counting:
            await asyncio.wait(self._counting)
        if self._cache is not None:
            await asyncio.to_thread(self._cache.close)

    async def _ask(self, call: Callable[[ReplyCache], T], otherwise: T) -> T:
        """Ask the file in a thread, or get `otherwise` when it cannot be asked."""
        if self._cache is None or not self.is_on:
            return otherwise
        try:
            return await asyncio.to_thread(call, self._cache)
        except CacheError as err:
            self._note_trouble(err)
            return otherwise

    def _note_trouble(self, err: CacheError) -> None:
        if err.code == "closed":
            return
        if err.code != "damaged":
            self._off_until = time.monotonic() + _LOCKED_FOR_S if err.code == "locked" else math.inf
        _LOG.warning("reply cache: %s", err)
        if err.code not in self._told:
            self._told.add(err.code)
            self._notices.append(err.words)
