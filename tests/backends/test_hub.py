"""Fetching a model file, from a small hub on this machine."""

import asyncio
import hashlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from servers.http_wire import Listener, Request, Responder
from tierwise.backends.base import BackendError, FailureKind
from tierwise.backends.egress import Egress
from tierwise.backends.hub import fetch, find_fetched, is_of

CONTENT = bytes(range(256)) * 5000
REPOSITORY = "Qwen/Qwen2.5-Coder-1.5B-Instruct-GGUF"
FILE = "qwen2.5-coder-1.5b-instruct-q4_k_m.gguf"
KEPT = f"Qwen_Qwen2.5-Coder-1.5B-Instruct-GGUF_{FILE}"


def listed(path: str, content: bytes = CONTENT) -> dict[str, Any]:
    """A row of a repository's list of files."""
    return {"path": path, "size": len(content), "lfs": {"oid": hashlib.sha256(content).hexdigest()}}


@dataclass
class Hub:
    """A hub with one repository."""

    files: Any = field(default_factory=lambda: [listed("README.md"), listed(FILE.replace("q4", "q8")), listed(FILE)])
    n_before_break: int | None = None
    """Bytes of the first download after which the connection breaks."""
    content: bytes = CONTENT
    requests: list[tuple[str, str]] = field(default_factory=list)
    url: str = ""

    async def serve(self, request: Request, reader: asyncio.StreamReader, out: Responder) -> None:
        """Answer one request."""
        del reader
        span = request.headers.get("range", "")
        self.requests.append((request.path, span))
        if request.path == f"/api/models/{REPOSITORY}/tree/main":
            await out.document(200, self.files)
        elif request.path == f"/{REPOSITORY}/resolve/main/{FILE}":
            await out.whole(307, b"", {"Location": "/elsewhere"})
        elif request.path == "/elsewhere":
            start = int(span.removeprefix("bytes=").removesuffix("-") or 0)
            await out.head(206 if start else 200, {"Content-Length": str(len(self.content) - start)})
            cut, self.n_before_break = self.n_before_break, None
            out.must_close = cut is not None
            await out.raw(self.content[start:cut])
        else:
            await out.document(404, {"error": "Repository not found"})


@asynccontextmanager
async def running(hub: Hub) -> AsyncIterator[Hub]:
    """The hub, listening."""
    async with Listener(hub.serve) as listener:
        hub.url = listener.url
        yield hub


def names_in(folder: Path) -> list[str]:
    """The files of a folder."""
    return [file.name for file in folder.iterdir()]


async def check_failure(hub: Hub, folder: Path, kind: FailureKind, words: str, name: str = REPOSITORY) -> None:
    """Fetching fails so, and nothing is kept."""
    with pytest.raises(BackendError, match=words) as caught:
        await fetch(name, folder, hub.url, Egress())
    assert caught.value.kind is kind
    assert find_fetched(name, folder) is None


@pytest.mark.parametrize("name", [REPOSITORY, f"{REPOSITORY}:Q4_K_M", f"{REPOSITORY}:q4_k_m"])
async def test_a_model_is_fetched_once(tmp_path: Path, name: str) -> None:
    async with running(Hub()) as hub:
        folder = tmp_path / "new" / "folder"
        file = await fetch(name, folder, hub.url, Egress())
        n_requests = len(hub.requests)
        assert await fetch(name, folder, hub.url, Egress()) == file
        assert len(hub.requests) == n_requests
    assert file == folder / KEPT
    assert file.read_bytes() == CONTENT
    assert names_in(folder) == [KEPT]


async def test_a_broken_download_is_taken_up_where_it_broke(tmp_path: Path) -> None:
    async with running(Hub(n_before_break=500_000)) as hub:
        await check_failure(hub, tmp_path, FailureKind.CONNECTION, "cannot be reached")
        file = await fetch(REPOSITORY, tmp_path, hub.url, Egress())
        assert hub.requests[-1] == ("/elsewhere", "bytes=500000-")
    assert file.read_bytes() == CONTENT


async def test_a_damaged_file_is_not_kept(tmp_path: Path) -> None:
    async with running(Hub(content=CONTENT[:-1] + b"x")) as hub:
        await check_failure(hub, tmp_path, FailureKind.PROTOCOL, "damaged")
    assert names_in(tmp_path) == []


@pytest.mark.parametrize(
    ("files", "name", "kind", "words"),
    [
        ([listed("a-q8_0.gguf")], REPOSITORY, FailureKind.NO_MODEL, "'Q4_K_M'"),
        ([], REPOSITORY, FailureKind.NO_MODEL, "'Q4_K_M'"),
        ({"error": "x"}, REPOSITORY, FailureKind.PROTOCOL, "not understood"),
        ([], "nobody/nothing", FailureKind.NO_MODEL, "404"),
    ],
)
async def test_what_the_hub_does_not_have(tmp_path: Path, files: Any, name: str, kind: FailureKind, words: str) -> None:
    async with running(Hub(files=files)) as hub:
        await check_failure(hub, tmp_path, kind, words, name)


async def test_no_hub(tmp_path: Path) -> None:
    async with running(Hub()) as hub:
        pass
    await check_failure(hub, tmp_path, FailureKind.CONNECTION, "cannot be reached")


@pytest.mark.parametrize(
    ("file_name", "quantization", "is_it"),
    [
        ("model-Q4_K_M.gguf", "Q4_K_M", True),
        ("model.q4_k_m.gguf", "Q4_K_M", True),
        ("model-Q4_K_M.gguf", "Q4_K", False),
        ("model-IQ4_K_M.gguf", "Q4_K_M", False),
        ("model-Q4_K_M-00001-of-00002.gguf", "Q4_K_M", False),
        ("model-Q4_K_M.bin", "Q4_K_M", False),
    ],
)
def test_which_file_is_meant(file_name: str, quantization: str, is_it: bool) -> None:
    assert is_of(file_name, quantization) is is_it
