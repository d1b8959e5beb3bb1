"""A project whose models are fault servers, one for each tier, for tests of what leaves."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from dispatch.project import Project
from servers.fault import FaultServer
from tierwise.config import load_config
from tierwise.dispatch.opening import open_runtime

WIRES = {"local": "ollama", "bulk": "openai", "top": "anthropic"}
"""The protocol each tier speaks here."""


@dataclass
class Servers:
    """One server for each tier, and the project that asks them."""

    project: Project
    local: FaultServer
    bulk: FaultServer
    top: FaultServer
    all: tuple[FaultServer, ...] = field(init=False)

    def __post_init__(self) -> None:
        self.all = (self.local, self.bulk, self.top)


@asynccontextmanager
async def project_with_servers(root: Path, **settings: Any) -> AsyncIterator[Servers]:
    """The project, its servers listening. The servers of the upper tiers are taken to be elsewhere: see `Elsewhere`."""
    async with FaultServer() as local, FaultServer() as bulk, FaultServer() as top:
        project = Project(root, settings=dict(settings))
        backends: dict[str, Any] = {
            "here": {"type": "ollama", "host": local.url},
            "middle": {"type": "openai", "base_url": bulk.openai_url},
            "above": {"type": "anthropic", "base_url": top.url},
        }
        given = {
            "backends": backends,
            "tiers": {
                "local": {"models": ["here/m"]},
                "bulk": {"models": ["middle/m"]},
                "top": {"models": ["above/m"]},
            },
            "models": {
                "middle/m": {"input_usd_per_million": 1, "output_usd_per_million": 4},
                "above/m": {"input_usd_per_million": 5, "output_usd_per_million": 25},
                "here/m": {"window": 8192},
            },
        }
        loaded = load_config(editor_settings={**given, **settings}, trusted=True, env={})
        await project.runtime.aclose()
        project.runtime = open_runtime(loaded, ledger=project.ledger)
        try:
            yield Servers(project, local, bulk, top)
        finally:
            await project.close()
