"""Characters in new text that a reader does not see or takes for others."""

import re
import unicodedata
from collections import Counter

from tierwise.checks.base import Accepted, Verdict
from tierwise.text import Rejection

_KINDS: tuple[tuple[str, str, str], ...] = (
    ("orders to the direction of writing", "\\u202a-\\u202e\\u2066-\\u2069", "refused"),
    ("direction marks", "\\u200e\\u200f\\u061c", "refused"),
    ("tag characters", "\\U000e0000-\\U000e007f", "refused, but for those of a flag after \N{WAVING BLACK FLAG}"),
    ("zero width spaces and word joiners", "\\u200b\\u2060-\\u2065", "refused"),
    ("line breaks that editors do not show", "\\u2028\\u2029\\u0085", "refused"),
    ("letters and spaces without a shape", "\\u00ad\\u115f\\u1160\\u180e\\u3164\\uffa0", "refused"),
    ("deprecated and annotation characters", "\\u206a-\\u206f\\ufff9-\\ufffb\\U0001d173-\\U0001d17a", "refused"),
    (
        "control characters but tab, line ends and form feed",
        "\\x00-\\x08\\x0e-\\x1f\\x7f\\x80-\\x84\\x86-\\x9f",
        "refused",
    ),
    (
        "variation selectors",
        "\\ufe00-\\ufe0f\\U000e0100-\\U000e01ef",
        "in a row or after ASCII refused, else noted",
    ),
    ("joiners, which scripts and emoji need", "\\u200c\\u200d", "after ASCII refused, else noted"),
    ("other invisible marks", "\\u034f\\u17b4\\u17b5\\u2800", "noted"),
    ("a byte order mark that is not the first character", "\\ufeff", "noted"),
)
"""Kinds of characters, the characters as in a pattern, what becomes of new ones.

After the Unicode Technical Reports 36 and 39 and what rustc and gcc warn of (bidirectional text, confusables).
"""
_REFUSED = re.compile(
    f"[{''.join(characters for _, characters, fate in _KINDS if fate.startswith('refused'))}]"
    r"|(?<=[\x21-\x7e])[\ufe00-\ufe0d\U000e0100-\U000e01ef]|(?<=[A-Za-z0-9_])[\u200c\u200d]"
    r"|(?<=[\ufe00-\ufe0f\U000e0100-\U000e01ef])[\ufe00-\ufe0f\U000e0100-\U000e01ef]"
)
_CONTROLS = re.compile(r"[\x00-\x08\x0e-\x1f\x7f]")
_FLAG = re.compile("\N{WAVING BLACK FLAG}[\U000e0061-\U000e007a]{2,6}\U000e007f")
"""The flags of regions are written in tags."""
_NOTED = re.compile("[\u034f\u17b4\u17b5\u200c\u200d\u2800\ufe00-\ufe0f\U000e0100-\U000e01ef]|(?<!^)\ufeff", re.DOTALL)
_WORD = re.compile(r"\w+")
_NOT_ASCII_WORD = re.compile(r"\w*[^\W\x00-\x7f]\w*")
_LOOK_ALIKE = frozenset({"LATIN", "CYRILLIC", "GREEK", "ARMENIAN", "CHEROKEE", "FULLWIDTH", "MATHEMATICAL"})


def no_hidden_unicode(before: str, after: str) -> Verdict:
    """Refuse hidden characters that were not there before; note the ones with honest uses."""
    if after.isascii() and not _CONTROLS.search(after):
        return Accepted()
    new = Counter(_REFUSED.findall(_FLAG.sub("", after))) - Counter(_REFUSED.findall(_FLAG.sub("", before)))
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


def unicode_table() -> str:
    """What becomes of which characters, in Markdown."""
    rows = ["| characters | code points | in new text |", "| --- | --- | --- |"]
    for kind, characters, fate in _KINDS:
        points = re.sub(r"\\(?:x|u|U)0*([0-9a-f]{2,6})", lambda match: f" U+{match[1].upper().zfill(4)}", characters)
        rows.append(f"| {kind} | {points.replace('- ', '–').strip()} | {fate} |")
    rows.append("| letters of several alphabets that look alike, in one name | Latin, Greek, Cyrillic, … | noted |")
    return "\n".join(rows) + "\n"
