"""Whether a model can be asked now, from what is known of its server. Pure; asked by menus, routes and the doctor."""

from tierwise.backends.base import FailureKind, Health
from tierwise.backends.options import AnyBackendOptions, KeyedOptions, OllamaOptions
from tierwise.routing.tiers import Availability

_OF_FAILURE = {
    FailureKind.AUTHENTICATION: Availability.NO_KEY,
    FailureKind.NO_MODEL: Availability.NO_MODEL,
    FailureKind.NOT_CONFIGURED: Availability.UNREACHABLE,
    FailureKind.REFUSED: Availability.UNREACHABLE,
    FailureKind.TIMEOUT_CONNECT: Availability.UNREACHABLE,
}
"""What failures say; a server with any other trouble is left alone for a while."""


def availability_of(
    options: AnyBackendOptions,
    model: str,
    *,
    has_key: bool,
    health: Health | None,
    trouble: tuple[FailureKind, str] | None = None,
) -> tuple[Availability, str]:
    """Whether a model can be asked, and what is wrong in words.

    `health` is what a probe found, None when nobody asked; `trouble` is what keeps calls from it at the moment.
    """
    if isinstance(options, KeyedOptions) and options.needs_key and not has_key:
        return Availability.NO_KEY, f"no key in {options.key_words}"
    if trouble is not None:
        kind, words = trouble
        return _OF_FAILURE.get(kind, Availability.PAUSED), words
    return _by_health(options, model, health)


def _by_health(options: AnyBackendOptions, model: str, health: Health | None) -> tuple[Availability, str]:
    if health is None:
        return Availability.UNKNOWN, ""
    if not health.is_reachable or health.failure is FailureKind.AUTHENTICATION:
        found = Availability.UNREACHABLE if health.failure is None else _OF_FAILURE.get(health.failure)
        return found or Availability.UNREACHABLE, health.words
    if model in health.missing:
        return Availability.NO_MODEL, health.missing[model]
    if has_model(health, model):
        return Availability.READY, "the first call fetches it from the hub" if model in health.to_fetch else ""
    # An OpenAI-compatible server may serve models it does not list, so only Ollama's list counts as a no.
    if isinstance(options, OllamaOptions):
        return Availability.NO_MODEL, health.words or f"the server has no model {model!r}"
    return Availability.READY, "its server does not list it"


def has_model(health: Health, model: str) -> bool:
    """Whether a server lists a model, or lists nothing."""
    return health.models is None or model in health.models or f"{model}:latest" in health.models
