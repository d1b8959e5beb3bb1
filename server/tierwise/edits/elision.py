"""Comments by which a model says that it left code out ("... rest of the code ...")."""

import re
from collections import Counter
from collections.abc import Sequence
from functools import lru_cache

from tierwise.text.rejection import Rejection

_MARKS = r"#+|//+|/\*+|<!--+|--+|;+|%+|\{\s*/\*|\{#|<%#|\(\*|\{-"
_COMMENT = re.compile(rf"^\s*(?:{_MARKS})\s*(?P<words>.*?)\s*(?:\*/\s*\}}?|-->|#\}}|%>|\*\)|-\}})?\s*$")
_DOTS = r"(?:\.\s?){3,}|\u2026+|\u22ef+"
_FIRST_SIGNS = tuple("#/<-;%{(.\u2026\u22ef")
_BARE = re.compile(rf"^\s*(?:{_DOTS})\s*$")
_THING = (
    r"(?:code|functions?|functionality|methods?|class(?:es)?|file|implementations?|imports?|logic|body|contents?|lines?|"
    r"definitions?|tests?|(?:test )?cases?|fields?|props|properties|handlers?|routes?|options?|statements?|module|"
    r"script|part|component|components?|styles?|elements?|state|hooks?|columns?|queries|query|configuration|config|settings?|"
    r"initiali[sz]ation|variables?|constants?|html|css|jsx|markup|rules?|checks?|fixtures?|helpers?|types?|stuff)"
)
_SAME = (
    r"(?:(?:all\s+)?(?:remains?|stays?|is|are|was|were|be|left|kept|continues?)\s+(?:exactly\s+|completely\s+)?"
    r"(?:the\s+same|unchanged|untouched|intact|identical|as[\s-]is|as\s+(?:it\s+)?(?:is|was|before))|unchanged|untouched|"
    r"as\s+(?:is|before)|omitted|elided|truncated|(?:goes\s+|follows\s+|continues\s+)?here|continues?|follows)"
)
_END = r"(?:\s+(?:here|above|below|for\s+(?:brevity|clarity|space)|from\s+(?:the\s+)?original|as\s+before|too))?\W*$"
_MY = r"(?:the\s+|your\s+|this\s+|my\s+|our\s+|all\s+|all\s+the\s+|all\s+your\s+|any\s+)?"
_KEPT = r"(?:existing|remaining|unchanged|previous|original)"
_PHRASES = re.compile(
    rf"""^(?:(?:todo|note|fixme)\b\W*)?(?:
    {_MY}(?:rest|remainder)\s+of\s+{_MY}(?:[\w.`'()]+\s+){{0,2}}?[\w.`'()]+(?:\s+{_SAME})?{_END}
    | {_MY}(?:rest|remainder)\s+{_SAME}{_END}
    | (?:keep|leave|retain|preserve)\s+{_MY}(?:rest|{_KEPT}|other)(?:\s+of\s+{_MY}\w+)?(?:\s+\w+)?(?:\s+{_THING})?
      (?:\s+(?:the\s+same|unchanged|as\s+is|intact|here|in\s+place))?{_END}
    | (?:add|put|insert|place|include|copy|paste)\s+{_MY}(?:rest|{_KEPT}|other).{{0,40}}?\s*{_THING}(?:\s+here)?{_END}
    | {_MY}(?:other\s+|{_KEPT}\s+)*(?:\w+\s+)?{_THING}(?:\s+(?:above|below))?\s+{_SAME}{_END}
    | {_MY}{_KEPT}\s+(?:\w+\s+){{0,2}}?{_THING}(?:\s+and\s+\w+)?(?:\s+{_SAME})?{_END}
    | (?:your|my)\s+(?:\w+\s+){{0,2}}?{_THING}\s+(?:goes\s+)?here{_END}
    | (?:{_THING}|more\s+{_THING})\s+(?:goes|continues?|follows)(?:\s+(?:here|as\s+before|below))?{_END}
    | more\s+(?:\w+\s+)?{_THING}\s+here{_END}
    | (?:{_THING}\s+)?(?:[\d\s-]+)?(?:omitted|elided|skipped|truncated|snipped|unchanged|left\s+out)
      (?:\s+{_THING})?(?:\s+(?:for\s+\w+|this\s+line))?{_END}
    | (?:the\s+)?same\s+(?:{_THING}\s+)?(?:as|like)\s+(?:before|above|(?:the\s+)?(?:original|previous)(?:\s+\w+)?){_END}
    | same\s+for\s+the\s+(?:rest|others?){_END}
    | (?:everything|nothing|all)\s+(?:else|below|above|other)\s+(?:\w+\s+)?(?:{_SAME}|changes?|changed){_END}
    | (?:nothing\s+(?:else\s+)?change[sd]?|no\s+changes?)(?:\s+(?:here|to\s+the\s+rest|below|above|needed)){_END}
    | (?:below|above)\s+(?:is|are)\s+unchanged{_END}
    | (?:continues?|continued)\s+(?:as\s+before|with\s+{_KEPT}\s+{_THING}){_END}
    | as\s+before\W*$
    | snip(?:ped)?\W*$
    | other\s+{_KEPT}\s+{_THING}{_END}
    | similar(?:ly)?\s+(?:{_THING}\s+)?for\s+(?:the\s+)?(?:other|rest|remaining)\b.{{0,20}}$
    )""",
    re.IGNORECASE | re.VERBOSE,
)
_OTHER = rf"(?:rest|remainder|{_KEPT}|others?|more|same|omitted|elided|skipped|truncated|snip\w*|no\s+changes?)"
_DOTTED = re.compile(
    rf"""^(?:{_DOTS})\W*$
    | ^(?:{_DOTS})\W*(?:(?:the|all|your|keep|insert|add|for|with|leave)\W+){{0,3}}{_OTHER}\b(?:\W+\w+){{0,5}}\W*$
    | ^(?:{_DOTS})\W*(?:(?:the|all|your|some|any)\s+)?(?:\w+\W+)?{_THING}(?:\s+{_SAME})?\W*$
    | ^(?:{_DOTS})\W*(?:etc|and\s+so\s+on|continue\w*|repeat\b.{{0,30}})\W*$
    | ^\W*(?:(?:the|all|your|keep)\s+)?(?:{_OTHER}|and\s+so\s+on|etc|continue\w*)\b(?:\W+\w+){{0,4}}?\s*(?:{_DOTS})\W*$
    | ^\W*(?:{_THING})\s+continue\w*\s*(?:{_DOTS})\W*$""",
    re.IGNORECASE | re.VERBOSE,
)
_N_WORDS = 14


