"""Child processes with bounded time and output, and a pipe for their report."""

import asyncio
import contextlib
import os
import signal
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from tierwise.checks.running.memory import memory_of
from tierwise.checks.running.runs import RunRequest, RunResult

_CHUNK = 2**16
_MAX_REPORT = 2**22
_ENDED_AFTER = 100
"""How many times the kept output a run may say before it is ended."""
_LOOK_EVERY_S = 0.1
"""Seconds between looks at the memory of a run."""


@dataclass
class _Tail:
    """The end of a stream, and how much there was."""

    keep: int
    n_bytes: int = 0
    kept: bytearray = field(default_factory=bytearray)

    def add(self, piece: bytes) -> None:
        self.n_bytes += len(piece)
        self.kept += piece
        if 2 * self.keep < len(self.kept):
            del self.kept[: -self.keep]


async def run_bounded(
    arguments_for: Callable[[int], Sequence[str]], request: RunRequest, inherited: Sequence[int] = ()
) -> RunResult:
    """Run a program that inherits the write end of a pipe, whose number is given to `arguments_for`, and `inherited`.

    The program and all it started are killed when time is over, when it says or holds too much, and on cancellation.
    Raises OSError when it cannot be started.
    """
    read_end, write_end = os.pipe()
    started = time.monotonic()
    report = _Tail(_MAX_REPORT)
    loop = asyncio.get_running_loop()
    try:
        try:
            process = await _start(arguments_for(write_end), (write_end, *inherited))
        finally:
            os.close(write_end)
        os.set_blocking(read_end, False)
        loop.add_reader(read_end, _read_report, read_end, report, loop)
        output = _Tail(request.limits.output_bytes)
        is_timed_out, is_memory_spent = await _finish(process, request, output)
        _read_report(read_end, report, loop)
    finally:
        loop.remove_reader(read_end)
        os.close(read_end)
    return RunResult(
        exit_code=process.returncode if process.returncode is not None and 0 <= process.returncode else None,
        output=bytes(output.kept[-output.keep :]),
        report=bytes(report.kept) if report.n_bytes <= _MAX_REPORT else b"",
        is_timed_out=is_timed_out,
        is_output_cut=output.keep < output.n_bytes,
        is_memory_spent=is_memory_spent,
        duration_s=time.monotonic() - started,
    )


async def _start(command: Sequence[str], inherited: Sequence[int]) -> asyncio.subprocess.Process:
    return await asyncio.create_subprocess_exec(
        *command,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
        pass_fds=tuple(inherited),
        start_new_session=True,
        env={"PATH": "/usr/bin:/bin"},
    )


async def _finish(process: asyncio.subprocess.Process, request: RunRequest, output: _Tail) -> tuple[bool, bool]:
    """Feed and hear out a process until it ends or has to be ended; whether its time and its memory ran out."""
    talk = asyncio.ensure_future(_talk(process, request.stdin, output))
    watch = asyncio.ensure_future(_exceed(process.pid, request.limits.total_memory_bytes))
    try:
        done, _ = await asyncio.wait(
            (talk, watch), timeout=request.limits.timeout_s, return_when=asyncio.FIRST_COMPLETED
        )
        if talk in done:
            await talk
        return not done, watch in done and talk not in done
    finally:
        talk.cancel()
        watch.cancel()
        if process.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
        await asyncio.wait((talk, watch))
        await asyncio.shield(_reap(process))


async def _exceed(pid: int, limit: int) -> None:
    """Return as soon as a process and its descendants hold more than `limit` bytes together."""
    while memory_of(pid, limit) <= limit:  # noqa: ASYNC110 - nothing tells when memory grows
        await asyncio.sleep(_LOOK_EVERY_S)


async def _talk(process: asyncio.subprocess.Process, stdin: bytes, output: _Tail) -> None:
    if process.stdin is None or process.stdout is None:
        return
    with contextlib.suppress(BrokenPipeError, ConnectionResetError):
        process.stdin.write(stdin)
        await process.stdin.drain()
    process.stdin.close()
    while piece := await process.stdout.read(_CHUNK):
        output.add(piece)
        if output.keep * _ENDED_AFTER < output.n_bytes:
            return
    await process.wait()


async def _reap(process: asyncio.subprocess.Process) -> None:
    """Wait for a process that was killed or has ended, and close its pipes."""
    if process.stdout is not None:
        while await process.stdout.read(_CHUNK):
            pass
    await process.wait()


def _read_report(read_end: int, report: _Tail, loop: asyncio.AbstractEventLoop) -> None:
    with contextlib.suppress(BlockingIOError, OSError):
        while piece := os.read(read_end, _CHUNK):
            report.add(piece)
        loop.remove_reader(read_end)
