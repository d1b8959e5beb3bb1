"""The section on telemetry: whether and where to traces and metrics are sent."""

from typing import Annotated

from pydantic import AfterValidator, StrictBool, StringConstraints

from tierwise.backends.origins import Origin
from tierwise.config.sections import Section


def _check_endpoint(url: str) -> str:
    Origin.of(url)
    return url


Endpoint = Annotated[str, StringConstraints(max_length=2000), AfterValidator(_check_endpoint)]


class TelemetryOptions(Section):
    """Traces and metrics for an OpenTelemetry collector you have. They hold names, counts, times and money; no code, no
    prompts, no file names. Only your own settings file may switch them on."""

    enabled: StrictBool = False
    """Send them to where the standard OTEL_* variables of the environment say. Needs `pip install 'tierwise[otel]'`."""
    otlp_endpoint: Endpoint | None = None
    """Send them here by OTLP over HTTP, whatever those variables say: `http://127.0.0.1:4318`, to which `/v1/traces`
    and `/v1/metrics` are added. Naming an address switches telemetry on."""

    @property
    def is_on(self) -> bool:
        """Whether anything is sent."""
        return self.enabled or self.otlp_endpoint is not None