def find_elision(before: str, after: str, language: str) -> Rejection | None:
    """The first line of `after` that stands for code left out and does not occur in `before`.

    `language` is an LSP language id; in Python a lone `...` is a statement and passes. Dots inside a longer comment are
    prose.
    """
    known = Counter(map(str.strip, before.split("\n")))
    lines = after.split("\n")
    for at, line in enumerate(lines):
        text = line.strip()
        if known[text]:
            known[text] -= 1
        elif is_elision(line, language) and not _is_prose(lines, at):
            return Rejection("elided-code", f"line {at + 1} stands for code that was left out: {text[:80]!r}")
    return None


def is_elision(line: str, language: str) -> bool:
    """Whether a whole line says that code was left out here."""
    if line.lstrip()[:1] not in _FIRST_SIGNS:
        return False
    if _BARE.match(line):
        return language not in ("python", "markdown", "plaintext", "restructuredtext")
    return _is_elision_comment(line)


@lru_cache(maxsize=4096)
def is_gap(line: str) -> bool:
    """Whether a line of a quote stands for lines that were left out: dots alone, or a comment that says so."""
    return line.lstrip()[:1] in _FIRST_SIGNS and (bool(_BARE.match(line)) or _is_elision_comment(line))


def _is_elision_comment(line: str) -> bool:
    words = _words(line)
    if not words or _N_WORDS < words.count(" ") + 1:
        return False
    return bool(_DOTTED.match(words) or _PHRASES.match(words.strip("()[]{}<>*-_=~. \t")))


def _words(line: str) -> str | None:
    """What a line that is only a comment says; None for any other line."""
    match = _COMMENT.match(line)
    return match["words"].strip("()[]{}<>*-_=~ \t") if match else None


def _is_prose(lines: Sequence[str], at: int) -> bool:
    """Whether a comment with dots is part of a longer one: a comment line with other words is next to it."""
    words = _words(lines[at])
    if words is None or _PHRASES.match(words.strip("()[]{}<>*-_=~. \t")):
        return False
    around = [lines[n] for n in (at - 1, at + 1) if 0 <= n < len(lines)]
    return any(_words(line) and not _is_elision_comment(line) for line in around)
