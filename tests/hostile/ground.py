"""Where hostile repositories are opened: surroundings, models, and one server whose every deed is on record."""

import asyncio
import contextlib
import socket
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from e2e.models import CONFIG
from hostile.making import SECRET, Surroundings
from servers.fault import FaultServer
from servers.scenarios import Book, Call

EXTRA = "[checks]\nallow_running_tests = 'sandbox'\n[limits]\nmax_attempts = 1\n"
DOCUMENTED = (
    '```python\ndef area(radius):\n    """Return the area of a circle."""\n    return math.pi * radius * radius\n```\n'
)
TESTS = (
    "```python\nfrom app import area\n\n\ndef test_area():\n    assert 3 < area(1) < 4\n    assert area(0) == 0\n```\n"
)


def answered(call: Call) -> str:
    """What a good model says to whatever it is asked."""
    return TESTS if "pytest" in call.messages[-1]["content"] else DOCUMENTED


class Canary:
    """A server that nobody has a reason to talk to; it counts who does."""

    def __init__(self) -> None:
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.port = self._listening.getsockname()[1]
        self.n_calls = 0
        self._thread = threading.Thread(target=self._listen, daemon=True)
        self._thread.start()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        # Closing alone does not wake who is waiting for a call.
        with contextlib.suppress(OSError):
            self._listening.shutdown(socket.SHUT_RDWR)
        self._thread.join(10)
        self._listening.close()

    def _listen(self) -> None:
        while True:
            try:
                caller, _ = self._listening.accept()
            except OSError:
                return
            self.n_calls += 1
            caller.close()


@dataclass(frozen=True)
class Ground:
    """Everything around the repositories."""

    around: Surroundings
    canary: Canary
    book: Book
    config: str
    model_address: str
    """The only one that may be talked to."""


@contextlib.contextmanager
def ground(folder: Path) -> Iterator[Ground]:
    """Lay it out, with the user's models behind a real socket."""
    with Canary() as canary, served() as server:
        around = Surroundings(
            marks=folder / "marks",
            url=f"http://127.0.0.1:{canary.port}",
            outside=folder / "outside",
            home=folder / "window-home",
        )
        for place in (around.marks, around.outside, around.home):
            place.mkdir()
        (around.outside / "secret.py").write_text(f"token = {SECRET!r}\n\n\ndef api(key={SECRET!r}): ...\n")
        (around.outside / "secret.toml").write_text(f"[lint]\nselect = ['{SECRET}']\n")
        config = f"{CONFIG.format(url=server.openai_url)}{EXTRA}"
        yield Ground(around, canary, server.book, config, server.openai_url.split("/")[2])


@contextlib.contextmanager
def served() -> Iterator[FaultServer]:
    """A model server in a thread of its own."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    server = FaultServer(Book(reply=answered))
    asyncio.run_coroutine_threadsafe(server.__aenter__(), loop).result(30)
    try:
        yield server
    finally:
        asyncio.run_coroutine_threadsafe(server.__aexit__(None, None, None), loop).result(30)
        loop.call_soon_threadsafe(loop.stop)
        thread.join(30)
        loop.close()
