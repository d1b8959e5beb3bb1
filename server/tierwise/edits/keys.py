"""The forms in which lines are compared: as they are, or without what models often get wrong."""

import re
import unicodedata
from collections.abc import Sequence
from enum import Enum, auto

from tierwise.edits.indentation import indentation_step, is_blank, leading, mostly_tabs

_ALIKE = {
    "\u2018": "'", "\u2019": "'", "\u201a": "'", "\u201b": "'", "\u2032": "'", "\u00b4": "'", "\u02bc": "'",
    "\u201c": '"', "\u201d": '"', "\u201e": '"', "\u201f": '"', "\u2033": '"', "\u00ab": '"', "\u00bb": '"',
    "\u2010": "-", "\u2011": "-", "\u2012": "-", "\u2013": "-", "\u2014": "-", "\u2015": "-", "\u2212": "-",
    "\u2026": "...", "\u00a0": " ", "\u2002": " ", "\u2003": " ", "\u2009": " ", "\u202f": " ", "\u3000": " ",
    "\u200b": "", "\u200c": "", "\u200d": "", "\u2060": "", "\ufeff": "", "\u00ad": "",
}  # fmt: skip
_DASHES = re.compile("--+")
_ALIKE_TABLE = str.maketrans(_ALIKE)


def folded(text: str) -> str:
    """The text with typographic quotes, dashes, dots and spaces as a keyboard types them."""
    if text.isascii():
        return text
    return unicodedata.normalize("NFC", text).translate(_ALIKE_TABLE)


class Key(Enum):
    """How much of a line takes part in a comparison."""

    EXACT = auto()
    TRIMMED = auto()
    """Without white space at the end."""
    FOLDED = auto()
    """Trimmed, with typographic characters as plain ones."""
    STRIPPED = auto()
    """Without white space at either end."""
    FOLDED_STRIPPED = auto()
    DENSE = auto()
    """Folded, without any white space, and one dash for several."""

    def of(self, line: str) -> str:
        """The key of one line."""
        match self:
            case Key.EXACT:
                return line
            case Key.TRIMMED:
                return line.rstrip()
            case Key.FOLDED:
                return folded(line).rstrip()
            case Key.STRIPPED:
                return line.strip()
            case Key.FOLDED_STRIPPED:
                return folded(line).strip()
            case Key.DENSE:
                return _DASHES.sub("-", "".join(folded(line).split()))

    def within_quote(self, line: str) -> str:
        """The key by which a quoted line is the same as a line of its replacement: indentation always counts."""
        if self is Key.EXACT:
            return line
        text = folded(line) if self in (Key.FOLDED, Key.FOLDED_STRIPPED, Key.DENSE) else line
        if is_blank(text):
            return ""
        own = leading(text)
        return own + (" ".join(text.split()) if self is Key.DENSE else text[len(own) :].rstrip())


class KeyedLines:
    """The lines of one text and, computed when asked for, their keys and where each key occurs."""

    __slots__ = ("_has_tabs", "_index", "_keys", "_shown", "_step", "lines")

    def __init__(self, lines: Sequence[str]) -> None:
        self.lines = lines
        self._keys: dict[Key, list[str]] = {}
        self._index: dict[tuple[Key, bool], dict[str, list[int]]] = {}
        self._shown: list[int] | None = None
        self._step: int | None = None
        self._has_tabs: tuple[bool | None] | None = None

    def keys(self, key: Key) -> list[str]:
        """The key of every line."""
        if key not in self._keys:
            self._keys[key] = [key.of(line) for line in self.lines]
        return self._keys[key]

    def shown(self) -> list[int]:
        """The lines that are not blank."""
        if self._shown is None:
            self._shown = [at for at, line in enumerate(self.lines) if not is_blank(line)]
        return self._shown

    def shown_keys(self, key: Key) -> list[str]:
        """The keys of the lines that are not blank."""
        keys = self.keys(key)
        return [keys[at] for at in self.shown()]

    def uses_tabs(self) -> bool | None:
        """Whether the text is mostly indented by tabs, or never; None when some of it is each way, or none at all."""
        if self._has_tabs is None:
            self._has_tabs = (mostly_tabs(self.lines),)
        return self._has_tabs[0]

    def step(self) -> int:
        """How many blanks one level of indentation takes."""
        if self._step is None:
            self._step = indentation_step(self.lines)
        return self._step

    def index(self, key: Key, *, only_shown: bool = False) -> dict[str, list[int]]:
        """For each key the numbers of the lines that have it, counted among all lines or among those not blank."""
        if (key, only_shown) not in self._index:
            found: dict[str, list[int]] = {}
            for at, text in enumerate(self.shown_keys(key) if only_shown else self.keys(key)):
                found.setdefault(text, []).append(at)
            self._index[key, only_shown] = found
        return self._index[key, only_shown]
