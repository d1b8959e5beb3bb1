"""Makes spans and metrics of what was noted, by the OpenTelemetry conventions for generative AI, and their bytes.

Imported only where telemetry is wanted, and used in one thread at a time. The conventions are those of the repository
open-telemetry/semantic-conventions-genai ("Spans", "Metrics"), in development; names of our own begin with `tierwise.`.
"""

from collections.abc import Iterable, Mapping
from typing import Any
from uuid import uuid4

from opentelemetry import trace
from opentelemetry.exporter.otlp.proto.common.metrics_encoder import encode_metrics
from opentelemetry.exporter.otlp.proto.common.trace_encoder import encode_spans
from opentelemetry.metrics import Histogram
from opentelemetry.sdk.metrics import Counter as SdkCounter
from opentelemetry.sdk.metrics import Histogram as SdkHistogram
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import AggregationTemporality, InMemoryMetricReader
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import ReadableSpan, SpanProcessor, TracerProvider
from opentelemetry.trace import Span, SpanKind, StatusCode

from tierwise import __version__
from tierwise.backends.base import FailureKind
from tierwise.config import Config
from tierwise.routing.money import PICO_USD_PER_USD
from tierwise.store.rows import AttemptEnd
from tierwise.telemetry.events import ActionEvent, CallEvent
from tierwise.telemetry.servers import Server, server_of

SECONDS = (0.01, 0.02, 0.04, 0.08, 0.16, 0.32, 0.64, 1.28, 2.56, 5.12, 10.24, 20.48, 40.96, 81.92)
"""Buckets of `gen_ai.client.operation.duration`, as the conventions have them."""
TOKENS = tuple(4**power for power in range(14))
"""Buckets of `gen_ai.client.token.usage`, as the conventions have them: 1, 4, 16 and so on."""
_CHAT = "chat"
_NS = 10**9

Attributes = dict[str, str | int | float | bool | tuple[str, ...]]


class _Ended(SpanProcessor):
    """Keeps the spans that have ended until they are taken."""

    def __init__(self) -> None:
        self._spans: list[ReadableSpan] = []

    def on_end(self, span: ReadableSpan) -> None:
        if span.context is not None and span.context.trace_flags.sampled:
            self._spans.append(span)

    def take(self) -> list[ReadableSpan]:
        spans, self._spans = self._spans, []
        return spans


