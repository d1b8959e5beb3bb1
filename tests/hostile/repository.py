"""One hostile repository, as data."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from hostile.making import Made

AREA = "import math\n\n\ndef area(radius):\n    return math.pi * radius * radius\n"
"""What a repository's `app.py` says where nothing else is said."""


@dataclass(frozen=True, kw_only=True)
class Repository:
    """A folder somebody else wrote, and what it tries."""

    name: str
    tries: str
    files: Mapping[str, Made] = field(default_factory=dict)
    opens: tuple[str, ...] = ("app.py",)
    """The files the user opens."""
    may_run: frozenset[str] = frozenset()
    """The canaries that may run once the user trusts the folder, because they are the project's own tools."""

    @property
    def all_files(self) -> dict[str, Made]:
        """Everything to be made."""
        return {"app.py": AREA, **self.files}
