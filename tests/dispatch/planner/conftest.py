"""Projects of three files, in which every change is planned, closed when a test ends."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from dispatch.project import Make, Project

SHAPES = "def area(width, height):\n    return width * height\n\n\ndef secret_sauce():\n    return 42\n"
USES = "from shapes import area\n\n\ndef cost(room):\n    return 2 * area(room.width, room.height)\n"
NOTES = "# Notes\n\nCall `area`.\n"
FILES = {"shapes.py": SHAPES, "uses.py": USES, "NOTES.md": NOTES}


@pytest.fixture
async def make(tmp_path: Path) -> AsyncIterator[Make]:
    """Makes a project; `n_more` further files that mention what is changed make it too large for one outline."""
    made: list[Project] = []

    def build(*rules: dict[str, Any], n_more: int = 0, **settings: Any) -> Project:
        settings = {"planner": {"single_call_tokens": 0}} | settings
        made.append(Project(tmp_path, rules=rules, settings=settings))
        for name, text in FILES.items():
            made[-1].write(name, text)
        for number in range(n_more):
            text = f"def function_number_{number}(first, second):\n    return first, area, surface\n"
            made[-1].write(f"other/module_{number}.py", text)
        return made[-1]

    yield build
    for project in made:
        await project.close()
