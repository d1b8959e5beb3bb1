"""The value that stands for "this cannot be used, and why"."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Rejection:
    """An expected failure of parsing, applying, checking or routing.

    It is returned, never raised: the caller reads the code, the user and the next prompt read the detail.
    """

    code: str
    """A stable kebab-case word, e.g. `ambiguous-location`."""
    detail: str
    """One sentence for a person, naming what was found and where, without a full stop."""
