"""Who runs a model, in the words of the conventions for generative AI. Pure."""

from dataclasses import dataclass

from tierwise.backends.options import (
    AnthropicOptions,
    AnyBackendOptions,
    LlamaCppOptions,
    OllamaOptions,
    OpenAIOptions,
)
from tierwise.config.bindings import origin_of

_HOSTS = {
    "api.openai.com": "openai",
    "api.deepseek.com": "deepseek",
    "api.groq.com": "groq",
    "api.mistral.ai": "mistral_ai",
    "api.x.ai": "x_ai",
    "api.perplexity.ai": "perplexity",
    "generativelanguage.googleapis.com": "gcp.gemini",
}
"""Hosts of providers the conventions have a name for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Server:
    """Who is asked."""

    provider: str
    address: str | None = None
    """None: a child process, or no server at all."""
    port: int | None = None


def server_of(options: AnyBackendOptions | None) -> Server:
    """The server behind a backend; for a compatible server nobody has a name for, whose protocol it speaks."""
    origin = None if options is None else origin_of(options)
    address, port = (None, None) if origin is None else (origin.host, origin.port)
    return Server(provider=_provider(options, address or ""), address=address, port=port)


def _provider(options: AnyBackendOptions | None, host: str) -> str:
    match options:
        case OllamaOptions():
            return "ollama"
        case AnthropicOptions():
            return "anthropic"
        case LlamaCppOptions():
            return "llama_cpp"
        case OpenAIOptions():
            return "azure.ai.openai" if host.endswith(".openai.azure.com") else _HOSTS.get(host, "openai")
        case _:
            return "scripted"