class Translator:
    """The spans and metrics of one process."""

    def __init__(self, config: Config, *, is_delta: bool) -> None:
        self._servers = {name: server_of(options) for name, options in config.backends.items()}
        # Windows of one user are told apart by this, or their sums would overwrite each other.
        itself = {"service.version": __version__, "service.instance.id": str(uuid4())}
        resource = Resource.create({**itself, **_named()})
        self._ended = _Ended()
        tracers = TracerProvider(resource=resource, shutdown_on_exit=False)
        tracers.add_span_processor(self._ended)
        self._tracer = tracers.get_tracer("tierwise", __version__)
        delta = AggregationTemporality.DELTA
        self._reader = InMemoryMetricReader({SdkCounter: delta, SdkHistogram: delta} if is_delta else None)
        meters = MeterProvider([self._reader], resource=resource, shutdown_on_exit=False)
        meter = meters.get_meter("tierwise", __version__)
        self._duration = meter.create_histogram(
            "gen_ai.client.operation.duration", "s", "GenAI operation duration.",
            explicit_bucket_boundaries_advisory=SECONDS,
        )  # fmt: skip
        self._first = meter.create_histogram(
            "gen_ai.client.operation.time_to_first_chunk", "s", "Time to the first chunk of a reply.",
            explicit_bucket_boundaries_advisory=SECONDS,
        )  # fmt: skip
        self._tokens: Histogram = meter.create_histogram(
            "gen_ai.client.token.usage", "{token}", "Number of input and output tokens used.",
            explicit_bucket_boundaries_advisory=TOKENS,
        )  # fmt: skip
        self._spend = meter.create_counter("tierwise.spend", "{USD}", "Money calls cost, as far as it is known.")
        self._unknown = meter.create_counter("tierwise.unknown_cost", "{call}", "Calls whose cost nobody knows.")
        self._calls = meter.create_counter("tierwise.calls", "{call}", "Calls of models, by what came of them.")
        self._actions = meter.create_counter("tierwise.actions", "{action}", "Actions, by how they ended.")
        self._spared = meter.create_counter(
            "tierwise.cache.spared", "{USD}", "Money that kept answers did not cost again."
        )

    def note(self, events: Iterable[ActionEvent]) -> None:
        """Take in actions that have ended."""
        for event in events:
            self._note_action(event)

    def spans(self) -> bytes | None:
        """The spans since the last time, as the body of a request; None: there are none."""
        spans = self._ended.take()
        body: bytes | None = encode_spans(spans).SerializeToString() if spans else None
        return body

    def metrics(self) -> bytes | None:
        """The metrics, as the body of a request; None: there are none."""
        found = self._reader.get_metrics_data()
        body: bytes | None = None if found is None else encode_metrics(found).SerializeToString()
        return body

    def _note_action(self, event: ActionEvent) -> None:
        self._actions.add(1, {"tierwise.action": event.start.action, "tierwise.outcome": event.outcome or "unknown"})
        span = self._tracer.start_span(
            f"tierwise.action {event.start.action}", start_time=event.began_ns, attributes=_of_action(event)
        )
        if event.outcome == "failed":
            span.set_status(StatusCode.ERROR)
        for call in event.calls:
            if call.end is not None:
                self._note_call(event, call, call.end, span)
        for hit in event.hits:
            if hit.saved_pico_usd is not None:
                self._spared.add(hit.saved_pico_usd / PICO_USD_PER_USD, {"tierwise.tier": str(hit.tier)})
        span.end(event.ended_ns)

    def _note_call(self, event: ActionEvent, call: CallEvent, end: AttemptEnd, above: Span) -> None:
        server = self._servers.get(call.start.backend, Server(provider="unknown"))
        common = _common(call, end, server)
        inside = trace.set_span_in_context(above)
        answered_ns = min(call.began_ns + int(end.duration_s * _NS), max(call.ended_ns, call.began_ns))
        span = self._tracer.start_span(
            f"{_CHAT} {call.start.model}", inside, SpanKind.CLIENT, common | _of_call(call, end),
            start_time=call.began_ns,
        )  # fmt: skip
        if end.outcome == "failed":
            span.set_status(StatusCode.ERROR, end.code)
        span.end(answered_ns)
        if end.outcome in ("accepted", "rejected"):
            verdict: Attributes = {"tierwise.verdict": end.outcome}
            check = self._tracer.start_span(
                "tierwise.check", inside, attributes=verdict | _if_any("tierwise.verdict.code", end.code),
                start_time=answered_ns,
            )  # fmt: skip
            check.end(max(call.ended_ns, answered_ns))
        self._measure(event, call, end, common)

    def _measure(self, event: ActionEvent, call: CallEvent, end: AttemptEnd, common: Attributes) -> None:
        self._duration.record(end.duration_s, common)
        if end.first_token_s is not None:
            self._first.record(end.first_token_s, common)
        # Guessed counts are no usage: the conventions want such a metric left out.
        if end.usage is not None and not end.is_usage_estimated:
            self._tokens.record(end.usage.input_tokens, {**common, "gen_ai.token.type": "input"})
            self._tokens.record(end.usage.output_tokens, {**common, "gen_ai.token.type": "output"})
        ours: Attributes = {
            "tierwise.action": event.start.action,
            "tierwise.tier": str(call.start.tier),
            "tierwise.planned": call.start.planned,
            "gen_ai.request.model": call.start.model,
        }
        self._calls.add(1, {**ours, "tierwise.verdict": end.outcome, **_if_any("tierwise.verdict.code", end.code)})
        if end.cost_pico_usd is None:
            self._unknown.add(1, ours)
        else:
            self._spend.add(end.cost_pico_usd / PICO_USD_PER_USD, ours)


