"""Which models take part in a measurement, and the configuration in which each stands alone."""

from dataclasses import replace
from decimal import Decimal

from tierwise.backends.options import ScriptedOptions
from tierwise.config import Config, Loaded
from tierwise.config.budgets import Allowance
from tierwise.config.sections import TierOptions, TiersOptions
from tierwise.dispatch.opening import open_runtime
from tierwise.evals.scoring import Entrant
from tierwise.routing.money import PICO_USD_PER_USD
from tierwise.routing.tiers import MODEL_TIERS, Tier
from tierwise.text import Rejection

_NOBODY = TierOptions(models=())


def entrant_of(config: Config, ref: str) -> Entrant | Rejection:
    """A model by its reference, on the cheapest tier that has it; one that stands on none is asked on bulk."""
    options = config.backend_of(ref)
    if options is None or not ref.partition("/")[2]:
        known = ", ".join(config.backends)
        return Rejection(
            "unknown-model", f"{ref!r} names no configured backend; write BACKEND/MODEL with one of {known}"
        )
    tier = next((tier for tier in MODEL_TIERS if ref in config.tier(tier).models), Tier.BULK)
    return Entrant(ref=ref, tier=tier, is_scripted=isinstance(options, ScriptedOptions))


async def default_entrants(loaded: Loaded) -> tuple[Entrant, ...]:
    """On each tier the model that would be asked first now."""
    runtime = open_runtime(loaded)
    try:
        await runtime.learn()
        await runtime.probe()
        firsts = [
            next((c for c in runtime.candidates if c.tier is tier and c.can_be_tried), None) for tier in MODEL_TIERS
        ]
    finally:
        await runtime.aclose()
    return tuple(Entrant(ref=c.ref, tier=c.tier, is_scripted=c.is_scripted) for c in firsts if c is not None)


def judge_of(config: Config, ref: str | None) -> Entrant | Rejection:
    """The model that judges: the one named here, else the role's, else the first of the top tier."""
    chosen = ref or config.roles.judge or next(iter(config.tier(Tier.TOP).models), None)
    if chosen is None:
        return Rejection("no-judge", "no model judges; name one with --judge or set roles.judge")
    return entrant_of(config, chosen)


def with_only(loaded: Loaded, entrant: Entrant, most_pico_usd: int | None = None) -> Loaded:
    """A configuration in which this model stands alone and is asked once, and no action costs more than this."""
    config = loaded.config
    tiers = {
        str(tier): config.tier(tier).model_copy(update={"models": (entrant.ref,)}) if tier is entrant.tier else _NOBODY
        for tier in MODEL_TIERS
    }
    limits = config.limits.model_copy(update={"max_attempts": 1})
    # An answer given before says nothing about a model.
    cache = config.cache.model_copy(update={"enabled": False})
    changes: dict[str, object] = {"tiers": TiersOptions(**tiers), "limits": limits, "cache": cache}
    if most_pico_usd is not None:
        own = config.budgets.action.hard_usd
        bound = Decimal(most_pico_usd) / PICO_USD_PER_USD
        action = Allowance.model_construct(soft_usd=None, hard_usd=bound if own is None else min(own, bound))
        changes["budgets"] = config.budgets.model_copy(update={"action": action})
    return replace(loaded, config=config.model_copy(update=changes))
