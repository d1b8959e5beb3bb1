"""Fetching a model file from a hub of models, for builds of llama-server that cannot do it themselves."""

import asyncio
import hashlib
import os
import re
from pathlib import Path
from urllib.parse import quote

import httpx2
from pydantic import BaseModel, TypeAdapter, ValidationError

from tierwise.backends.base import BackendError, FailureKind
from tierwise.backends.origins import Origin

DEFAULT_QUANTIZATION = "Q4_K_M"
PART_OF_MANY = re.compile(r"-\d{5}-of-\d{5}", re.IGNORECASE)
PIECE = 1024 * 1024
TIMEOUT = httpx2.Timeout(30.0, connect=10.0)


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


async def fetch(name: str, folder: Path, hub: str) -> Path:
    """The file of a model, fetched unless it is there. A broken download is taken up where it broke.

    Raises BackendError when the hub cannot be reached, has no such model, or sends something else.
    """
    if (found := find_fetched(name, folder)) is not None:
        return found
    repository, quantization = split_name(name)
    try:
        async with httpx2.AsyncClient(trust_env=False, follow_redirects=True, timeout=TIMEOUT) as http:
            file = await _choose(http, hub, repository, quantization)
            target = folder / f"{repository.replace('/', '_')}_{Path(file.path).name}"
            url = f"{hub.rstrip('/')}/{repository}/resolve/main/{quote(file.path)}"
            part = target.with_suffix(".part")
            await _download(http, url, part, await asyncio.to_thread(_prepare, part))
            await asyncio.to_thread(_keep, part, target, file, name)
    except httpx2.HTTPStatusError as err:
        status = err.response.status_code
        kind = FailureKind.NO_MODEL if status in (401, 403, 404) else FailureKind.SERVER_ERROR
        raise _failure(kind, name, hub, f"it answers with HTTP status {status}") from err
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


async def _choose(http: httpx2.AsyncClient, hub: str, repository: str, quantization: str) -> HubFile:
    response = await http.get(f"{hub.rstrip('/')}/api/models/{repository}/tree/main")
    response.raise_for_status()
    name = f"{repository}:{quantization}"
    try:
        files = FILES.validate_python(response.json())
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


async def _download(http: httpx2.AsyncClient, url: str, part: Path, n_there: int) -> None:
    headers = {"Accept-Encoding": "identity"} | ({"Range": f"bytes={n_there}-"} if n_there else {})
    async with http.stream("GET", url, headers=headers) as response:
        if response.status_code == httpx2.codes.RANGE_NOT_SATISFIABLE:
            return  # All of it is there already.
        response.raise_for_status()
        mode = "ab" if response.status_code == httpx2.codes.PARTIAL_CONTENT else "wb"
        with await asyncio.to_thread(part.open, mode) as file:
            async for piece in response.aiter_raw():
                await asyncio.to_thread(file.write, piece)


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
