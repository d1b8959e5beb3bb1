"""The forms in which lines are compared: as they are, or without what models often get wrong."""

import re
import unicodedata
from collections.abc import Callable, Sequence
from enum import Enum, auto

from tierwise.edits.indentation import indentation_step, is_blank, leading, mostly_tabs

_ALIKE = {
    "\u2018": "'", "\u2019": "'", "\u201a": "'", "\u201b": "'", "\u2032": "'", "\u00b4": "'", "\u02bc": "'",
    "\u201c": '"', "\u201d": '"', "\u201e": '"', "\u201f": '"', "\u2033": '"', "\u00ab": '"', "\u00bb": '"',
    "\u2010": "-", "\u2011": "-", "\u2012": "-", "\u2013": "-", "\u2014": "-", "\u2015": "-", "\u2212": "-",
    "\u2026": "...", "\u00a0": " ", "\u2002": " ", "\u2003": " ", "\u2009": " ", "\u202f": " ", "\u3000": " ",
    "\u200b": "", "\u200c": "", "\u200d": "", "\u2060": "", "\ufeff": "", "\u00ad": "",
}  # fmt: skip
_QUOTES = str.maketrans({sign: plain for sign, plain in _ALIKE.items() if plain in ("'", '"')})
_DASHES = re.compile("--+")
_FULL_WIDTH = {chr(code + 0xFEE0): chr(code) for code in range(0x21, 0x7F)}
_ALIKE_TABLE = str.maketrans(_ALIKE | _FULL_WIDTH)


def folded(text: str) -> str:
    """The text with typographic quotes, dashes, dots and spaces as a keyboard types them."""
    if text.isascii():
        return text
    return unicodedata.normalize("NFC", text).translate(_ALIKE_TABLE)


def with_plain_quotes(text: str) -> str:
    """The text with typographic quotation marks as a keyboard types them."""
    return text if text.isascii() else text.translate(_QUOTES)


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

    @property
    def of(self) -> Callable[[str], str]:
        """The function that gives the key of one line."""
        return _FUNCTIONS[self]

    def within_quote(self, line: str) -> str:
        """The key by which a quoted line is the same as a line of its replacement: indentation always counts."""
        if self is Key.EXACT:
            return line
        text = folded(line) if self in (Key.FOLDED, Key.FOLDED_STRIPPED, Key.DENSE) else line
        if is_blank(text):
            return ""
        own = leading(text)
        return own + (" ".join(text.split()) if self is Key.DENSE else text[len(own) :].rstrip())


def _folded_trimmed(line: str) -> str:
    return folded(line).rstrip()


def _folded_stripped(line: str) -> str:
    return folded(line).strip()


def _dense(line: str) -> str:
    return _DASHES.sub("-", "".join(folded(line).split()))


_FUNCTIONS: dict[Key, Callable[[str], str]] = {
    Key.EXACT: str,
    Key.TRIMMED: str.rstrip,
    Key.FOLDED: _folded_trimmed,
    Key.STRIPPED: str.strip,
    Key.FOLDED_STRIPPED: _folded_stripped,
    Key.DENSE: _dense,
}
_PLAIN = {Key.FOLDED: Key.TRIMMED, Key.FOLDED_STRIPPED: Key.STRIPPED}
"""Keys that are the same as simpler ones for plain text."""


class KeyedLines:
    """The lines of one text and, computed when asked for, their keys and what they look like."""

    __slots__ = ("_is_plain", "_keys", "_shown", "_step", "_uses_tabs", "lines", "may_have_tabs")

    def __init__(self, lines: Sequence[str], *, may_have_tabs: bool = True) -> None:
        self.lines = lines
        self.may_have_tabs = may_have_tabs
        self._keys: dict[Key, Sequence[str]] = {}
        self._is_plain: bool | None = None
        self._shown: list[int] | None = None
        self._step: int | None = None
        self._uses_tabs: tuple[bool | None] | None = None

    def keys(self, key: Key) -> Sequence[str]:
        """The key of every line."""
        if key is Key.EXACT:
            return self.lines
        if key in _PLAIN and self.is_plain():
            key = _PLAIN[key]
        if key not in self._keys:
            self._keys[key] = list(map(key.of, self.lines))
        return self._keys[key]

    def is_plain(self) -> bool:
        """Whether all lines are ASCII."""
        if self._is_plain is None:
            self._is_plain = all(map(str.isascii, self.lines))
        return self._is_plain

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
        if self._uses_tabs is None:
            self._uses_tabs = (mostly_tabs(self.lines),)
        return self._uses_tabs[0]

    def step(self) -> int:
        """How many blanks one level of indentation takes."""
        if self._step is None:
            self._step = indentation_step(self.lines)
        return self._step
