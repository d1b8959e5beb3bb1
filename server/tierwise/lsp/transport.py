"""Two threads between the event loop and a byte stream: one reads, one writes.

Neither shares a pool with anything, so slow work elsewhere delays no message, and a client that does not read what we
write holds up only the writing thread.
"""

import asyncio
import logging
import threading
from collections import deque
from collections.abc import Callable
from typing import Protocol

from tierwise.lsp.frames import ByteSource, Oversized, encode_frame, read_frame

logger = logging.getLogger(__name__)

HIGH_WATER_BYTES = 16 * 1024 * 1024
"""With more than this unread by the client, no further message of it is read and progress is left out."""
_FRAMES_AHEAD = 256


class ByteSink(Protocol):
    """What frames are written to."""

    def write(self, frame: bytes, /) -> object:
        """Take all of it, waiting as long as it takes; raises OSError when nobody can read it any more."""
        ...

    def flush(self) -> None:
        """Hand it over to the other end."""
        ...


class Outbox:
    """The writing thread and its queue."""

    def __init__(self, sink: ByteSink, on_broken: Callable[[], None], high_water_bytes: int = HIGH_WATER_BYTES) -> None:
        """`on_broken` is called from the writing thread, once, when the other end is gone."""
        self._sink = sink
        self._on_broken = on_broken
        self._high_water_bytes = high_water_bytes
        self._frames: deque[bytes] = deque()
        self._n_waiting_bytes = 0
        self._is_closing = False
        self._changed = threading.Condition()
        self._thread = threading.Thread(target=self._write_all, name="tierwise-writer", daemon=True)

    def start(self) -> None:
        """Begin to write."""
        self._thread.start()

    def put(self, body: bytes, *, may_be_dropped: bool = False) -> None:
        """Queue one message and return at once; `may_be_dropped` for what only informs."""
        frame = encode_frame(body)
        with self._changed:
            if self._is_closing or (may_be_dropped and self._high_water_bytes < self._n_waiting_bytes):
                return
            self._frames.append(frame)
            self._n_waiting_bytes += len(frame)
            self._changed.notify_all()

    def wait_for_room(self) -> None:
        """Block the calling thread while the client is far behind with reading."""
        with self._changed:
            self._changed.wait_for(lambda: self._is_closing or self._n_waiting_bytes <= self._high_water_bytes)

    def close(self, timeout_s: float) -> None:
        """Write what is queued, for at most so long, and stop."""
        with self._changed:
            self._is_closing = True
            self._changed.notify_all()
        self._thread.join(timeout_s)

    def _write_all(self) -> None:
        while (frame := self._next()) is not None:
            try:
                self._sink.write(frame)
                self._sink.flush()
            except (OSError, ValueError):
                with self._changed:
                    self._is_closing = True
                    self._frames.clear()
                    self._changed.notify_all()
                self._on_broken()
                return
            with self._changed:
                self._n_waiting_bytes -= len(frame)
                self._changed.notify_all()

    def _next(self) -> bytes | None:
        with self._changed:
            self._changed.wait_for(lambda: self._frames or self._is_closing)
            return self._frames.popleft() if self._frames else None


class Inbox:
    """The reading thread; it hands every frame to the event loop, in order."""

    def __init__(
        self,
        source: ByteSource,
        outbox: Outbox,
        on_frame: Callable[[bytes | Oversized], None],
        on_end: Callable[[], None],
    ) -> None:
        """Both callbacks run on the event loop's thread; `on_end` is the last call."""
        self._source = source
        self._outbox = outbox
        self._on_frame = on_frame
        self._on_end = on_end
        self._permits = threading.Semaphore(_FRAMES_AHEAD)
        self._loop = asyncio.get_running_loop()

    def start(self) -> None:
        """Begin to read."""
        threading.Thread(target=self._read_all, name="tierwise-reader", daemon=True).start()

    def _read_all(self) -> None:
        try:
            while (frame := self._next()) is not None:
                self._permits.acquire()
                self._loop.call_soon_threadsafe(self._deliver, frame)
            self._loop.call_soon_threadsafe(self._on_end)
        except RuntimeError:
            # The loop has been closed: nobody is left to hand anything to.
            return

    def _next(self) -> bytes | Oversized | None:
        self._outbox.wait_for_room()
        try:
            return read_frame(self._source)
        except (OSError, ValueError):
            logger.info("the client's end of the stream is gone")
            return None

    def _deliver(self, frame: bytes | Oversized) -> None:
        self._permits.release()
        self._on_frame(frame)
