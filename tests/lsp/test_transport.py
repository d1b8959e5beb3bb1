"""Reading and writing never wait for each other, nor the event loop for either."""

import asyncio
import io
import os
import threading

from tierwise.lsp.frames import Oversized, encode_frame
from tierwise.lsp.transport import Inbox, Outbox


class SlowReader:
    """The other end of a pipe that reads only when told to."""

    def __init__(self) -> None:
        self.may_write = threading.Event()
        self.written = bytearray()

    def write(self, frame: bytes, /) -> object:
        self.may_write.wait(10)
        self.written += frame
        return len(frame)

    def flush(self) -> None:
        """Nothing is held back."""


class Gone(SlowReader):
    """The other end after it has been closed."""

    def write(self, frame: bytes, /) -> object:
        raise BrokenPipeError


def test_a_client_that_does_not_read_costs_memory_up_to_a_bound_and_no_time() -> None:
    sink = SlowReader()
    outbox = Outbox(sink, on_broken=lambda: None, high_water_bytes=10_000)
    outbox.start()
    for _ in range(100):
        outbox.put(b"x" * 1000, may_be_dropped=True)
    outbox.put(b"last")
    waiting = threading.Thread(target=outbox.wait_for_room)
    waiting.start()
    assert waiting.is_alive()
    sink.may_write.set()
    waiting.join(10)
    outbox.close(10)
    assert not waiting.is_alive()
    assert len(sink.written) < 15_000
    assert sink.written.endswith(encode_frame(b"last"))


def test_the_end_of_the_other_end_is_noticed_once() -> None:
    n_calls = 0
    noticed = threading.Event()

    def gone() -> None:
        nonlocal n_calls
        n_calls += 1
        noticed.set()

    outbox = Outbox(Gone(), on_broken=gone)
    outbox.start()
    outbox.put(b"a")
    outbox.put(b"b")
    assert noticed.wait(10)
    outbox.put(b"c")
    outbox.close(10)
    assert n_calls == 1


async def test_frames_arrive_in_order_and_the_end_last() -> None:
    bodies = [b"%d" % number for number in range(2000)]
    source = io.BufferedReader(io.BytesIO(b"".join(map(encode_frame, bodies))))
    got: list[bytes | Oversized] = []
    ended = asyncio.Event()
    Inbox(source, Outbox(SlowReader(), lambda: None), got.append, ended.set).start()
    await asyncio.wait_for(ended.wait(), 10)
    assert got == bodies


async def test_a_busy_thread_pool_does_not_keep_messages_out() -> None:
    read_end, write_end = os.pipe()
    release = threading.Event()
    loop = asyncio.get_running_loop()
    busy = [loop.run_in_executor(None, release.wait, 10) for _ in range(64)]
    got = asyncio.Event()
    with os.fdopen(read_end, "rb") as source, os.fdopen(write_end, "wb") as sink:
        ended = asyncio.Event()
        Inbox(source, Outbox(SlowReader(), lambda: None), lambda _: got.set(), ended.set).start()
        sink.write(encode_frame(b"{}"))
        sink.flush()
        await asyncio.wait_for(got.wait(), 5)
        sink.close()
        await asyncio.wait_for(ended.wait(), 5)
    release.set()
    await asyncio.gather(*busy)
