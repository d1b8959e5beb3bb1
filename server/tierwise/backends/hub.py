"""Fetching a model file from a hub of models, for builds of llama-server that cannot do it themselves."""

import asyncio
import hashlib
import os
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from urllib.parse import quote, urljoin

import httpx2
from pydantic import BaseModel, TypeAdapter, ValidationError

from tierwise.backends.base import BackendError, FailureKind
from tierwise.backends.door import Door
from tierwise.backends.egress import Egress
from tierwise.backends.failures import HttpFailure, Site
from tierwise.backends.gate_httpx2 import client
from tierwise.backends.origins import Origin

DEFAULT_QUANTIZATION = "Q4_K_M"
PART_OF_MANY = re.compile(r"-\d{5}-of-\d{5}", re.IGNORECASE)
PIECE = 1024 * 1024
TIMEOUT = httpx2.Timeout(30.0, connect=10.0)
_REDIRECTS = (301, 302, 303, 307, 308)
_MOST_REDIRECTS = 6
_UNREACHED = (FailureKind.REFUSED, FailureKind.CONNECTION, FailureKind.TIMEOUT_CONNECT)


class LargeFile(BaseModel):
    """What the hub knows of a large file's content."""

    oid: str


class HubFile(BaseModel):
    """One file of a repository."""

    path: str
    size: int = 0
    lfs: LargeFile | None = None


FILES = TypeAdapter(list[HubFile])


def models_folder() -> Path:
    """Where llama.cpp keeps models, so that each is fetched once whoever fetches it."""
    if folder := os.environ.get("LLAMA_CACHE"):
        return Path(folder)
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "llama.cpp"


def find_fetched(name: str, folder: Path) -> Path | None:
    """The file of `organization/repository[:quantization]` if it was fetched before."""
    repository, quantization = split_name(name)
    prefix = repository.replace("/", "_") + "_"
    found = (file for file in sorted(folder.glob("*.gguf")) if file.name.startswith(prefix))
    return next((file for file in found if is_of(file.name.removeprefix(prefix), quantization)), None)


async def fetch(name: str, folder: Path, hub: str, egress: Egress) -> Path:
    """The file of a model, fetched unless it is there. A broken download is taken up where it broke.

    Raises BackendError when the hub cannot be reached, has no such model, or sends something else.
    """
    if (found := find_fetched(name, folder)) is not None:
        return found
    repository, quantization = split_name(name)
    try:
        source = _Source(hub, egress)
        file = await _choose(source, hub, repository, quantization)
        target = folder / f"{repository.replace('/', '_')}_{Path(file.path).name}"
        url = f"{hub.rstrip('/')}/{repository}/resolve/main/{quote(file.path)}"
        part = target.with_suffix(".part")
        await _download(source, url, part, await asyncio.to_thread(_prepare, part))
        await asyncio.to_thread(_keep, part, target, file, name)
    except HttpFailure as err:
        kind = FailureKind.NO_MODEL if err.status in (401, 403, 404) else FailureKind.SERVER_ERROR
        raise _failure(kind, name, hub, f"it answers with HTTP status {err.status}") from err
    except BackendError as err:
        if err.kind in _UNREACHED:
            raise _failure(FailureKind.CONNECTION, name, hub, "it cannot be reached") from err
        raise
    except httpx2.HTTPError as err:
        raise _failure(FailureKind.CONNECTION, name, hub, "it cannot be reached") from err
    except OSError as err:
        raise _failure(FailureKind.SERVER_ERROR, name, hub, f"{err.strerror}") from err
    return target


def split_name(name: str) -> tuple[str, str]:
    """Repository and quantization."""
    repository, _, quantization = name.partition(":")
    return repository, quantization or DEFAULT_QUANTIZATION


def is_of(file_name: str, quantization: str) -> bool:
    """Whether a file is the whole model in that quantization."""
    pattern = rf"(^|[^a-z0-9]){re.escape(quantization)}([^a-z0-9_]|$)"
    is_whole = PART_OF_MANY.search(file_name) is None
    return file_name.endswith(".gguf") and is_whole and re.search(pattern, file_name, re.IGNORECASE) is not None


