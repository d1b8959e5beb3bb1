"""What two lists of findings say of the change between their texts, whatever lines have moved. Pure."""

import re
from collections import Counter
from collections.abc import Collection, Iterable, Mapping

from tierwise.checks.running.tools.base import Finding, Findings
from tierwise.text.diff import diff_lines
from tierwise.text.lines import split_lines

_NUMBERS = re.compile(r"\b(?:line|lines|column|col|at|from) \d+(?::\d+)?|:\d+:\d+|\d+:\d+")
_MARKS = re.compile("[`'\"\u2018\u2019\u201c\u201d\\s]+")
_CODE_IN_WORDS = re.compile(r"\s*[\[(][\w/@-]+[\])]\s*$")

Key = tuple[str, str, str]


def kept_lines(before: str, after: str) -> Mapping[int, int]:
    """Lines of the first text that are in the second as they were → where they are there; both from 1."""
    old, new = split_lines(before), split_lines(after)
    lines: dict[int, int] = {}
    at = new_at = 0
    for hunk in (*diff_lines(old, new), None):
        end = len(old) if hunk is None else hunk.start
        lines.update((at + i + 1, new_at + i + 1) for i in range(end - at))
        if hunk is not None:
            at, new_at = hunk.end, hunk.new_end
    return lines


def find_reported(findings: Findings, code: str, message: str, line: int) -> Finding | None:
    """The finding an editor's diagnostic came from: the nearest with its words, else the nearest with its code.

    Where either has no code the line has to do, since editors put some tools' words in their own.
    """
    here, words = [one for one in findings if not one.path], _words(message)
    same_words = [one for one in here if _words(one.message) == words]
    same_code = [one for one in here if code and _code(one.code) == _code(code)]
    same_line = [one for one in here if not (code and one.code) and one.line == line]
    for candidates in ([one for one in same_words if one in same_code], same_words, same_code, same_line):
        if candidates:
            return min(candidates, key=lambda one: abs(one.line - line))
    return None


def is_still_there(reported: Finding, before: Findings, after: Findings, lines: Mapping[int, int]) -> bool:
    """Whether a finding has survived: on its own line, or in number when that line was changed."""
    key = _key(reported)
    if lines.get(reported.line) in {one.line for one in after if _key(one) == key}:
        return True
    return sum(_key(one) == key for one in before) <= sum(_key(one) == key for one in after)


def new_findings(
    before: Findings, after: Findings, lines: Mapping[int, int], *, reworded: Collection[str] | None = None
) -> Findings:
    """Findings that were not there before, wherever they stood then.

    A finding that is gone may have come back in other words, since tools name what the change has renamed. Codes in
    `reworded`, or all of them for None, are forgiven that: as many as are gone.
    """
    known = Counter(map(_key, before))
    from_lines = {(_key(one), lines.get(one.line)) for one in before}
    new: list[Finding] = []
    for one in sorted(after, key=lambda one: (_key(one), one.line) not in from_lines):
        key = _key(one)
        if known[key]:
            known[key] -= 1
        else:
            new.append(one)
    gone = Counter(code for (_, code, _), number in known.items() for _ in range(number))
    return tuple(sorted(_not_forgiven(new, gone, reworded), key=lambda one: (one.path, one.line)))


def _not_forgiven(new: Iterable[Finding], gone: Counter[str], reworded: Collection[str] | None) -> Iterable[Finding]:
    for one in new:
        code = _code(one.code)
        is_reworded = bool(code) and (reworded is None or code in reworded) and 0 < gone[code]
        if is_reworded:
            gone[code] -= 1
        else:
            yield one


def _key(finding: Finding) -> Key:
    return finding.path, _code(finding.code), _words(finding.message)


def _code(code: str) -> str:
    """A code without what some editors put in front of its number."""
    lowered = code.strip().lower()
    return lowered[2:] if lowered.startswith("ts") and lowered[2:].isdigit() else lowered


def _words(message: str) -> str:
    """The first line of a message, without places and without the marks around names, which tools vary."""
    first = message.strip().split("\n")[0]
    return _MARKS.sub(" ", _NUMBERS.sub("", _CODE_IN_WORDS.sub("", first))).strip().rstrip(".").lower()