def _named() -> Mapping[str, str]:
    """The service's name, which OTEL_SERVICE_NAME and OTEL_RESOURCE_ATTRIBUTES go before."""
    found = Resource.create({}).attributes.get("service.name")
    return {} if isinstance(found, str) and not found.startswith("unknown_service") else {"service.name": "tierwise"}


def _of_action(event: ActionEvent) -> Attributes:
    asked = [call.end for call in event.calls if call.end is not None]
    costs = [end.cost_pico_usd for end in asked]
    known = [cost for cost in costs if cost is not None]
    made = next(
        (call for call in reversed(event.calls) if call.end is not None and call.end.outcome == "accepted"), None
    )
    found: Attributes = {
        "tierwise.action": event.start.action,
        "tierwise.language": event.start.language,
        "tierwise.client": event.start.client,
        "tierwise.outcome": event.outcome or "unknown",
        "tierwise.calls": len(asked),
        "tierwise.cached": bool(event.hits),
        **_if_any("tierwise.outcome.code", event.code),
        **_if_any("tierwise.action.key", event.key),
    }
    if made is not None:
        found |= {"tierwise.tier": str(made.start.tier), "gen_ai.request.model": made.start.model}
    if len(known) == len(costs):
        found["tierwise.cost_usd"] = sum(known) / PICO_USD_PER_USD
    if event.outcome == "failed" and event.code:
        found["error.type"] = event.code
    return found


_FINISHED = {FailureKind.LENGTH.value: "length", FailureKind.FILTERED.value: "content_filter"}
"""Why a reply ended that did not end by itself. One that did is judged, whatever comes of it."""


def _common(call: CallEvent, end: AttemptEnd, server: Server) -> Attributes:
    """What spans and metrics of a call share, by the conventions."""
    found: Attributes = {
        "gen_ai.operation.name": _CHAT,
        "gen_ai.provider.name": server.provider,
        "gen_ai.request.model": call.start.model,
        **_if_any("gen_ai.response.model", call.served_by),
    }
    if server.address is not None and server.port is not None:
        found |= {"server.address": server.address, "server.port": server.port}
    if end.outcome in ("failed", "cancelled"):
        found["error.type"] = end.code or "_OTHER"
    return found


def _of_call(call: CallEvent, end: AttemptEnd) -> Attributes:
    start, usage = call.start, end.usage
    found: Attributes = {
        "gen_ai.request.stream": True,
        "gen_ai.output.type": "text",
        "tierwise.tier": str(start.tier),
        "tierwise.planned": start.planned,
        "tierwise.reason.code": start.reason_code,
        "tierwise.prompt.files": start.prompt_files,
        "tierwise.verdict": end.outcome,
        **_if_any("tierwise.verdict.code", end.code),
    }
    reason = "stop" if end.outcome in ("accepted", "rejected") else _FINISHED.get(end.code)
    if reason is not None:
        found["gen_ai.response.finish_reasons"] = (reason,)
    if end.first_token_s is not None:
        found["gen_ai.response.time_to_first_chunk"] = end.first_token_s
    if end.cost_pico_usd is not None:
        found["tierwise.cost_usd"] = end.cost_pico_usd / PICO_USD_PER_USD
    if usage is not None:
        found |= {
            "gen_ai.usage.input_tokens": usage.input_tokens,
            "gen_ai.usage.output_tokens": usage.output_tokens,
            "gen_ai.usage.cache_read.input_tokens": usage.cached_tokens,
            "gen_ai.usage.cache_creation.input_tokens": usage.cache_write_tokens,
            "gen_ai.usage.reasoning.output_tokens": usage.reasoning_tokens,
            "tierwise.usage.is_estimated": end.is_usage_estimated,
        }
    return found


def _if_any(name: str, value: str) -> Any:
    return {name: value} if value else {}
