"""Python that this interpreter cannot parse, such as Python 2 or the syntax of a newer one, compared by its tokens."""

import io
import keyword
import re
import tokenize
from collections.abc import Iterator
from typing import NamedTuple

_DROPPED = frozenset({tokenize.COMMENT, tokenize.NL, tokenize.ENCODING, tokenize.ENDMARKER})
_LAYOUT = {tokenize.NEWLINE: "end of line", tokenize.INDENT: "indentation", tokenize.DEDENT: "end of a block"}
_CLOSERS = {")": "(", "]": "[", "}": "{"}
_STRING = re.compile(r"(?P<prefix>\w*)(?P<quote>'''|\"\"\"|'|\")(?P<inside>.*)(?P=quote)", re.DOTALL)

_PLAIN = re.compile(r"'[^'\\]*'")
_QUOTES = frozenset("'\"")


class _Word(NamedTuple):
    text: str
    line: int


class _Bracket(NamedTuple):
    """An open bracket."""

    text: str
    follows_operand: bool
    """Whether it calls, defines or subscripts."""
    at: int
    """Where its contents begin in the list of words."""


def find_token_difference(before: str, after: str) -> tuple[int, str] | None:
    """The first line of `before` whose tokens are not those of `after`, with words for it; None when all are equal.

    Indentation is compared by blocks. Comments, broken lines, plain quotes and commas that end a list say nothing.
    """
    try:
        old, new = _words(before), _words(after)
    except (tokenize.TokenError, SyntaxError) as error:
        # Nothing but white space at the ends of lines can be disregarded here.
        same = [line.rstrip() for line in before.splitlines()] == [line.rstrip() for line in after.splitlines()]
        return None if same else (1, f"its tokens cannot be read: {error.args[0]}")
    for a, b in zip(old, new, strict=False):
        if a.text != b.text:
            return a.line, f"{a.text!r} became {b.text!r}"
    if len(old) != len(new):
        longer = max(old, new, key=len)
        return min(len(old), len(new)), f"{longer[min(len(old), len(new))].text!r} is only in one of them"
    return None


def _words(text: str) -> list[_Word]:
    words: list[_Word] = []
    brackets: list[_Bracket] = []
    for token in _tokens(text):
        line = token.start[0]
        if token.type in _LAYOUT:
            words.append(_Word(_LAYOUT[token.type], line))
        elif token.string in _CLOSERS and brackets:
            _drop_trailing_comma(words, brackets.pop())
            words.append(_Word(token.string, line))
        else:
            _append(words, _Word(_spelling(token), line))
            if token.string in "([{" and token.type == tokenize.OP:
                brackets.append(_Bracket(token.string, _is_operand(words[-2] if 1 < len(words) else None), len(words)))
    return words


def _append(words: list[_Word], word: _Word) -> None:
    """Add a word; a plain string that follows another one continues it."""
    last = words[-1] if words else None
    if last is not None and _PLAIN.fullmatch(last.text) and _PLAIN.fullmatch(word.text):
        words[-1] = _Word(f"{last.text[:-1]}{word.text[1:]}", last.line)
    else:
        words.append(word)


def _tokens(text: str) -> Iterator[tokenize.TokenInfo]:
    for token in tokenize.generate_tokens(io.StringIO(text.removeprefix("\ufeff")).readline):
        if token.type not in _DROPPED:
            yield token


def _is_operand(word: _Word | None) -> bool:
    """Whether a bracket after a word belongs to it."""
    if word is None or keyword.iskeyword(word.text) or word.text in ("print", "exec"):
        return False
    return word.text[-1:] in ")]}'\"" or word.text[-1:].isidentifier()


def _drop_trailing_comma(words: list[_Word], bracket: _Bracket) -> None:
    """Drop the comma in front of a closing bracket unless it makes a tuple or stands after starred arguments."""
    inside = words[bracket.at :]
    if len(inside) < 2 or inside[-1].text != ",":
        return
    if bracket.text == "(" and bracket.follows_operand:
        means_nothing = not any(word.text in ("*", "**") for word in inside)
    elif bracket.text == "(":
        means_nothing = _has_comma_outside_brackets(inside[:-1])
    else:
        means_nothing = bracket.text == "{" or not bracket.follows_operand
    if means_nothing:
        words.pop()


def _has_comma_outside_brackets(words: list[_Word]) -> bool:
    depth = 0
    for word in words:
        depth += (word.text in _CLOSERS.values()) - (word.text in _CLOSERS)
        if word.text == "," and depth == 0:
            return True
    return False


def _spelling(token: tokenize.TokenInfo) -> str:
    if token.type == tokenize.NUMBER:
        return token.string.lower()
    if token.type != tokenize.STRING:
        return token.string
    match = _STRING.fullmatch(token.string)
    if match is None or _QUOTES & set(match["inside"]) or len(match["quote"]) == 3:
        return token.string
    return f"{match['prefix'].lower()}'{match['inside']}'"
