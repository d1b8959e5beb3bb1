"""When settings that protect the user are lost, nothing leaves this machine until they are mended."""

from collections.abc import Iterable

from tierwise.config.keypaths import Tree, did_you_mean
from tierwise.config.layers import Layer, Source, SourceKind
from tierwise.config.problems import Problem, Severity
from tierwise.config.root import Config
from tierwise.config.sections import MODEL_TIER_NAMES, ModelTier
from tierwise.config.similarity_options import is_bundled

_PROTECTIVE = ("privacy", "limits", "checks", "tiers", "actions")
_HARMLESS_LEAVES = ("models", "title", "instructions", "kind", "scope")
_HARMLESS_CODES = ("unknown-backend", "built-in-action", "action-collides", "action-incomplete")


def lost_protection(problems: Iterable[Problem]) -> Problem | None:
    """The first problem through which a protective setting may have been lost, or None.

    That is the case for a file nobody can read, for a key of a protective section, and for a misspelled section.
    """
    for problem in problems:
        if problem.severity is Severity.ERROR and problem.code not in _HARMLESS_CODES and _is_protective(problem.key):
            return problem
    return None


def _is_protective(key: str) -> bool:
    section, _, rest = key.partition(".")
    if section in _PROTECTIVE:
        return not any(leaf in rest for leaf in _HARMLESS_LEAVES)
    return not key or (not rest and bool(did_you_mean(section, _PROTECTIVE)))


def guard_layer(config: Config, cause: Problem) -> Layer:
    """A layer that leaves only models on this machine."""
    place = cause.key or (cause.path.name if cause.path else "the settings")
    tiers: Tree = {tier: {"models": _kept(config, tier)} for tier in MODEL_TIER_NAMES}
    roles: Tree = {
        role: ref
        for role, ref in (("economy", config.roles.economy), ("judge", config.roles.judge))
        if ref is None or config.keeps_on_this_machine(ref)
    }
    roles = {role: roles.get(role) for role in ("economy", "judge")}
    judge = config.tripwire.judge
    tripwire: Tree = {
        "judge": judge if judge is not None and config.keeps_on_this_machine(judge) else None,
        "webhook": None,
    }
    alike = config.cache.similarity.model
    if alike is not None and not (is_bundled(alike) or config.keeps_on_this_machine(alike)):
        alike = None
    cache: Tree = {"similarity": {"model": alike}}
    telemetry: Tree = {"enabled": False, "otlp_endpoint": None}
    tree: Tree = {"tiers": tiers, "roles": roles, "tripwire": tripwire, "cache": cache, "telemetry": telemetry}
    return Layer(Source(SourceKind.GUARD, name=f"{place!r} is mended"), tree)


def _kept(config: Config, tier: ModelTier) -> list[str]:
    return [ref for ref in getattr(config.tiers, tier).models if config.keeps_on_this_machine(ref)]


def guard_note(cause: Problem) -> Problem:
    """Tell the user what the guard does."""
    place = repr(cause.key) if cause.key else "the file"
    words = f"until {place} is mended, only models on this machine are used, because a protection may be lost"
    return Problem(code="guarded", words=words, severity=Severity.NOTE, path=cause.path, line=cause.line, key=cause.key)
