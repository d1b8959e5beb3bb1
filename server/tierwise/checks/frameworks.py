"""The test frameworks whose tests can be proved, as the configuration and the prompts call them."""

from enum import StrEnum


class Framework(StrEnum):
    """What runs a project's tests."""

    PYTEST = "pytest"
    UNITTEST = "unittest"
    VITEST = "vitest"
    JEST = "jest"
    NODE_TEST = "node:test"
    GO = "go test"
