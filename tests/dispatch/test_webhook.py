"""The webhook of the tripwire against real addresses: what it sends, and every way an address can fail to take it."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from typing import Any, cast

import pytest

from servers.http_wire import Listener, Request, Responder
from tierwise.backends.registry import open_egress
from tierwise.dispatch.tripwire import Sample
from tierwise.dispatch.tripwire_judging import Judgement
from tierwise.dispatch.tripwire_telling import Webhook, words_of_event
from tierwise.routing.tripwire import CellState, TripwireCell

CELL = TripwireCell("do", "python", "near/small")
OTHER = TripwireCell("refactor", "python", "near/small")
STATE = CellState(judge="far/large", n_usual=200, n_usual_apart=10, n_lately=20, n_lately_apart=9, raised_us=1)
CODE = "def secret_code(): ..."
TOKEN = "token=xyz"


def judgement() -> Judgement:
    """An alarm with a second cell; the sample holds code."""
    sample = Sample(cell=CELL, prepared=cast(Any, CODE), workspace=cast(Any, CODE), made=None)
    return Judgement(sample=sample, compared="apart", why="", event="raised", state=STATE, others=((OTHER, STATE),))


async def sent(
    serve: Callable[..., Awaitable[None]], longest_s: float = 30.0
) -> tuple[list[str | None], list[Request]]:
    """What is said of two alarms in a row, and what arrived."""
    heard: list[Request] = []

    async def answer(request: Request, reader: asyncio.StreamReader, out: Responder) -> None:
        heard.append(request)
        await serve(request, reader, out)

    hook, egress = Webhook(longest_s), open_egress()
    async with Listener(answer) as listener, asyncio.timeout(60):
        url = f"{listener.url}/hook?{TOKEN}"
        said = [await hook.send(egress, url, judgement()) for _ in range(2)]
    return said, heard


async def _takes(request: Request, reader: asyncio.StreamReader, out: Responder) -> None:
    del request, reader
    await out.document(204, {})


async def _fails(request: Request, reader: asyncio.StreamReader, out: Responder) -> None:
    del request, reader
    await out.document(500, {"error": "no"})


async def _moves(request: Request, reader: asyncio.StreamReader, out: Responder) -> None:
    del request, reader
    await out.whole(307, b"", {"Location": "http://127.0.0.1:9/else"})


async def _is_silent(request: Request, reader: asyncio.StreamReader, out: Responder) -> None:
    del request, out
    await reader.read()


async def _trickles(request: Request, reader: asyncio.StreamReader, out: Responder) -> None:
    del request
    await out.raw(b"HTTP/1.1 200 OK\r\nX: ")
    while not reader.at_eof():
        await out.raw(b"x")
        try:
            async with asyncio.timeout(0.02):
                await reader.read(1)
        except TimeoutError:
            continue


async def _hangs_up(request: Request, reader: asyncio.StreamReader, out: Responder) -> None:
    del request, reader
    out.reset()
    out.must_close = True


async def test_every_raised_cell_is_sent_with_figures_and_no_code() -> None:
    said, heard = await sent(_takes)
    assert said == [None, None]
    documents = [json.loads(request.content) for request in heard]
    assert [document["cell"] for document in documents] == [str(CELL), str(OTHER)] * 2
    assert {document["event"] for document in documents} == {"raised"}
    assert documents[0]["lateDisagreement"] == pytest.approx(0.45)
    for request in heard:
        assert (request.method, request.path) == ("POST", f"/hook?{TOKEN}")
        assert b"secret_code" not in request.content
        assert "authorization" not in request.headers
        assert len(request.content) < 1000


@pytest.mark.parametrize(
    ("serve", "words"),
    [(_fails, "500"), (_moves, "307"), (_hangs_up, "broke off"), (_is_silent, "took over"), (_trickles, "took over")],
    ids=["500", "redirect", "reset", "silent", "trickle"],
)
async def test_an_address_that_fails_is_said_once_in_a_bounded_time(
    serve: Callable[..., Awaitable[None]], words: str
) -> None:
    (first, second), heard = await sent(serve, longest_s=0.5 if words == "took over" else 30.0)
    assert first is not None
    assert words in first
    assert "tripwire.webhook" in first
    assert TOKEN not in first, "what the user put into the address may be a key"
    assert second is None
    assert len(heard) == 2, "the second cell is not tried where the first failed"


async def test_an_address_where_nobody_is() -> None:
    async with Listener(_takes) as listener:
        url = listener.url
    said = await Webhook().send(open_egress(), url, judgement())
    assert said is not None
    assert "check tripwire.webhook" in said


def test_the_editor_names_all_cells_that_were_raised_together() -> None:
    words = words_of_event(judgement())
    assert words is not None
    assert "'near/small' on 'do' in python came to disagree" in words
    assert "'refactor' in python" in words
