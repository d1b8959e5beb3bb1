"""The page on languages is what the checks say; run with UPDATE_SCHEMAS=1 to write it."""

import os
from pathlib import Path

from tierwise.checks.coverage import languages_page

PAGE = Path(__file__).resolve().parents[2] / "docs" / "languages.md"


def test_the_page_on_languages_is_up_to_date() -> None:
    if os.environ.get("UPDATE_SCHEMAS") == "1":
        PAGE.parent.mkdir(exist_ok=True)
        PAGE.write_text(languages_page(), encoding="utf-8")
    assert PAGE.read_text(encoding="utf-8") == languages_page(), "run `make schemas`"