class _Source:
    """Reads from the hub and from where it keeps its files; nothing is ever sent there but the names of files.

    A hub's files lie on other servers, so here alone a redirect is followed: to encrypted addresses, without a key.
    """

    def __init__(self, hub: str, egress: Egress) -> None:
        self._is_here = Origin.of(hub).is_loopback
        self._egress = egress

    @asynccontextmanager
    async def open(self, url: str, headers: dict[str, str]) -> AsyncIterator[httpx2.Response]:
        """One answer. Raises BackendError and HttpFailure."""
        for _ in range(_MOST_REDIRECTS):
            origin = self._allowed(url)
            site = Site(name=origin.host, when_down="", when_key_refused="", when_model_missing="")
            gate = self._egress.open(Door(origin=origin, site=site, is_download=True))
            async with client(gate, TIMEOUT) as http:
                try:
                    async with http.stream("GET", url, headers=headers) as response:
                        yield response
                        return
                except HttpFailure as err:
                    if err.status not in _REDIRECTS or not err.location:
                        raise
                    url = urljoin(url, err.location)
        raise BackendError(FailureKind.PROTOCOL, f"the hub redirects from {url!r} over and over")

    def _allowed(self, url: str) -> Origin:
        try:
            origin = Origin.of(url.partition("?")[0])
        except ValueError as err:
            raise BackendError(FailureKind.PROTOCOL, f"the hub redirects to a wrong address: {err}") from err
        if origin.scheme != "https" and not (origin.is_loopback and self._is_here):
            raise BackendError(FailureKind.PROTOCOL, f"the hub redirects to {origin.host!r} without encryption")
        return origin


async def _choose(source: _Source, hub: str, repository: str, quantization: str) -> HubFile:
    async with source.open(f"{hub.rstrip('/')}/api/models/{repository}/tree/main", {}) as response:
        listed = await response.aread()
    name = f"{repository}:{quantization}"
    try:
        files = FILES.validate_json(listed)
    except (ValidationError, ValueError) as err:
        raise _failure(FailureKind.PROTOCOL, name, hub, "its list of files is not understood") from err
    fitting = [file for file in files if is_of(file.path, quantization)]
    if not fitting:
        raise _failure(FailureKind.NO_MODEL, name, hub, f"it has no .gguf file in {quantization!r}")
    return min(fitting, key=lambda file: len(file.path))


def _prepare(part: Path) -> int:
    """Make the folder; how much of the file is there."""
    part.parent.mkdir(parents=True, exist_ok=True)
    return part.stat().st_size if part.exists() else 0


async def _download(source: _Source, url: str, part: Path, n_there: int) -> None:
    headers = {"Accept-Encoding": "identity"} | ({"Range": f"bytes={n_there}-"} if n_there else {})
    try:
        async with source.open(url, headers) as response:
            mode = "ab" if response.status_code == httpx2.codes.PARTIAL_CONTENT else "wb"
            with await asyncio.to_thread(part.open, mode) as file:
                async for piece in response.aiter_raw():
                    await asyncio.to_thread(file.write, piece)
    except HttpFailure as err:
        if err.status != httpx2.codes.RANGE_NOT_SATISFIABLE:
            raise
        # All of it is there already.


def _keep(part: Path, target: Path, file: HubFile, name: str) -> None:
    digest = hashlib.sha256()
    with part.open("rb") as content:
        while piece := content.read(PIECE):
            digest.update(piece)
    is_whole = not file.size or part.stat().st_size == file.size
    if not is_whole or (file.lfs is not None and digest.hexdigest() != file.lfs.oid):
        part.unlink()
        raise BackendError(FailureKind.PROTOCOL, f"the file of {name!r} arrived damaged: try again")
    part.replace(target)


def _failure(kind: FailureKind, name: str, hub: str, why: str) -> BackendError:
    host = Origin.of(hub).host
    return BackendError(kind, f"{name!r} cannot be fetched from {host}, {why}: name a .gguf file instead")
