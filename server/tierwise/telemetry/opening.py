"""The journal a configuration asks for."""

import importlib.util
import os
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING

from tierwise.config import Config
from tierwise.telemetry.events import Journal

if TYPE_CHECKING:
    from tierwise.backends.egress import Egress


def journal_of(config: Config, egress: "Callable[[], Awaitable[Egress]]") -> Journal:
    """Where actions are noted; nothing of OpenTelemetry is imported here, and nothing at all unless it is wanted."""
    silent = Journal()
    if not config.telemetry.is_on:
        return silent
    from tierwise.telemetry.destination import destination_of  # noqa: PLC0415
    from tierwise.telemetry.sending import Courier  # noqa: PLC0415

    where = destination_of(config.telemetry, os.environ)
    if isinstance(where, str):
        silent.problem = where
        return silent
    if where is None:
        return silent
    if not _is_installed():
        silent.problem = "no telemetry is sent: OpenTelemetry is missing, run pip install 'tierwise[otel]'"
        return silent
    return Courier(config, where, egress)


def _is_installed() -> bool:
    try:
        return all(map(importlib.util.find_spec, ("opentelemetry.sdk", "opentelemetry.exporter.otlp.proto.common")))
    except ModuleNotFoundError:
        return False
