"""The fault server in the clothes of `llama-server`, for tests of how that program is run.

It takes the same command line and environment, prints the same line when it listens, and serves the same addresses.
"""

import asyncio
import os
import stat
import sys
from pathlib import Path

from servers.fault import FaultServer
from servers.scenarios import Book

TESTS = Path(__file__).parent.parent


def write_program(folder: Path, first_line: str = "") -> Path:
    """Put an executable into a folder that runs `main`, after `first_line` of Python."""
    program = folder / "llama-server"
    lines = [f"#!{sys.executable} -S", "import sys", f"sys.path.insert(0, {str(TESTS)!r})", first_line]
    program.write_text("\n".join([*lines, "from servers.llama import main", "main()", ""]), encoding="utf-8")
    program.chmod(stat.S_IRWXU)
    return program


def main() -> None:
    """Serve until killed."""
    given = dict(zip(sys.argv[1::2], sys.argv[2::2], strict=False))
    book = Book(key=os.environ.get("LLAMA_API_KEY"))
    asyncio.run(_serve(book, int(given.get("--port", "0"))))


async def _serve(book: Book, port: int) -> None:
    async with FaultServer(book, port) as server:
        print(f"environment: {','.join(sorted(os.environ))}", flush=True)
        print(f"srv  llama_server: listening on {server.url}", flush=True)
        await asyncio.Event().wait()
