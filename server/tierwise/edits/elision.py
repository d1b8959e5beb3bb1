"""Comments by which a model says that it left code out ("... rest of the code ...")."""

import re
from collections import Counter

from tierwise.text.rejection import Rejection

_MARKS = r"#+|//+|/\*+|<!--+|--+|;+|%+|'|\"{3}|\{\s*/\*|\{#|<%#|\(\*|\{-"
_COMMENT = re.compile(rf"^\s*(?:{_MARKS})\s*(?P<words>.*?)\s*(?:\*/\s*\}}?|-->|#\}}|%>|\*\)|-\}}|\"{{3}})?\s*$")
_DOTS = r"(?:\.\s?){3,}|\u2026+|\u22ef+"
_KEPT = (
    r"(?:existing|remaining|unchanged|rest|other|previous|original|same|omitted|elided|skipped|truncated|snip+(?:ped)?)"
)
_CODE = (
    r"(?:code|function(?:s|ality)?|methods?|class(?:es)?|file|implementations?|imports?|logic|body|content(?:s)?|lines?|"
    r"definitions?|tests?|cases?|fields?|props|properties|handlers?|routes?|options?|statements?|module|script|part)"
)
_PHRASES = re.compile(
    rf"""
    (?:the\s+)?(?:rest|remainder)\s+of\s+(?:the\s+|your\s+|this\s+|my\s+)?(?:\w+\s+){{0,3}}?{_CODE}
    | (?:keep|leave)\s+(?:the\s+|all\s+(?:the\s+)?)?(?:existing|remaining|rest|other|original)\b
    | {_CODE}\s+(?:remains?|stays?|is|are)\s+(?:the\s+same|unchanged|as\s+(?:is|before))
    | (?:existing|remaining|unchanged|previous|original|your\s+existing)\s+(?:\w+\s+){{0,3}}?{_CODE}
      (?:\s+(?:here|unchanged|omitted|goes\s+here|as\s+before|continues?|remains?.*|stays?.*))?\W*$
    | (?:other|more)\s+{_CODE}\s*(?:here|unchanged|as\s+before|remain.*|stay.*|omitted.*)
    | (?:{_CODE}\s+)?(?:omitted|elided|skipped|truncated)\s+for\s+(?:brevity|clarity|space)
    | (?:unchanged|same\s+as\s+(?:before|above|the\s+original|original)|as\s+before|no\s+changes?(?:\s+here)?)\W*$
    | (?:your|the)\s+(?:existing\s+)?(?:code|implementation|logic)\s+(?:goes\s+)?here\W*$
    """,
    re.IGNORECASE | re.VERBOSE,
)
_DOTTED = re.compile(
    rf"^(?:{_DOTS})\W*$|^(?:{_DOTS}).*\b(?:{_KEPT}|{_CODE})\b.*$|^\W*\b(?:{_KEPT}|{_CODE})\b.*(?:{_DOTS})\W*$",
    re.IGNORECASE,
)
_BARE = re.compile(rf"^\s*(?:{_DOTS})\s*$")


def find_elision(before: str, after: str, language: str) -> Rejection | None:
    """The first line of `after` that stands for code left out and does not occur in `before`.

    `language` is an LSP language id; in Python a lone `...` is a statement and passes.
    """
    known = Counter(line.strip() for line in before.split("\n"))
    for number, line in enumerate(after.split("\n"), start=1):
        if not is_elision(line, language):
            continue
        if known[line.strip()]:
            known[line.strip()] -= 1
            continue
        return Rejection("elided-code", f"line {number} stands for code that was left out: {line.strip()[:80]!r}")
    return None


def is_elision(line: str, language: str) -> bool:
    """Whether a whole line says that code was left out here."""
    if _BARE.match(line):
        return language not in ("python", "markdown", "plaintext", "restructuredtext")
    return _is_elision_comment(line)


def is_gap(line: str) -> bool:
    """Whether a line of a quote stands for lines that were left out: dots alone, or a comment that says so."""
    return bool(_BARE.match(line)) or _is_elision_comment(line)


def _is_elision_comment(line: str) -> bool:
    match = _COMMENT.match(line)
    if match is None or not match["words"]:
        return False
    words = match["words"].strip("()[]{}<>*-_ \t")
    return bool(_DOTTED.match(words) or _PHRASES.match(words))
