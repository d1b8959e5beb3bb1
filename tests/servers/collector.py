"""A collector: takes in traces and metrics by OTLP over HTTP and takes them apart."""

import asyncio
import gzip
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import ExportMetricsServiceRequest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest


@dataclass
class Span:
    """One span, its attributes as plain values."""

    name: str
    kind: int
    id: bytes
    above: bytes
    trace: bytes
    began_ns: int
    ended_ns: int
    is_error: bool
    attributes: dict[str, Any]
    resource: dict[str, Any]


@dataclass
class Point:
    """One point of a metric."""

    metric: str
    unit: str
    attributes: dict[str, Any]
    bounds: tuple[float, ...]
    count: int
    value: float
    """The sum of a histogram or a counter."""
    is_delta: bool


@dataclass
class Collector:
    """What came in."""

    url: str = ""
    status: str = "200 OK"
    is_silent: bool = False
    """Takes in requests and answers none."""
    spans: list[Span] = field(default_factory=list)
    points: list[Point] = field(default_factory=list)
    """Of the latest request with metrics."""
    headers: list[dict[str, str]] = field(default_factory=list)
    paths: list[str] = field(default_factory=list)
    changed: asyncio.Condition = field(default_factory=asyncio.Condition)

    async def until(self, is_met: Callable[["Collector"], Any]) -> None:
        """Wait until what came in is as wanted."""
        async with asyncio.timeout(60), self.changed:
            await self.changed.wait_for(lambda: is_met(self))

    def metric(self, name: str) -> list[Point]:
        """Its points."""
        return [point for point in self.points if point.metric == name]

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while True:
                head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
                first, *lines = head.strip().split("\r\n")
                headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
                body = await reader.readexactly(int(headers["content-length"]))
                await self._take(first.split(" ")[1], headers, body)
                if not self.is_silent:
                    answer = (
                        f"HTTP/1.1 {self.status}\r\nContent-Type: application/x-protobuf\r\nContent-Length: 0\r\n\r\n"
                    )
                    writer.write(answer.encode())
                    await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()

    async def _take(self, path: str, headers: dict[str, str], body: bytes) -> None:
        if headers.get("content-encoding") == "gzip":
            body = gzip.decompress(body)
        async with self.changed:
            self.paths.append(path)
            self.headers.append(headers)
            if self.status.startswith("200"):
                if path.endswith("/v1/traces"):
                    self.spans += spans_of(body)
                else:
                    self.points = points_of(body)
            self.changed.notify_all()


@asynccontextmanager
async def collecting() -> AsyncIterator[Collector]:
    """Start one."""
    collector = Collector()
    server = await asyncio.start_server(collector._serve, "127.0.0.1", 0)
    collector.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    try:
        yield collector
    finally:
        server.close()


def plain(attributes: Any) -> dict[str, Any]:
    """Attributes as plain values."""
    return {one.key: _plain_value(one.value) for one in attributes}


def _plain_value(value: Any) -> Any:
    kind = str(value.WhichOneof("value"))
    if kind == "array_value":
        return [_plain_value(one) for one in value.array_value.values]
    return getattr(value, kind)


def spans_of(body: bytes) -> list[Span]:
    """The spans of a request."""
    request = ExportTraceServiceRequest.FromString(body)
    return [
        Span(
            name=span.name,
            kind=span.kind,
            id=span.span_id,
            above=span.parent_span_id,
            trace=span.trace_id,
            began_ns=span.start_time_unix_nano,
            ended_ns=span.end_time_unix_nano,
            is_error=span.status.code == 2,
            attributes=plain(span.attributes),
            resource=plain(resource.resource.attributes),
        )
        for resource in request.resource_spans
        for scope in resource.scope_spans
        for span in scope.spans
    ]


def points_of(body: bytes) -> list[Point]:
    """The points of a request with metrics."""
    request = ExportMetricsServiceRequest.FromString(body)
    found: list[Point] = []
    for resource in request.resource_metrics:
        for scope in resource.scope_metrics:
            for metric in scope.metrics:
                is_histogram = metric.WhichOneof("data") == "histogram"
                told = metric.histogram if is_histogram else metric.sum
                found += [
                    Point(
                        metric=metric.name,
                        unit=metric.unit,
                        attributes=plain(point.attributes),
                        bounds=tuple(point.explicit_bounds) if is_histogram else (),
                        count=point.count if is_histogram else 1,
                        value=point.sum if is_histogram else point.as_double or point.as_int,
                        is_delta=told.aggregation_temporality == 1,
                    )
                    for point in told.data_points
                ]
    return found
