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
_TEXT_END = re.compile(r"[<{]")
_PIECE = re.compile(r"([^<{]*)(?:</([A-Za-z_$][\w$.:-]*)[ \t]*>|\{[ \t]*([A-Za-z_$][\w$.]*)[ \t]*\}|(?=<[A-Za-z_$]))")
"""Text and what follows it between two tags: a closing tag, braces with no more than a name, an opening tag."""
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
        words = self.words
        for match in TOKEN.finditer(self.text, self.at):
            word = match[1]
            if word[0] in APART or word[-1] == "<":
                tag = _OPEN.match(self.text, match.start(1)) if word == "<" else None
                if tag is not None and self.last in _BEFORE_ELEMENT:
                    self._begin(tag)
                    return True
                if not self._take(word, match.end()):
                    return False
                continue
            if self.has_break:
                self._end_line(word)
            words.append(word)
            self.last = word
            if word in _BRACES and self.stack and self._is_end_of_code(word):
                self.at = match.end()
                return True
        self.at = len(self.text)
        return True

    def _is_end_of_code(self, word: str) -> bool:
        """Count a brace between elements; whether it was the one that code between elements ends with."""
        if word == _BRACE:
            self.stack.append(_BRACE)
            return False
        self.stack.pop()
        return bool(self.stack) and self.stack[-1] != _BRACE

    def _end_line(self, word: str) -> None:
        """Add the line break in front of a token, where it may end a statement."""
        if self.last not in NO_END_AFTER and word not in NO_END_BEFORE:
            self.words.append("\n")
        self.has_break = False

    def _take(self, word: str, end: int) -> bool:
        """Add a token of code that is more than its text, or a line break; False for what is too hard."""
        if word == "\n":
            self.has_break = True
            return True
        if word.startswith(("//", "/*")):
            self.words.append(word)
            self.has_break = self.has_break or "\n" in word
            return True
        if self._may_hide(word, end):
            return False
        if self.has_break:
            self._end_line(word)
        self.words.append(word if word[0] not in "'\"" else string_by_value(word))
        self.last = word
        return True

    def _may_hide(self, word: str, end: int) -> bool:
        """Whether a token may hold or begin more than it seems to: a tag, or the end of what stands around it."""
        if word[0] == "/":
            return bool(self.stack) or word.startswith("/>") or is_too_hard(word)
        is_tag = word[-1] == "<" and self.text.startswith("/", end)
        return is_tag or is_too_hard(word)

    def _begin(self, tag: re.Match[str]) -> None:
        if self.has_break:
            self._end_line("<")
        plain = _PLAIN_TAG.match(self.text, tag.start())
        if plain is None:
            self.words.append(tag[0])
            self.stack.append(_TAG + (tag[1] or ""))
            self.at = tag.end()
            return
        attributes = _ATTRIBUTE.findall(plain[2])
        self.words += (tag[0], *("attribute =" if one == "=" else one for one in attributes), plain[3])
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
        if word == "=":
            # Not the sign of an assignment, after which a brace would hold a list.
            self.words[-1] = "attribute ="
        elif word == "{":
            self.stack.append(_BRACE)
            self.last, self.has_break = "{", False
        elif word == ">":
            self.stack.append(_INSIDE + self.stack.pop().removeprefix(_TAG))
        elif word == "/>":
            self._end()
        return True

    def inside(self) -> bool:
        """Read text and what follows it between two tags, as far as it is plain."""
        while self.stack and self.stack[-1].startswith(_INSIDE):
            piece = _PIECE.match(self.text, self.at)
            if piece is None:
                return self._inside_slowly()
            between, closed, named = piece.groups()
            if between:
                self._show(between)
            self.at = piece.end()
            if named is not None:
                self.words += ("{", named, "}")
            elif closed is not None:
                if not self._close(closed):
                    return False
            elif not self._open():
                return False
        return True

    def _inside_slowly(self) -> bool:
        """Read text and the beginning of code, or a tag that is not plain."""
        end = _TEXT_END.search(self.text, self.at)
        if end is None:
            return False
        self._show(self.text[self.at : end.start()])
        self.at = end.start()
        if end[0] == "{":
            self.words.append("{")
            self.stack.append(_BRACE)
            self.last, self.has_break = "{", False
            self.at += 1
            return True
        close = _CLOSE.match(self.text, self.at)
        if close is None:
            return self._open()
        self.at = close.end()
        return self._close(close[1] or "")

    def _show(self, between: str) -> None:
        """Add text as it will be shown; lines of nothing but white space are not."""
        if "\n" in between or "\r" in between:
            between = joined_lines(between) if between.strip(" \t\r\n") else ""
        if between:
            self.words.append(f"text {between}")

    def _open(self) -> bool:
        opened = _OPEN.match(self.text, self.at)
        if opened is not None:
            self._begin(opened)
        return opened is not None

    def _close(self, name: str) -> bool:
        """Leave the innermost element by its closing tag; False when that is another one's."""
        if name != self.stack[-1].removeprefix(_INSIDE):
            return False
        self.words.append(f"</{name}>")
        self._end()
        return True

    def _end(self) -> None:
        """Leave an element; after it a line break ends a statement as after any value."""
        self.stack.pop()
        self.last, self.has_break = "/>", False
