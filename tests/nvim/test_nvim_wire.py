"""What the user of Neovim is told when models cannot be asked, and what becomes of the connection."""

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from nvim.setting_up import Case, run_nvim
from servers.far import far_config
from servers.fault import FaultServer
from servers.scenarios import Book, Scenario

pytestmark = pytest.mark.nvim


@contextmanager
def serving(book: Book) -> Iterator[str]:
    """A model server in a thread of its own; its address."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    server = FaultServer(book)
    try:
        asyncio.run_coroutine_threadsafe(server.__aenter__(), loop).result(30)
        yield server.openai_url
        asyncio.run_coroutine_threadsafe(server.__aexit__(None, None, None), loop).result(30)
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()


def test_cancel_closes_the_connection(tmp_path: Path) -> None:
    book = Book(default=Scenario(fault="stall", delay_s=120, reply="word " * 200))
    with serving(book) as url:
        run_nvim(tmp_path, "wire", Case(config=far_config(url, "FAR_KEY"), env={"FAR_KEY": "right"}))
        (call,) = book.chats
        assert call.has_closed_early


def test_wrong_key_gives_its_sentence(tmp_path: Path) -> None:
    book = Book(key="right")
    with serving(book) as url:
        run_nvim(tmp_path, "wrong_key", Case(config=far_config(url, "FAR_KEY"), env={"FAR_KEY": "wrong"}))


def test_no_model_gives_its_sentence(tmp_path: Path) -> None:
    config = "[tiers.local]\nenabled = false\n[tiers.bulk]\nenabled = false\n[tiers.top]\nenabled = false\n"
    run_nvim(tmp_path, "no_model", Case(config=config))
