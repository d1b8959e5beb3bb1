"""What small models said, so that nobody is asked the same twice."""

from collections import OrderedDict
from typing import Generic, TypeVar

T = TypeVar("T")
_MOST = 500


class Opinions(Generic[T]):
    """Answers by what was asked, as long as this process lives; the oldest go first."""

    def __init__(self) -> None:
        self._known: OrderedDict[bytes, T] = OrderedDict()

    def get(self, key: bytes) -> T | None:
        """An earlier answer."""
        return self._known.get(key)

    def note(self, key: bytes, answer: T) -> None:
        """Keep an answer."""
        self._known[key] = answer
        while _MOST < len(self._known):
            self._known.popitem(last=False)
