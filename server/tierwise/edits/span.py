"""A reply that is the replacement of exactly one span."""

import re

from tierwise.edits.detect import parse_reply
from tierwise.edits.document import changed_text, take_apart
from tierwise.edits.fences import Fence, fences, reply_lines, without_reasoning
from tierwise.edits.file_plan import plan_file
from tierwise.edits.formats import ReplyFormat
from tierwise.edits.indentation import is_blank, leading, like, moved
from tierwise.edits.whole import parse_whole, share_of
from tierwise.text.newlines import dominant_newline, with_newline
from tierwise.text.rejection import Rejection
from tierwise.text.spans import Span

_OPENER = re.compile(r"[:{(\[,\\]\s*(?:#.*|//.*)?$")
_PIECES = re.compile(r"^\s*(?:<{5,9} ?SEARCH\b|-{5,} SEARCH\b|\*\*\* Begin Patch|@@ -\d+(?:,\d+)? \+\d)")
_SMALLER = 0.6
_NEARLY_ALL = 0.8
_PROSE = re.compile(
    r"""\A\s*(?:
        (?:sure|certainly|of\ course|sorry|unfortunately|as\ an\ ai)\b
        | i(?:'m|\ am)\ (?:sorry|unable) | i\ can(?:not|'t)
        | (?:here(?:'s|\ is|\ are)|this|the)\ (?:\w+\ ){0,3}(?:function|code|method|class|file|version)\b
        | to\ (?:fix|do|add|refactor|document|write|test)\ th
    )""",
    re.IGNORECASE | re.VERBOSE,
)
_SENTENCES = re.compile(r"[A-Z][\w',;\"\u2019.!?\s-]*[.!?]")
"""Sentences and nothing else: no sign that code has and prose has not. A shell would read them as commands."""


def apply_span(reply: str, text: str, span: Span, *, keeps_style: bool = True) -> str | Rejection:
    """The text with `span` replaced by the code of the reply.

    The code is the reply's one fenced block, or the whole reply when nothing is fenced. Prose and reasoning around it
    are dropped; indentation, blank lines around it, the final line break and line endings follow the original span. A
    reply that edits pieces or repeats the whole text instead is understood, as long as it changes nothing else. With
    `keeps_style` False the steps and signs of indentation inside the code are the reply's own.
    """
    original = text[span.start : span.end]
    other_form = _in_other_form(reply, text, span)
    if other_form is not None:
        return other_form
    lines = _replacement(reply, original)
    if isinstance(lines, Rejection):
        return lines
    shown = original.strip()
    head = original[: len(original) - len(original.lstrip("\r\n"))] if shown else ""
    tail = re.sub(r"\A[ \t]+", "", original[len(original.rstrip()) :])
    tail = tail if tail[:1] in ("\r", "\n") else ""
    body = "\n".join(_fitted(lines, text, span, keeps_style=keeps_style))
    newline = dominant_newline(original) if "\n" in original or "\r" in original else dominant_newline(text)
    return text[: span.start] + head + with_newline(body, newline) + tail + text[span.end :]


def _in_other_form(reply: str, text: str, span: Span) -> str | Rejection | None:
    """The text after a reply that edits pieces of it or gives it whole; None for a reply that does neither."""
    lines = reply_lines(without_reasoning(reply))
    original = text[span.start : span.end]
    if any(map(_PIECES.match, lines)) and not any(map(_PIECES.match, reply_lines(text))):
        requests = parse_reply(reply, {"": text}, ReplyFormat.AUTO)
    elif _repeats_all(lines, text, original):
        requests = parse_whole(lines, {"": text})
    else:
        return None
    if isinstance(requests, Rejection):
        return requests
    document = take_apart(text)
    plan = plan_file("the code", requests, document)
    if isinstance(plan, Rejection):
        return plan
    result = changed_text(document, plan.changes)
    before, after = text[: span.start], text[span.end :]
    is_inside = result.startswith(before) and result.endswith(after) and len(before) + len(after) <= len(result)
    return result if is_inside else Rejection("outside-scope", "the reply changes more than the code it was asked for")


