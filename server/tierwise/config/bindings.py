"""Keep keys at home: settings that an editor passes on cannot point a key at another server."""

from collections.abc import Iterator, Mapping

from tierwise.backends.options import (
    AnthropicOptions,
    AnyBackendOptions,
    KeyedOptions,
    OllamaOptions,
    OpenAIOptions,
)
from tierwise.backends.origins import Origin
from tierwise.config.root import Config


def origin_of(options: AnyBackendOptions) -> Origin | None:
    """The server a backend talks to; None for one that starts its own or needs none."""
    if isinstance(options, OllamaOptions):
        return Origin.of(options.host)
    return Origin.of(options.base_url) if isinstance(options, OpenAIOptions | AnthropicOptions) else None


def key_names(options: AnyBackendOptions) -> tuple[str, ...]:
    """The keys a backend uses, each as `env:NAME` or `keyring:NAME`."""
    if not isinstance(options, KeyedOptions):
        return ()
    names = (("env", options.api_key_env), ("keyring", options.keyring_service))
    return tuple(f"{kind}:{name}" for kind, name in names if name is not None)


def key_homes(config: Config) -> dict[str, frozenset[Origin]]:
    """The servers each key belongs to, as the user's own file has it."""
    homes: dict[str, set[Origin]] = {}
    for name, origin in _uses(config.backends):
        homes.setdefault(name, set()).add(origin)
    return {name: frozenset(origins) for name, origins in homes.items()}


def straying_keys(config: Config, homes: Mapping[str, frozenset[Origin]]) -> dict[str, str]:
    """The backends that would send a key away from its home, each with a sentence on it."""
    strays: dict[str, str] = {}
    for backend, options in config.backends.items():
        for name, origin in _uses({backend: options}):
            at_home = homes.get(name)
            if at_home is not None and origin not in at_home:
                key = name.partition(":")[2]
                strays[backend] = (
                    f"'backends.{backend}' would send the key {key!r} to {origin}, but it belongs to"
                    f" {', '.join(sorted(map(str, at_home)))}; if that is meant, say so in your own settings file"
                )
    return strays


def _uses(backends: Mapping[str, AnyBackendOptions]) -> Iterator[tuple[str, Origin]]:
    for options in backends.values():
        origin = origin_of(options)
        for name in key_names(options):
            if origin is not None:
                yield name, origin
