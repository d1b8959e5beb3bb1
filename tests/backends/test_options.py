"""What may be configured, and what follows from it."""

from typing import Any

import pytest
from pydantic import TypeAdapter, ValidationError

from tierwise.backends.options import AnyBackendOptions

OPTIONS: TypeAdapter[AnyBackendOptions] = TypeAdapter(AnyBackendOptions)


@pytest.mark.parametrize(
    ("given", "model", "stays"),
    [
        ({"type": "ollama"}, "qwen2.5-coder:7b", True),
        ({"type": "ollama"}, "glm-4.6:cloud", False),
        ({"type": "ollama"}, "gpt-oss:120b-cloud", False),
        ({"type": "ollama", "host": "http://localhost:11434"}, "m", True),
        ({"type": "ollama", "host": "http://[::1]:11434"}, "m", True),
        ({"type": "ollama", "host": "http://127.9.9.9:1"}, "m", True),
        ({"type": "ollama", "host": "http://192.168.1.5:11434"}, "m", False),
        ({"type": "ollama", "host": "https://ollama.com"}, "m", False),
        ({"type": "ollama", "host": "http://127.0.0.1.example.com"}, "m", False),
        ({"type": "openai", "base_url": "https://api.z.ai/api/paas/v4"}, "glm-5.1", False),
        ({"type": "openai", "base_url": "http://127.0.0.1:8080/v1"}, "m", True),
        ({"type": "llamacpp"}, "smollm2", True),
        ({"type": "scripted", "script": "x.json"}, "m", True),
    ],
)
def test_what_stays_on_this_machine(given: dict[str, Any], model: str, stays: bool) -> None:
    options = OPTIONS.validate_python(given)
    assert options.keeps_on_this_machine(model) is stays


@pytest.mark.parametrize(
    ("given", "first_token_s", "n_concurrent"),
    [
        ({"type": "ollama"}, 120.0, 2),
        ({"type": "llamacpp"}, 120.0, 1),
        ({"type": "openai", "base_url": "https://a.example"}, 30.0, 4),
        ({"type": "openai", "base_url": "https://a.example", "first_token_timeout_s": 90, "concurrency": 9}, 90.0, 9),
    ],
)
def test_clocks_and_concurrency(given: dict[str, Any], first_token_s: float, n_concurrent: int) -> None:
    options = OPTIONS.validate_python(given)
    clocks = options.clocks
    assert (clocks.connect_s, clocks.first_token_s, clocks.between_tokens_s) == (3.0, first_token_s, 20.0)
    assert options.n_concurrent == n_concurrent


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"type": "nothing"}, "ollama"),
        ({"type": "ollama", "api_key": "sk-in-a-file"}, "api_key"),
        ({"type": "openai"}, "base_url"),
        ({"type": "openai", "base_url": "api.z.ai/v4"}, "is not an address"),
        ({"type": "openai", "base_url": "file:///etc/passwd"}, "is not an address"),
        ({"type": "openai", "base_url": "https://me:secret@a.example/v1"}, "user name"),
        ({"type": "openai", "base_url": "https://a.example/v1?key=x"}, "user name"),
        ({"type": "openai", "base_url": "https://a.example:port/v1"}, "port|Port"),
        ({"type": "ollama", "host": "127.0.0.1:11434"}, "is not an address"),
        ({"type": "ollama", "concurrency": 0}, "greater than 0"),
    ],
)
def test_what_is_refused(given: dict[str, Any], words: str) -> None:
    with pytest.raises(ValidationError, match=words):
        OPTIONS.validate_python(given)


def test_every_field_is_described_in_the_schema() -> None:
    kinds = OPTIONS.json_schema()["$defs"].values()
    assert len(kinds) == 5
    for kind in kinds:
        assert kind["additionalProperties"] is False
        for name, field in kind["properties"].items():
            assert field.get("description"), f"{kind['title']}.{name}"
