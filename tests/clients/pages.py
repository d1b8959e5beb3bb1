"""The pages about editors, and the configuration texts in them."""

import re
from pathlib import Path

FOLDER = Path(__file__).resolve().parents[2] / "docs" / "editors"
_FENCE = re.compile(r"^```(\w+)\n(.*?)^```$", re.DOTALL | re.MULTILINE)


def pages() -> tuple[Path, ...]:
    """All pages."""
    return tuple(sorted(FOLDER.glob("*.md")))


def blocks(page: str) -> list[tuple[str, str]]:
    """Language and text of every fenced block of a page."""
    return _FENCE.findall((FOLDER / f"{page}.md").read_text("utf-8"))


def block(page: str, language: str) -> str:
    """The first block in a language."""
    return next(text for found, text in blocks(page) if found == language)
