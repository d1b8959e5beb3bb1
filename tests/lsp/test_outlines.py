"""Symbols belong to exactly one text, are looked for once, and never in the loop's way when that takes long."""

import asyncio
import threading

from tierwise.lsp.outlines import SMALL_CHARS, Outlines
from tierwise.syntax.outline import Symbol
from tierwise.text import Snapshot

BIG = "x" * (SMALL_CHARS + 1)


class Search:
    """Finds nothing, counts how often and on which thread."""

    def __init__(self) -> None:
        self.texts: list[str] = []
        self.threads: set[int] = set()
        self.has_run = threading.Event()

    def __call__(self, text: str, language: str) -> tuple[Symbol, ...]:
        self.texts.append(text)
        self.threads.add(threading.get_ident())
        self.has_run.set()
        return ()


def snapshot(text: str) -> Snapshot:
    """A document."""
    return Snapshot(uri="file:///a", text=text, language="python", version=1)


async def test_small_documents_are_searched_at_once_and_once() -> None:
    search = Search()
    outlines, document = Outlines(search), snapshot("x")
    assert outlines.ready(document) == ()
    assert outlines.ready(document) == ()
    assert search.threads == {threading.get_ident()}
    assert len(search.texts) == 1
    assert outlines.ready(snapshot("x")) == ()
    assert len(search.texts) == 2


async def test_large_documents_are_searched_elsewhere_once_for_all_who_wait() -> None:
    search = Search()
    outlines, document = Outlines(search), snapshot(BIG)
    assert outlines.ready(document) is None
    assert await asyncio.gather(*(outlines.wait(document) for _ in range(5))) == [()] * 5
    assert outlines.ready(document) == ()
    assert len(search.texts) == 1
    assert threading.get_ident() not in search.threads


async def test_giving_up_waiting_does_not_stop_the_search_for_others() -> None:
    search = Search()
    outlines, document = Outlines(search), snapshot(BIG)
    impatient = asyncio.create_task(outlines.wait(document))
    await asyncio.sleep(0)
    impatient.cancel()
    assert await outlines.wait(document) == ()
    assert len(search.texts) == 1


async def test_a_change_starts_one_search_after_a_pause() -> None:
    search = Search()
    outlines, document = Outlines(search), snapshot(BIG)
    for _ in range(20):
        outlines.changed(document.uri, lambda _: document)
    assert search.texts == []
    await asyncio.to_thread(search.has_run.wait, 10)
    assert await outlines.wait(document) == ()
    assert len(search.texts) == 1


async def test_a_closed_document_is_forgotten() -> None:
    search = Search()
    outlines, document = Outlines(search), snapshot("x")
    outlines.changed(document.uri, lambda _: document)
    outlines.ready(document)
    outlines.forget(document.uri)
    outlines.ready(document)
    assert len(search.texts) == 2
