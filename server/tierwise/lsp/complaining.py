"""What is wrong with the settings, said once and not with every keystroke that is saved."""

import asyncio
from collections.abc import Callable

_QUIET_S = 5.0


class Complaints:
    """Passes sentences on: none twice in a row, and not more than one in a while, then the one that holds then."""

    def __init__(self, tell: Callable[[str], None], quiet_s: float = _QUIET_S) -> None:
        self._tell = tell
        self._quiet_s = quiet_s
        self._said: str | None = None
        self._holds: str | None = None
        self._waiting: asyncio.TimerHandle | None = None

    def heard(self, words: str | None) -> None:
        """What is wrong now; None: nothing."""
        self._holds = words
        if self._waiting is None:
            self._say()

    def close(self) -> None:
        """Say nothing any more."""
        if self._waiting is not None:
            self._waiting.cancel()

    def _say(self) -> None:
        self._waiting = None
        if self._holds is None or self._holds == self._said:
            self._said = self._holds
            return
        self._said = self._holds
        self._tell(self._holds)
        self._waiting = asyncio.get_running_loop().call_later(self._quiet_s, self._say)
