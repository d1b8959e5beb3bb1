"""Where telemetry goes and how often: from the configuration and the standard variables of the environment. Pure.

The variables are those of the OpenTelemetry specification, "OpenTelemetry Protocol Exporter" and "Environment Variable
Specification"; the ones on resources and sampling are read by the SDK itself.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import unquote

from tierwise.backends.origins import Origin
from tierwise.config.telemetry_options import TelemetryOptions

DEFAULT_ENDPOINT = "http://localhost:4318"
SPOKEN = "http/protobuf"
_SIGNALS = ("traces", "metrics")


@dataclass(frozen=True, slots=True, kw_only=True)
class Destination:
    """Where to send, and in which pauses."""

    urls: Mapping[str, str]
    """By signal, `traces` and `metrics`; a signal that is not wanted has none."""
    headers: Mapping[str, tuple[tuple[str, str], ...]] = field(repr=False)
    """By signal; they may hold keys."""
    timeout_s: float
    is_compressed: bool
    traces_every_s: float
    metrics_every_s: float
    is_delta: bool
    """Whether a metric tells what was added since it was told last, instead of all."""


def destination_of(options: TelemetryOptions, env: Mapping[str, str]) -> Destination | str | None:
    """Where telemetry goes; None: nowhere; a sentence for the user: it cannot go where it should."""
    if not options.is_on or env.get("OTEL_SDK_DISABLED", "").strip().lower() == "true":
        return None
    urls = {signal: url for signal in _SIGNALS if (url := _url(signal, options, env)) is not None}
    if not urls:
        return None
    headers = {signal: _headers(signal, env) for signal in urls}
    objection = _objection(urls, headers, options, env)
    if objection is not None:
        return objection
    preference = env.get("OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE", "").strip().lower()
    return Destination(
        urls=urls,
        headers=headers,
        timeout_s=_milliseconds(env, "OTEL_EXPORTER_OTLP_TIMEOUT", 10_000),
        is_compressed=_of_signal("traces", "COMPRESSION", env).strip().lower() == "gzip",
        traces_every_s=_milliseconds(env, "OTEL_BSP_SCHEDULE_DELAY", 5_000),
        metrics_every_s=_milliseconds(env, "OTEL_METRIC_EXPORT_INTERVAL", 60_000),
        is_delta=preference == "delta",
    )


def _url(signal: str, options: TelemetryOptions, env: Mapping[str, str]) -> str | None:
    if env.get(f"OTEL_{signal.upper()}_EXPORTER", "otlp").strip().lower() == "none":
        return None
    if options.otlp_endpoint is not None:
        return f"{options.otlp_endpoint.rstrip('/')}/v1/{signal}"
    own = env.get(f"OTEL_EXPORTER_OTLP_{signal.upper()}_ENDPOINT", "").strip()
    if own:
        return own
    base = env.get("OTEL_EXPORTER_OTLP_ENDPOINT", "").strip() or DEFAULT_ENDPOINT
    return f"{base.rstrip('/')}/v1/{signal}"


def _of_signal(signal: str, name: str, env: Mapping[str, str]) -> str:
    return env.get(f"OTEL_EXPORTER_OTLP_{signal.upper()}_{name}") or env.get(f"OTEL_EXPORTER_OTLP_{name}", "")


def _headers(signal: str, env: Mapping[str, str]) -> tuple[tuple[str, str], ...]:
    """Headers as they are written in a variable: `name=value,name=value`, percent-encoded."""
    pairs = (part.partition("=") for part in _of_signal(signal, "HEADERS", env).split(","))
    found = ((unquote(name).strip().lower(), unquote(value).strip()) for name, _, value in pairs)
    return tuple((name, value) for name, value in found if name and value and _is_plain(name + value))


def _is_plain(words: str) -> bool:
    return words.isascii() and words.isprintable()


def _objection(
    urls: Mapping[str, str],
    headers: Mapping[str, tuple[tuple[str, str], ...]],
    options: TelemetryOptions,
    env: Mapping[str, str],
) -> str | None:
    for signal, url in urls.items():
        try:
            origin = Origin.of(url)
        except ValueError as err:
            return f"no telemetry is sent: {err}"
        if headers[signal] and origin.scheme != "https" and not origin.is_loopback:
            return (
                f"no telemetry is sent: the headers of OTEL_EXPORTER_OTLP_HEADERS must not travel unencrypted to"
                f" {origin.host!r}, write its address with https"
            )
        protocol = _of_signal(signal, "PROTOCOL", env).strip().lower()
        if options.otlp_endpoint is None and protocol not in ("", SPOKEN):
            return (
                f"no telemetry is sent: OTEL_EXPORTER_OTLP_PROTOCOL asks for {protocol!r} and only {SPOKEN!r} is"
                " spoken, name the collector's HTTP address as telemetry.otlp_endpoint"
            )
    return None


def _milliseconds(env: Mapping[str, str], name: str, default: int) -> float:
    """A variable in milliseconds, as seconds; what is no number or makes no sense is left out of account."""
    written = env.get(name, "").strip()
    value = int(written) if written.isascii() and written.isdigit() else default
    return min(max(value, 10), 3_600_000) / 1000
