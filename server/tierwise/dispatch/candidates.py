"""Who stands on which tier, and whether they can be asked now. Pure."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from tierwise.backends.base import FailureKind, Health
from tierwise.backends.options import AnyBackendOptions, KeyedOptions, LlamaCppOptions, ScriptedOptions
from tierwise.config import Config
from tierwise.routing.money import FREE, Price
from tierwise.routing.tiers import MODEL_TIERS, Availability, Candidate, Tier

_OF_FAILURE = {
    FailureKind.AUTHENTICATION: Availability.NO_KEY,
    FailureKind.NO_MODEL: Availability.NO_MODEL,
    FailureKind.NOT_CONFIGURED: Availability.UNREACHABLE,
    FailureKind.REFUSED: Availability.UNREACHABLE,
    FailureKind.TIMEOUT_CONNECT: Availability.UNREACHABLE,
}
"""Failures that say something about the next call too."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Knowledge:
    """What is known of the outside world at a moment."""

    has_key: Callable[[str], bool]
    """Whether a key is at hand for the backend of this name."""
    price_of: Callable[[str], Price | None]
    window_of: Callable[[str], int | None]
    health: Mapping[str, Health] = field(default_factory=dict)
    """By backend."""
    failures: Mapping[str, tuple[FailureKind, str]] = field(default_factory=dict)
    """By model reference: what the last call ran into, in words, as long as it counts."""


def candidates_of(config: Config, known: Knowledge) -> tuple[Candidate, ...]:
    """Everybody the configuration names, in its order."""
    return tuple(_candidate(config, known, tier, ref) for tier in MODEL_TIERS for ref in config.tier(tier).models)


def _candidate(config: Config, known: Knowledge, tier: Tier, ref: str) -> Candidate:
    name, _, model = ref.partition("/")
    options = config.backends.get(name)
    availability, detail = _availability(config, known, tier, ref)
    health = known.health.get(name)
    window = known.window_of(ref)
    if window is None and health is not None:
        window = health.windows.get(model)
    if window is None and isinstance(options, LlamaCppOptions):
        window = options.window
    price = known.price_of(ref)
    if price is None and isinstance(options, LlamaCppOptions | ScriptedOptions):
        price = FREE
    return Candidate(
        tier=tier,
        backend=name,
        model=model,
        price=price,
        window=window,
        is_on_this_machine=options is not None and options.keeps_on_this_machine(model),
        is_scripted=isinstance(options, ScriptedOptions),
        availability=availability,
        availability_detail=detail,
    )


def _availability(config: Config, known: Knowledge, tier: Tier, ref: str) -> tuple[Availability, str]:
    name, _, model = ref.partition("/")
    options = config.backends.get(name)
    if not config.tier(tier).enabled:
        return Availability.DISABLED, f"the {tier} tier is switched off"
    if options is None:
        return Availability.DISABLED, f"no backend is named {name!r}"
    if isinstance(options, KeyedOptions) and options.needs_key and not known.has_key(name):
        return Availability.NO_KEY, f"no key in {options.key_words}"
    if ref in known.failures:
        kind, words = known.failures[ref]
        return _OF_FAILURE.get(kind, Availability.UNREACHABLE), words
    return _by_health(known.health.get(name), options, model)


def _by_health(health: Health | None, options: AnyBackendOptions, model: str) -> tuple[Availability, str]:
    if health is None:
        return Availability.UNKNOWN, ""
    if not health.is_reachable:
        availability = Availability.UNREACHABLE if health.failure is None else _OF_FAILURE.get(health.failure)
        return availability or Availability.UNREACHABLE, health.words
    has_it = health.models is None or model in health.models or f"{model}:latest" in health.models
    # An OpenAI-compatible server may serve models it does not list, so only Ollama's list counts as a no.
    if not has_it and options.type == "ollama":
        return Availability.NO_MODEL, f"run `ollama pull {model}`"
    return Availability.READY, ""


def failure_counts(kind: FailureKind) -> bool:
    """Whether a failure tells that the next call would fail too."""
    return kind in _OF_FAILURE
