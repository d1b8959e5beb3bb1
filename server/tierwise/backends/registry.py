"""From options to a live backend. The SDKs are heavy, so each is imported when its first backend is made."""
# ruff: noqa: PLC0415

from pathlib import Path
from typing import TYPE_CHECKING, assert_never

from tierwise.backends.base import Backend, BackendError, FailureKind
from tierwise.backends.options import (
    AnthropicOptions,
    AnyBackendOptions,
    KeyedOptions,
    LlamaCppOptions,
    OllamaOptions,
    OpenAIOptions,
    ScriptedOptions,
)
from tierwise.backends.origins import Origin

if TYPE_CHECKING:
    from tierwise.backends.egress import Egress
    from tierwise.backends.vectors import Embedder

NetworkedOptions = OllamaOptions | OpenAIOptions | AnthropicOptions | LlamaCppOptions


def connect(
    options: AnyBackendOptions, *, key: str | None = None, log_dir: Path | None = None, egress: "Egress | None" = None
) -> Backend:
    """Make the backend; nothing is sent yet. The first one of a kind imports its SDK, about a second
    of work, meant for a thread.

    `log_dir` is where child processes write their logs; None keeps these in temporary files. `egress` is the way out
    that the process uses for everything. Raises BackendError of kind NOT_CONFIGURED when the options cannot work,
    e.g. a key for an unencrypted address elsewhere.
    """
    if isinstance(options, ScriptedOptions):
        from tierwise.backends.scripted import ScriptedBackend

        return ScriptedBackend(options)
    return _connect(options, key, log_dir, open_egress() if egress is None else egress)


def connect_embedder(
    options: AnyBackendOptions | None, model: str, *, key: str | None = None, egress: "Egress | None" = None
) -> "Embedder":
    """Make what makes vectors; imports what it stands on. Raises BackendError when it cannot work."""
    from tierwise.backends.embedding import connect_embedder as connect_one

    return connect_one(options, model, key=key, egress=egress)


def open_egress() -> "Egress":
    """The way out; imports what connections stand on."""
    from tierwise.backends.egress import Egress

    return Egress()


def _connect(options: NetworkedOptions, key: str | None, log_dir: Path | None, egress: "Egress") -> Backend:
    match options:
        case OllamaOptions():
            _check_key(options, options.host, key)
            from tierwise.backends.ollama import OllamaBackend

            return OllamaBackend(options, key, egress)
        case OpenAIOptions():
            _check_key(options, options.base_url, key)
            from tierwise.backends.openai_compatible import OpenAIBackend

            return OpenAIBackend(options, key, egress)
        case AnthropicOptions():
            _check_key(options, options.base_url, key)
            from tierwise.backends.anthropic import AnthropicBackend

            return AnthropicBackend(options, key, egress)
        case LlamaCppOptions():
            from tierwise.backends.llamacpp import LlamaCppBackend

            return LlamaCppBackend(options, log_dir, egress)
        case _:
            assert_never(options)


def _check_key(options: KeyedOptions, url: str, key: str | None) -> None:
    origin = Origin.of(url)
    if options.proxy is not None and origin.scheme != "https":
        words = f"a proxy would read what is sent to {origin.host!r}: write its address with https, or take out proxy"
        raise BackendError(FailureKind.NOT_CONFIGURED, words)
    if key is not None and origin.scheme != "https" and not origin.is_loopback:
        words = f"a key must not travel unencrypted to {origin.host!r}: write its address with https"
        raise BackendError(FailureKind.NOT_CONFIGURED, words)
    if key is None and options.needs_key:
        words = f"there is no key for {origin.host!r}: put it into {options.key_words}"
        raise BackendError(FailureKind.NOT_CONFIGURED, words)
