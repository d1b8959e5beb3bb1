"""What the answers and failures of a probe mean."""

from tierwise.backends.base import BackendError, FailureKind, Health
from tierwise.backends.failures import HttpFailure, Site, failure_of_status

PROBE_S = 5.0
"""Seconds a probe may take."""
NO_LIST = (404, 405, 501)
"""Statuses of a server that is there but has no list of models."""


def failed_probe(site: Site, err: BackendError | HttpFailure | TimeoutError) -> Health:
    """The health behind a probe that gave no list of models."""
    match err:
        case BackendError():
            return Health(is_reachable=False, words=err.words, failure=err.kind)
        case HttpFailure():
            if err.status in NO_LIST:
                return Health(is_reachable=True)
            failure = failure_of_status(site, "", err)
            return Health(is_reachable=True, words=failure.words, failure=failure.kind)
        case _:
            words = f"{site.name} did not answer within {PROBE_S:g} s"
            return Health(is_reachable=False, words=words, failure=FailureKind.TIMEOUT_TOTAL)


def probed(
    site: Site,
    names: tuple[str, ...],
    windows: dict[str, int],
    missing: list[str],
    version: str | None = None,
) -> Health:
    """The health of a server that listed its models, of which some configured ones may be missing."""
    if not missing:
        return Health(is_reachable=True, models=names, windows=windows, version=version)
    remedy = site.when_model_missing.format(model=missing[0])
    return Health(
        is_reachable=True,
        models=names,
        windows=windows,
        version=version,
        words=f"{site.name} does not have the model {missing[0]!r}: {remedy}",
        failure=FailureKind.NO_MODEL,
    )
