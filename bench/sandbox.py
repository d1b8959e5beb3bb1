"""What the sandbox costs: a start in it beside a bare interpreter, with few files and with many, in turns."""

import asyncio
import tempfile
import time
from collections.abc import Awaitable, Callable
from pathlib import Path

from tierwise.checks.frameworks import Framework
from tierwise.checks.running.interpreters import Interpreter, own_interpreter
from tierwise.checks.running.runs import RunRequest
from tierwise.checks.running.sandbox import Sandbox, find_sandbox
from tierwise.checks.running.written_tests import NewTests, prove_tests
from tierwise.text import Rejection

BOUND_MS = 200.0
"""What a start in the sandbox may take over one outside."""
ROUNDS = 12
FEW = {"a.py": b"x = 1\n"}
MANY = {f"package{i // 40}/m{i}.py": b"x = 1\n" * 100 for i in range(800)}
TARGET = "def half(n):\n    if n % 2:\n        raise ValueError('odd')\n    return n // 2\n"
PROOFS = {
    "good tests proved": "from target import half\n\n\ndef test_half():\n    assert half(10) == 5\n",
    "vacuous tests refused": "from target import half\n\n\ndef test_half():\n    half(10)\n",
}


async def bare(interpreter: Interpreter) -> None:
    """Start and end an interpreter without a sandbox."""
    process = await asyncio.create_subprocess_exec(str(interpreter.program), "-I", "-c", "pass")
    assert await process.wait() == 0


async def inside(sandbox: Sandbox, interpreter: Interpreter, files: dict[str, bytes]) -> None:
    """The same in the sandbox, with files."""
    request = RunRequest(root=Path("/project"), readable=interpreter.folders)
    result = await sandbox.run([str(interpreter.program), "-I", "-c", "pass"], files, request)
    assert result.exit_code == 0


async def proof(sandbox: Sandbox, tests: str) -> None:
    """A whole proof of one small test file."""
    with tempfile.TemporaryDirectory() as folder:
        await prove_tests(
            NewTests(
                root=Path(folder),
                test_path="test_target.py",
                test_text=tests,
                target_path="target.py",
                target_text=TARGET,
                framework=Framework.PYTEST,
            ),
            sandbox,
        )


async def measure(works: dict[str, Callable[[], Awaitable[None]]], rounds: int) -> dict[str, float]:
    """Least milliseconds on the wall clock of each work, done in turns: what else a machine does only ever adds."""
    times: dict[str, list[float]] = {name: [] for name in works}
    for work in works.values():
        await work()
    for _ in range(rounds):
        for name, work in works.items():
            start = time.perf_counter()
            await work()
            times[name].append((time.perf_counter() - start) * 1000)
    return {name: min(found) for name, found in times.items()}


async def run(sandbox: Sandbox, interpreter: Interpreter) -> int:
    """Print the table; 1 when a start takes longer than the bound."""
    starts = await measure(
        {
            "bare interpreter": lambda: bare(interpreter),
            "sandbox, 1 file": lambda: inside(sandbox, interpreter, FEW),
            "sandbox, 800 files": lambda: inside(sandbox, interpreter, MANY),
        },
        ROUNDS,
    )
    first = starts["bare interpreter"]
    for name, least in starts.items():
        print(f"{name:<28} {least:8.1f} ms   {least - first:+8.1f} ms   {least / first:5.1f} x")
    proofs = await measure({name: lambda text=text: proof(sandbox, text) for name, text in PROOFS.items()}, 3)
    for name, least in proofs.items():
        print(f"{name:<28} {least:8.1f} ms")
    over = starts["sandbox, 1 file"] - first
    print(f"a start in the sandbox takes {over:.0f} ms more than a bare one; at most {BOUND_MS:.0f}: ", end="")
    print("ok" if over <= BOUND_MS else "OVER")
    return int(BOUND_MS < over)


def main() -> int:
    """Measure where there is a sandbox."""
    sandbox, interpreter = find_sandbox(), own_interpreter()
    if isinstance(sandbox, Rejection) or interpreter is None:
        print(sandbox.detail if isinstance(sandbox, Rejection) else "there is no interpreter to start")
        return 0
    return asyncio.run(run(sandbox, interpreter))
