"""The sandbox of this machine, or a skip that says why there is none."""

import pytest

from tierwise.checks.running.sandbox import Sandbox, find_sandbox
from tierwise.text import Rejection


@pytest.fixture(scope="session")
def sandbox() -> Sandbox:
    found = find_sandbox()
    if isinstance(found, Rejection):
        pytest.skip(found.detail)
    return found
