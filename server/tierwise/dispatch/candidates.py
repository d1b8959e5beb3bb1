"""Who stands on which tier, and whether they can be asked now. Pure."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from tierwise.backends.base import FailureKind, Health
from tierwise.backends.options import AnyBackendOptions, LlamaCppOptions, ScriptedOptions
from tierwise.config import Config
from tierwise.config.availability import availability_of
from tierwise.config.similarity_options import is_bundled
from tierwise.routing.money import FREE, Price, usd_per_million
from tierwise.routing.tiers import MODEL_TIERS, Availability, Candidate, Tier


@dataclass(frozen=True, slots=True, kw_only=True)
class Knowledge:
    """What is known of the outside world at a moment."""

    has_key: Callable[[str], bool]
    """Whether a key is at hand for the backend of this name."""
    price_of: Callable[[str], Price | None]
    window_of: Callable[[str], int | None]
    health: Mapping[str, Health] = field(default_factory=dict)
    """By backend."""
    trouble_of: Callable[[Candidate], tuple[FailureKind, str] | None] = lambda _candidate: None
    """What keeps calls from a model's server now, in words too; None when nothing does."""


def candidates_of(config: Config, known: Knowledge) -> tuple[Candidate, ...]:
    """Everybody the configuration names, in its order."""
    return tuple(_candidate(config, known, tier, ref) for tier in MODEL_TIERS for ref in config.tier(tier).models)


def economy_of(config: Config, known: Knowledge, candidates: Sequence[Candidate]) -> Candidate | None:
    """Who answers small questions: the model of the economy role, else one on this machine that is known to be there.

    None: nobody. In the ledger it counts on the tier it stands on, else on local or bulk by where it runs.
    """
    ref = config.roles.economy
    if ref is None:
        ready = (c for c in candidates if c.tier is Tier.LOCAL and c.availability is Availability.READY)
        return next((c for c in ready if c.is_on_this_machine and not c.is_scripted), None)
    return _named(config, known, candidates, ref)


def judge_of(config: Config, known: Knowledge, candidates: Sequence[Candidate]) -> Candidate | None:
    """Who repeats edits for the tripwire; None: nobody, it is off."""
    ref = config.tripwire.judge
    return None if ref is None else _named(config, known, candidates, ref)


def embedder_of(config: Config, known: Knowledge, candidates: Sequence[Candidate]) -> Candidate | None:
    """Who makes vectors of instructions; None: nobody, or the weights that come with a package."""
    ref = config.cache.similarity.model
    return None if ref is None or is_bundled(ref) else _named(config, known, candidates, ref)


def _named(config: Config, known: Knowledge, candidates: Sequence[Candidate], ref: str) -> Candidate:
    """A model with a role, on the tier it stands on, else on local or bulk by where it runs."""
    on_tier = next((c for c in candidates if c.ref == ref), None)
    if on_tier is not None:
        return on_tier
    tier = Tier.LOCAL if config.keeps_on_this_machine(ref) else Tier.BULK
    return _candidate(config, known, tier, ref)


def _candidate(config: Config, known: Knowledge, tier: Tier, ref: str) -> Candidate:
    name, _, model = ref.partition("/")
    options = config.backends.get(name)
    health = known.health.get(name)
    window = known.window_of(ref)
    if window is None and health is not None:
        window = health.windows.get(model)
    if window is None and isinstance(options, LlamaCppOptions):
        window = options.window
    price = known.price_of(ref)
    if price is None and isinstance(options, LlamaCppOptions | ScriptedOptions):
        price = FREE
    ceiling = config.budgets.unknown_price_usd_per_million
    if price is None and ceiling is not None:
        rate = usd_per_million(ceiling)
        price = Price(input=rate, output=rate, source="budgets.unknown_price_usd_per_million")
    candidate = Candidate(
        tier=tier,
        backend=name,
        model=model,
        price=price,
        window=window,
        is_on_this_machine=_is_here(options, health, model),
        is_scripted=isinstance(options, ScriptedOptions),
    )
    availability, detail = _availability(config, known, candidate)
    return replace(candidate, availability=availability, availability_detail=detail)


def _is_here(options: AnyBackendOptions | None, health: Health | None, model: str) -> bool:
    """Whether what is sent to a model stays on this machine, as far as its settings and its server tell."""
    is_passed_on = health is not None and model in health.passed_on
    return options is not None and options.keeps_on_this_machine(model) and not is_passed_on


def _availability(config: Config, known: Knowledge, candidate: Candidate) -> tuple[Availability, str]:
    options = config.backends.get(candidate.backend)
    if not config.tier(candidate.tier).enabled:
        return Availability.DISABLED, f"the {candidate.tier} tier is switched off"
    if options is None:
        return Availability.DISABLED, f"no backend is named {candidate.backend!r}"
    return availability_of(
        options,
        candidate.model,
        has_key=known.has_key(candidate.backend),
        health=known.health.get(candidate.backend),
        trouble=known.trouble_of(candidate),
    )
