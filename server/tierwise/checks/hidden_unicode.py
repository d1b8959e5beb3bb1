"""Characters in new text that a reader does not see or takes for others."""

import re
import unicodedata
from collections import Counter

from tierwise.checks.base import Accepted, Verdict
from tierwise.text import Rejection

_REFUSED = re.compile(
    "["
    "\u202a-\u202e\u2066-\u2069"  # Orders to the direction of writing.
    "\U000e0000-\U000e007f"  # Tags.
    "\u200b\u200e\u200f\u061c"  # Zero width space and direction marks.
    "\u2028\u2029\u0085"  # Line breaks that editors do not show as such.
    "\u00ad\u115f\u1160\u180e\u2060-\u2065\u206a-\u206f\u3164\uffa0\ufff9-\ufffb"
    "\U0001d173-\U0001d17a"
    "\x00-\x08\x0e-\x1f\x7f\x80-\x84\x86-\x9f"  # Control characters; tab, line ends and form feed are fine.
    "]"
)
_NOTED = re.compile("[\u034f\u17b4\u17b5\u200c\u200d\u2800\ufe00-\ufe0f\U000e0100-\U000e01ef]|(?<!^)\ufeff", re.DOTALL)
_WORD = re.compile(r"\w+")
_NOT_ASCII_WORD = re.compile(r"\w*[^\W\x00-\x7f]\w*")
_LOOK_ALIKE = frozenset({"LATIN", "CYRILLIC", "GREEK", "ARMENIAN", "CHEROKEE", "FULLWIDTH", "MATHEMATICAL"})


def no_hidden_unicode(before: str, after: str) -> Verdict:
    """Refuse hidden characters that were not there before; note the ones with honest uses."""
    new = Counter(_REFUSED.findall(after)) - Counter(_REFUSED.findall(before))
    if new:
        character = next(iter(new))
        line = after.count("\n", 0, _place_of_new(before, after, character)) + 1
        return Rejection("hidden-unicode", f"line {line} has the hidden character {_name(character)}")
    notes = []
    noted = Counter(_NOTED.findall(after)) - Counter(_NOTED.findall(before))
    if noted:
        notes.append(f"the new text has the invisible character {_name(next(iter(noted)))}")
    mixed = next((word for word in _new_words(before, after) if _is_mixed(word)), None)
    if mixed:
        notes.append(f"the name {mixed!r} mixes letters of several alphabets that look alike")
    return Accepted(tuple(notes))


def _place_of_new(before: str, after: str, character: str) -> int:
    """Where the first one stands in a line that was not there before."""
    known = set(before.split("\n"))
    place = 0
    for line in after.split("\n"):
        if character in line and line not in known:
            return place
        place += len(line) + 1
    return after.index(character)


def _name(character: str) -> str:
    return f"U+{ord(character):04X} {unicodedata.name(character, '')}".rstrip()


def _new_words(before: str, after: str) -> list[str]:
    if after.isascii():
        return []
    known = set(_NOT_ASCII_WORD.findall(before))
    return [word for word in dict.fromkeys(_NOT_ASCII_WORD.findall(after)) if word not in known]


def _is_mixed(word: str) -> bool:
    alphabets = {unicodedata.name(letter, "").split(" ")[0] for letter in word if letter.isalpha()}
    return 1 < len(alphabets & _LOOK_ALIKE)