def _repeats_all(lines: list[str], text: str, original: str) -> bool:
    """Whether the reply's one block repeats nearly all of a text of which the span is a smaller part."""
    if _SMALLER * len(text) < len(original):
        return False
    blocks = [block for block in fences(lines) if any(not is_blank(line) for line in block.lines)]
    return len(blocks) == 1 and _NEARLY_ALL < share_of(blocks[0].lines, text)


def _replacement(reply: str, original: str) -> list[str] | Rejection:
    """The lines of code in the reply, without blank lines around them."""
    answer = without_reasoning(reply)
    if not answer.strip():
        return Rejection("empty-reply", "the reply holds no text")
    lines = reply_lines(answer)
    blocks = fences(lines)
    if any(not block.is_closed for block in blocks):
        return Rejection("truncated-reply", "the reply ends inside a code block")
    blocks = [block for block in blocks if any(not is_blank(line) for line in block.lines)]
    if not blocks:
        if _is_prose(answer) and not _is_prose(original):
            return Rejection("no-edits", f"the reply is prose without code: {answer.strip()[:80]!r}")
        return _without_blank_ends(lines)
    block = _chosen(blocks, original)
    return _without_blank_ends(list(block.lines)) if isinstance(block, Fence) else block


def _is_prose(text: str) -> bool:
    stripped = text.strip()
    return bool(_PROSE.match(text) or (2 < len(stripped.split()) and _SENTENCES.fullmatch(stripped)))


def _chosen(blocks: list[Fence], original: str) -> Fence | Rejection:
    """The only block, or the only one that begins or ends as the original does."""
    if len(blocks) == 1:
        return blocks[0]
    first = next((line.strip() for line in reply_lines(original) if line.strip()), "")
    name = re.search(r"\w+\s*[({:]", first)
    same_line = [block for block in blocks if any(line.strip() == first for line in block.lines)]
    same_name = [block for block in blocks if name and any(name[0] in line for line in block.lines)]
    for alike in (same_line, same_name):
        if len(alike) == 1:
            return alike[0]
    return Rejection(
        "ambiguous-reply", f"the reply holds {len(blocks)} code blocks where one replacement was asked for"
    )


def _without_blank_ends(lines: list[str]) -> list[str]:
    start, end = 0, len(lines)
    while start < end and is_blank(lines[start]):
        start += 1
    while start < end and is_blank(lines[end - 1]):
        end -= 1
    return lines[start:end]


def _fitted(lines: list[str], text: str, span: Span, *, keeps_style: bool) -> list[str]:
    """The lines indented as the span asks: its first line may begin in the middle of a line of the text."""
    original = text[span.start : span.end].lstrip("\r\n")
    line_start = max(text.rfind("\n", 0, span.start), text.rfind("\r", 0, span.start)) + 1
    before = text[line_start : span.start]
    old_lines = reply_lines(original)
    if before.strip() or not original.strip():
        return lines
    if keeps_style:
        lines = like(lines, [line for line in (before + old_lines[0], *old_lines[1:]) if line.strip()])
    want = before + leading(old_lines[0])
    have = leading(lines[0])
    if have == want:
        fitted = lines
    elif not have and _is_only_first_cut(lines, want, old_lines):
        fitted = [want + lines[0], *lines[1:]]
    else:
        fitted = moved(lines, have, want)
    return [fitted[0].removeprefix(before), *fitted[1:]]


def _is_only_first_cut(lines: list[str], want: str, old_lines: list[str]) -> bool:
    """Whether the reply repeats the span as it was cut out: first line bare, the others at their full depth."""
    rest = [leading(line) for line in lines[1:] if not is_blank(line)]
    if not rest or not want or not all(own.startswith(want) for own in rest):
        return False
    least = min(rest, key=len)
    old_rest = [leading(line) for line in old_lines[1:] if not is_blank(line)]
    if old_rest and all(own.startswith(want) for own in old_rest):
        old_least = min(old_rest, key=len)
        if len(least) in (len(old_least), len(old_least) - len(want)) and old_least != want:
            return len(least) == len(old_least)
    return rest[0] != want or not _OPENER.search(lines[0])
