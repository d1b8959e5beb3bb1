"""Tokens, without a parser, of scripts with JSX, whose text between tags is compared as it will be shown.

Nothing here guesses: where a tag might be a comparison or a type, or an element is not closed, the reader gives None.
"""

import re
from collections.abc import Sequence

from tierwise.checks.trees.jsx import joined_lines
from tierwise.checks.written_scripts import (
    APART,
    NO_END_AFTER,
    NO_END_BEFORE,
    TOKEN,
    is_too_hard,
    string_by_value,
)

_BEFORE_ELEMENT = frozenset({*"(,=?:[{", "&&", "||", "??", "=>", "return"})
"""Only after these a `<` is taken for the beginning of an element."""
_OPEN = re.compile(r"<([A-Za-z_$][\w$.:-]*)?(?=[\s/>])")
_CLOSE = re.compile(r"</\s*([A-Za-z_$][\w$.:-]*)?\s*>")
_IN_TAG = re.compile(r"""\s*(/?>|[{=]|[A-Za-z_$][\w$:.-]*|"[^"]*"|'[^']*')""")
_TEXT = re.compile(r"[^<{]*")
_PLAIN_TAG = re.compile(r"""<([A-Za-z_$][\w$.:-]*)((?:\s+[A-Za-z_$][\w$:.-]*(?:="[^"]*")?)*)\s*(/?>)""")
"""A tag whose attributes are names and strings."""
_ATTRIBUTE = re.compile(r"""[A-Za-z_$][\w$:.-]*|"[^"]*"|=""")
_BRACE, _TAG, _INSIDE = "{", "tag ", "inside "
_BRACES = frozenset("{}")


def read_jsx(text: str) -> Sequence[str] | None:
    """Tokens of a script with elements; None for a text that is too hard."""
    reader = _Reader(text.rstrip())
    while reader.at < len(reader.text):
        state = reader.stack[-1] if reader.stack else _BRACE
        step = reader.code if state == _BRACE else reader.tag if state.startswith(_TAG) else reader.inside
        if not step():
            return None
    return None if reader.stack else reader.words


class _Reader:
    """How far a text has been read, and inside of what."""

    __slots__ = ("at", "has_break", "last", "stack", "text", "words")

    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0
        self.words: list[str] = []
        self.stack: list[str] = []
        """The open elements, each in its tag or inside, and the open braces between them."""
        self.last = "{"
        self.has_break = False

    def code(self) -> bool:
        """Read code up to the next change of kind; False for what is too hard."""
        text = self.text
        while self.at < len(text):
            match = TOKEN.match(text, self.at)
            if match is None:
                # White space other than blanks and tabs.
                self.at += 1
                continue
            word = match[1]
            if word == "<" and self.last in _BEFORE_ELEMENT and (tag := _OPEN.match(text, match.start(1))):
                self._begin(tag)
                return True
            self.at = match.end()
            if word[0] not in APART and word[-1] != "<":
                self._add(word)
            elif not self._take(word):
                return False
            if self.stack and word in _BRACES and self._is_end_of_code(word):
                return True
        return True

    def _is_end_of_code(self, word: str) -> bool:
        """Count a brace between elements; whether it was the one that code between elements ends with."""
        if word == _BRACE:
            self.stack.append(_BRACE)
            return False
        self.stack.pop()
        return bool(self.stack) and self.stack[-1] != _BRACE

    def _add(self, word: str) -> None:
        if self.has_break:
            if self.last not in NO_END_AFTER and word not in NO_END_BEFORE:
                self.words.append("\n")
            self.has_break = False
        self.words.append(word)
        self.last = word

    def _take(self, word: str) -> bool:
        """Add a token of code that is more than its text, or a line break; False for what is too hard."""
        if word == "\n":
            self.has_break = True
        elif word.startswith(("//", "/*")):
            self.words.append(word)
            self.has_break = self.has_break or "\n" in word
        elif self._may_hide(word):
            return False
        else:
            self._add(word if word[0] not in "'\"" else string_by_value(word))
        return True

    def _may_hide(self, word: str) -> bool:
        """Whether a token may hold or begin more than it seems to: a tag, or the end of what stands around it."""
        if word[0] == "/":
            return bool(self.stack) or word.startswith("/>") or is_too_hard(word)
        is_tag = word[-1] == "<" and self.text.startswith("/", self.at)
        return is_tag or is_too_hard(word)

    def _begin(self, tag: re.Match[str]) -> None:
        if self.has_break and self.last not in NO_END_AFTER:
            self.words.append("\n")
        self.has_break = False
        plain = _PLAIN_TAG.match(self.text, tag.start())
        if plain is None:
            self.words.append(tag[0])
            self.stack.append(_TAG + (tag[1] or ""))
            self.at = tag.end()
            return
        self.words += (tag[0], *_ATTRIBUTE.findall(plain[2]), plain[3])
        self.at = plain.end()
        if plain[3] == "/>":
            self.last = "/>"
        else:
            self.stack.append(_INSIDE + plain[1])

    def tag(self) -> bool:
        """Read a piece of an opening tag."""
        match = _IN_TAG.match(self.text, self.at)
        if match is None:
            return False
        word = match[1]
        self.at = match.end()
        self.words.append(word if word[0] not in "'\"" or '"' in word[1:-1] else f'"{word[1:-1]}"')
        if word == "{":
            self.stack.append(_BRACE)
            self.last, self.has_break = "{", False
        elif word == ">":
            self.stack.append(_INSIDE + self.stack.pop().removeprefix(_TAG))
        elif word == "/>":
            self._end()
        return True

    def inside(self) -> bool:
        """Read text and what follows it between two tags."""
        match = _TEXT.match(self.text, self.at)
        shown = joined_lines(match[0]) if match else ""
        if shown:
            self.words.append(f"text {shown}")
        self.at = match.end() if match else self.at
        if self.text.startswith("{", self.at):
            self.words.append("{")
            self.stack.append(_BRACE)
            self.last, self.has_break = "{", False
            self.at += 1
            return True
        close, opened = _CLOSE.match(self.text, self.at), _OPEN.match(self.text, self.at)
        if close is not None and (close[1] or "") == self.stack[-1].removeprefix(_INSIDE):
            self.words.append(f"</{close[1] or ''}>")
            self.at = close.end()
            self._end()
            return True
        if close is not None or opened is None:
            return False
        self._begin(opened)
        return True

    def _end(self) -> None:
        """Leave an element; after it a line break ends a statement as after any value."""
        self.stack.pop()
        self.last, self.has_break = "/>", False
