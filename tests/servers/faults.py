"""What can be wrong with an answer, one function each, and the table of all of them."""

import asyncio
import gzip
import itertools
from collections.abc import Awaitable, Callable

from servers import endings
from servers.exchange import Exchange

DRIP_S = 0.02
GIANT_LINE = 300 * 1024
FLOOD_PIECE = 8 * 1024
HTML = b"<!doctype html><html><body><h1>Sign in</h1><form action='/login'></form></body></html>"


async def normal(x: Exchange) -> None:
    """Nothing is wrong."""
    await x.begin()
    await x.say_all()
    await x.end(x.finish, x.usage)


async def slow_first_byte(x: Exchange) -> None:
    """Not even the head comes."""
    await x.pause()
    await normal(x)


async def slow_first_token(x: Exchange) -> None:
    """The head comes, but no text."""
    await x.begin()
    await x.pause()
    await x.say_all()
    await x.end(x.finish, x.usage)


async def stall(x: Exchange) -> None:
    """Half of the text, then silence."""
    await x.begin()
    await x.say_half()
    await x.pause()


async def heartbeats(x: Exchange) -> None:
    """Signs of life for ever, no text."""
    await x.begin()
    while True:
        await x.send(x.wire.heartbeat())
        await asyncio.sleep(x.scenario.delay_s or DRIP_S)


async def stall_with_heartbeats(x: Exchange) -> None:
    """Half of the text, then signs of life for ever."""
    await x.begin()
    await x.say_half()
    while True:
        await x.send(x.wire.heartbeat())
        await asyncio.sleep(x.scenario.delay_s or DRIP_S)


async def drip(x: Exchange) -> None:
    """A token every 20 ms for ever."""
    await x.begin()
    for number in itertools.count():
        await x.say(f"t{number} ")
        await asyncio.sleep(x.scenario.delay_s or DRIP_S)


async def cut(x: Exchange) -> None:
    """An orderly end of the answer without the protocol's own end."""
    await x.begin()
    await x.say_all()
    await x.out.end()


async def done_without_finish(x: Exchange) -> None:
    """The mark of the end, but no reason."""
    await x.begin()
    await x.say_all()
    await x.end(None, x.usage)


async def finish_without_done(x: Exchange) -> None:
    """The reason, but no mark of the end. Ollama has both in one line, so there it is lost with it."""
    await x.begin()
    await x.say_all()
    if x.wire.done():
        await x.send(x.wire.ending("stop", x.usage))
    await x.out.end()


async def broken_off(x: Exchange) -> None:
    """The connection closes in the middle of the answer."""
    await x.begin()
    await x.say_half()
    x.out.must_close = True


async def reset(x: Exchange) -> None:
    """RST in the middle of a line."""
    await x.begin()
    await x.say_half()
    content = x.wire.text("never whole")
    await x.send(content[: len(content) // 2])
    x.out.reset()


async def reset_before(x: Exchange) -> None:
    """RST instead of an answer."""
    x.out.reset()


async def html(x: Exchange) -> None:
    """A sign-in page with status 200."""
    await x.out.whole(200, HTML, {"Content-Type": "text/html; charset=utf-8"})


async def html_as_stream(x: Exchange) -> None:
    """A sign-in page that claims to be a stream."""
    await x.out.whole(200, HTML + b"\n\n", {"Content-Type": x.wire.content_type})


async def document(x: Exchange) -> None:
    """One JSON document although a stream was asked for."""
    await x.out.document(200, {"choices": [], "hello": x.text})


async def broken_json(x: Exchange) -> None:
    """A line that is not JSON."""
    await x.begin()
    await x.say_half()
    await x.send(x.wire.line({"cut": 1}).replace(b"1}", b"", 1))
    await x.end(x.finish, x.usage)


async def wrong_shape(x: Exchange) -> None:
    """JSON of an unknown shape."""
    await x.begin()
    await x.send(x.wire.line({"choices": "none", "message": 7}))
    await x.end(x.finish, x.usage)


async def bad_utf8(x: Exchange) -> None:
    """A byte that is not UTF-8 inside the text."""
    await x.begin()
    await x.send(x.wire.text("caf@").replace(b"@", b"\xff"))
    await x.end(x.finish, x.usage)


async def lone_surrogate(x: Exchange) -> None:
    """Half a character, as a JSON escape."""
    await x.begin()
    await x.send(x.wire.text("half @").replace(b"@", rb"\ud800"))
    await x.end(x.finish, x.usage)


async def split_characters(x: Exchange) -> None:
    """Characters of several bytes, sent byte by byte. Nothing is wrong."""
    await x.begin()
    for byte in x.wire.text("zoë ✓ 🎉"):
        await x.send(bytes([byte]))
    await x.end(x.finish, x.usage)


async def separators(x: Exchange) -> None:
    """Characters that some programs take for the end of a line, unescaped. Nothing is wrong."""
    await x.begin()
    await x.send(x.wire.text("a#b#c").replace(b"#", "\u2028".encode(), 1).replace(b"#", "\x85".encode(), 1))
    await x.end(x.finish, x.usage)


async def giant_line(x: Exchange) -> None:
    """A line over 256 KiB."""
    await x.begin()
    await x.send(x.wire.text("y" * GIANT_LINE))
    await x.end(x.finish, x.usage)


async def endless_line(x: Exchange) -> None:
    """A line that never ends."""
    await x.begin()
    while True:
        await x.send(b"y" * FLOOD_PIECE)


async def flood(x: Exchange) -> None:
    """Text as fast as it goes, for ever."""
    await x.begin()
    for number in itertools.count():
        await x.say(f"{number:08d}" * (FLOOD_PIECE // 8))


async def compressed(x: Exchange) -> None:
    """A compressed answer, unasked."""
    content = x.wire.text(x.text) + x.wire.ending("stop", x.usage) + x.wire.done()
    headers = {"Content-Type": x.wire.content_type, "Content-Encoding": "gzip"}
    await x.out.whole(200, gzip.compress(content), headers)


async def chatter_after_end(x: Exchange) -> None:
    """The whole reply, then more bytes for ever."""
    await x.begin()
    await x.say_all()
    await x.send(x.wire.ending(x.finish, x.usage) + x.wire.done())
    while True:
        await x.send(b"more and more\n")
        await asyncio.sleep(DRIP_S)


FAULTS: dict[str, Callable[[Exchange], Awaitable[None]]] = {
    fault.__name__.replace("_", "-"): fault
    for fault in (
        normal, slow_first_byte, slow_first_token, stall, heartbeats, stall_with_heartbeats, drip,
        cut, done_without_finish, finish_without_done, broken_off, reset, reset_before,
        html, html_as_stream, document, broken_json, wrong_shape, bad_utf8, lone_surrogate, split_characters,
        separators, giant_line, endless_line, flood, compressed, chatter_after_end,
        *endings.ALL,
    )
}  # fmt: skip
