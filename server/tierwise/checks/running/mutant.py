"""A program broken on purpose: what a test that tests something has to notice."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Mutant:
    """A file with one thing broken."""

    text: str
    words: str
    """What was broken, for people and for the next prompt."""
    files: Mapping[str, str] = field(default_factory=dict)
    """Files it needs beside it, by name."""
