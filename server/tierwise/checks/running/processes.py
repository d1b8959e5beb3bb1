"""Child processes with bounded time and output, and a pipe for their report."""

import asyncio
import contextlib
import os
import signal
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from tierwise.checks.running.runs import RunRequest, RunResult

_CHUNK = 2**16
_MAX_REPORT = 2**22
_ENDED_AFTER = 100
"""How many times the kept output a run may say before it is ended."""


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


async def run_bounded(arguments_for: Callable[[int], Sequence[str]], request: RunRequest) -> RunResult:
    """Run a program that inherits the write end of a pipe; its number is given to `arguments_for`.

    The program and all it started are killed at the end of the time, when it says too much, and on cancellation.
    Raises OSError when it cannot be started.
    """
    read_end, write_end = os.pipe()
    started = time.monotonic()
    report = _Tail(_MAX_REPORT)
    loop = asyncio.get_running_loop()
    try:
        try:
            process = await asyncio.create_subprocess_exec(
                *arguments_for(write_end),
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
                stderr=asyncio.subprocess.STDOUT,
                pass_fds=(write_end,),
                start_new_session=True,
                env={"PATH": "/usr/bin:/bin"},
            )
        finally:
            os.close(write_end)
        os.set_blocking(read_end, False)
        loop.add_reader(read_end, _read_report, read_end, report, loop)
        output = _Tail(request.limits.output_bytes)
        is_timed_out = await _finish(process, request, output)
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
        duration_s=time.monotonic() - started,
    )


async def _finish(process: asyncio.subprocess.Process, request: RunRequest, output: _Tail) -> bool:
    """Feed and hear out a process until it ends or has to be ended; whether its time ran out."""
    try:
        async with asyncio.timeout(request.limits.timeout_s):
            await _talk(process, request.stdin, output)
            return False
    except TimeoutError:
        return True
    finally:
        if process.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
        await asyncio.shield(_reap(process))


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
