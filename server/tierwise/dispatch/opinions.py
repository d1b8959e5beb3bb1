"""What small models said of free instructions, so that nobody is asked the same twice."""

from collections import OrderedDict

from tierwise.actions import Difficulty

_MOST = 500


class Opinions:
    """What small models said, by what they were asked."""

    def __init__(self) -> None:
        self._known: OrderedDict[bytes, Difficulty] = OrderedDict()

    def get(self, key: bytes) -> Difficulty | None:
        """An earlier answer."""
        return self._known.get(key)

    def note(self, key: bytes, answer: Difficulty) -> None:
        """Keep an answer."""
        self._known[key] = answer
        while _MOST < len(self._known):
            self._known.popitem(last=False)
