"""Where telemetry goes: off unless the user's own file switches it on, then as the standard variables say."""

from pathlib import Path
from typing import Any

import pytest

from tierwise.backends.options import AnthropicOptions, LlamaCppOptions, OllamaOptions, OpenAIOptions, ScriptedOptions
from tierwise.config import load_config
from tierwise.config.telemetry_options import TelemetryOptions
from tierwise.telemetry.destination import Destination, destination_of
from tierwise.telemetry.servers import Server, server_of

ON = TelemetryOptions(enabled=True)
HERE = TelemetryOptions(otlp_endpoint="http://127.0.0.1:4318/")
BASE = "OTEL_EXPORTER_OTLP_ENDPOINT"
HEADERS = "OTEL_EXPORTER_OTLP_HEADERS"


def urls(options: TelemetryOptions, **env: str) -> dict[str, str]:
    """Where each signal goes."""
    found = destination_of(options, env)
    assert isinstance(found, Destination), found
    return dict(found.urls)


def test_variables_alone_switch_nothing_on() -> None:
    assert destination_of(TelemetryOptions(), {BASE: "http://127.0.0.1:4318"}) is None


@pytest.mark.parametrize(
    ("options", "env", "traces", "metrics"),
    [
        (ON, {}, "http://localhost:4318/v1/traces", "http://localhost:4318/v1/metrics"),
        (
            ON,
            {BASE: "https://c.example/otel/"},
            "https://c.example/otel/v1/traces",
            "https://c.example/otel/v1/metrics",
        ),
        (
            ON,
            {BASE: "http://127.0.0.1:1", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT": "http://127.0.0.1:2/t"},
            "http://127.0.0.1:2/t",
            "http://127.0.0.1:1/v1/metrics",
        ),
        (ON, {"OTEL_TRACES_EXPORTER": "none"}, None, "http://localhost:4318/v1/metrics"),
        (HERE, {"OTEL_METRICS_EXPORTER": "none"}, "http://127.0.0.1:4318/v1/traces", None),
        # An address in the user's own file is not moved by what surrounds the program.
        (HERE, {BASE: "http://127.0.0.1:9"}, "http://127.0.0.1:4318/v1/traces", "http://127.0.0.1:4318/v1/metrics"),
        (
            HERE,
            {"OTEL_EXPORTER_OTLP_PROTOCOL": "grpc"},
            "http://127.0.0.1:4318/v1/traces",
            "http://127.0.0.1:4318/v1/metrics",
        ),
    ],
)
def test_the_address_of_each_signal(
    options: TelemetryOptions, env: dict[str, str], traces: str | None, metrics: str | None
) -> None:
    wanted = {"traces": traces, "metrics": metrics}
    assert urls(options, **env) == {signal: url for signal, url in wanted.items() if url is not None}


@pytest.mark.parametrize(
    "env", [{"OTEL_SDK_DISABLED": "TRUE"}, {"OTEL_TRACES_EXPORTER": "none", "OTEL_METRICS_EXPORTER": "none"}]
)
def test_the_variables_can_switch_it_off(env: dict[str, str]) -> None:
    assert destination_of(HERE, env) is None


@pytest.mark.parametrize(
    ("env", "words"),
    [
        ({BASE: "c.example:4318"}, "is not an address of a server"),
        ({BASE: "http://me:secret@c.example"}, "no user name"),
        ({BASE: "http://c.example", HEADERS: "api-key=1"}, "must not travel unencrypted to 'c.example'"),
        ({"OTEL_EXPORTER_OTLP_PROTOCOL": "grpc"}, "asks for 'grpc' and only 'http/protobuf' is spoken"),
    ],
)
def test_what_cannot_be_done_is_a_sentence(env: dict[str, str], words: str) -> None:
    found = destination_of(ON, env)
    assert isinstance(found, str)
    assert words in found
    assert found.startswith("no telemetry is sent: ")


def test_headers_and_times_are_read_as_the_specification_has_them() -> None:
    env = {
        HEADERS: "api-key=a%20b, X-Tenant = 7,broken,=x,bad=\x07",
        "OTEL_EXPORTER_OTLP_METRICS_HEADERS": "api-key=m",
        "OTEL_EXPORTER_OTLP_TIMEOUT": "2500",
        "OTEL_EXPORTER_OTLP_COMPRESSION": "gzip",
        "OTEL_BSP_SCHEDULE_DELAY": "none of your business",
        "OTEL_METRIC_EXPORT_INTERVAL": "100",
        "OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE": "Delta",
    }
    found = destination_of(HERE, env)
    assert isinstance(found, Destination)
    assert found.headers == {"traces": (("api-key", "a b"), ("x-tenant", "7")), "metrics": (("api-key", "m"),)}
    assert (found.timeout_s, found.traces_every_s, found.metrics_every_s) == (2.5, 5.0, 0.1)
    assert (found.is_compressed, found.is_delta) == (True, True)
    assert "a b" not in repr(found)


@pytest.mark.parametrize("inputs", [{}, {"trusted": True}], ids=["untrusted", "trusted"])
@pytest.mark.parametrize("telemetry", [{"otlp_endpoint": "http://127.0.0.1:9"}, {"enabled": True}], ids=str)
def test_only_the_users_own_file_switches_it_on(
    tmp_path: Path, inputs: dict[str, Any], telemetry: dict[str, Any]
) -> None:
    loaded = load_config(editor_settings={"telemetry": telemetry}, env={}, **inputs)
    assert not loaded.config.telemetry.is_on
    assert "own-file-only" in [problem.code for problem in loaded.problems]
    root = tmp_path / "ws"
    root.mkdir()
    (root / ".tierwise.toml").write_text('[telemetry]\nenabled = true\notlp_endpoint = "http://127.0.0.1:9"\n')
    user = tmp_path / "config.toml"
    user.write_text("")
    loaded = load_config(user_file=user, workspace_roots=(root,), env={}, **inputs)
    assert not loaded.config.telemetry.is_on
    user.write_text('[telemetry]\notlp_endpoint = "http://127.0.0.1:9"\n')
    assert load_config(user_file=user, env={}).config.telemetry.is_on


@pytest.mark.parametrize(
    ("options", "server"),
    [
        (OllamaOptions(type="ollama"), Server(provider="ollama", address="127.0.0.1", port=11434)),
        (AnthropicOptions(type="anthropic"), Server(provider="anthropic", address="api.anthropic.com", port=443)),
        (LlamaCppOptions(type="llamacpp"), Server(provider="llama_cpp")),
        (ScriptedOptions(type="scripted", script="x"), Server(provider="scripted")),
        (None, Server(provider="scripted")),
        (
            OpenAIOptions(type="openai", base_url="https://api.openai.com/v1"),
            Server(provider="openai", address="api.openai.com", port=443),
        ),
        (
            OpenAIOptions(type="openai", base_url="https://api.groq.com/v1"),
            Server(provider="groq", address="api.groq.com", port=443),
        ),
        (
            OpenAIOptions(type="openai", base_url="http://127.0.0.1:8080"),
            Server(provider="openai", address="127.0.0.1", port=8080),
        ),
        (
            OpenAIOptions(type="openai", base_url="https://me.openai.azure.com/openai"),
            Server(provider="azure.ai.openai", address="me.openai.azure.com", port=443),
        ),
    ],
    ids=lambda value: type(value).__name__ if not isinstance(value, Server) else value.provider,
)
def test_a_server_has_the_conventions_name(options: Any, server: Server) -> None:
    assert server_of(options) == server
