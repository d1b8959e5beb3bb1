"""Projects for the tests of the dispatcher, closed when a test ends."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from dispatch.project import Make, Project


@pytest.fixture
async def make(tmp_path: Path) -> AsyncIterator[Make]:
    """Makes projects and closes them."""
    made: list[Project] = []

    def build(*rules: dict[str, Any], **settings: Any) -> Project:
        made.append(Project(tmp_path, rules=rules, settings=settings))
        return made[-1]

    yield build
    for project in made:
        await project.close()
