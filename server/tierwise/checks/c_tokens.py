"""C and C++ compared by their preprocessing tokens, since no grammar reads a program that macros complete."""

import bisect
import re
from collections.abc import Iterator
from typing import NamedTuple

_RAW = r"""(?:u8|[uUL])?R"(?P<delimiter>[^()\\\s]{0,16})\(.*?\)(?P=delimiter)"\w*"""
_SPLICE = re.compile(rf"(?P<raw>\b{_RAW})|\\\r?\n", re.DOTALL)
_TOKEN = re.compile(
    rf"""
    (?P<comment> //[^\n]* | /\*.*?(?:\*/|\Z) )
    | (?P<newline> \n )
    | (?P<space> [^\S\n]+ )
    | (?P<raw> {_RAW} )
    | (?P<string> (?:u8|[uUL])?"(?:\\.|[^"\\\n])*" )
    | (?P<char> (?:u8|[uUL])?'(?:\\.|[^'\\\n])*' )
    | (?P<number> \.?\d(?:[eEpP][+-]|'?[\w.])* )
    | (?P<word> [^\W\d][\w$]* )
    | (?P<sign> \.\.\.|<=>|->\*|<<=|\#\#|->|\+\+|--|<<|<=|>=|==|!=|&&|\|\||[-+*/%&|^]=|::|\.\*|. )
    """,
    re.VERBOSE | re.DOTALL,
)
_HEADER = re.compile(r"[^\S\n]*<[^>\n]*>")
_NUMERIC_ESCAPE = re.compile(r"\\(?:x[0-9a-fA-F]+|[0-7]{1,2})$")
_DIGIT_FIRST = re.compile(r"\w*\"[0-9a-fA-F]")
_END = "end of line"
_KINDS = {"delimiter": "raw"}
"""Inner groups that end a match, and the kind they stand for."""


class _Token(NamedTuple):
    kind: str
    text: str
    start: int
    """Where it begins in the text without continued lines."""


def find_c_difference(before: str, after: str, *, is_cpp: bool) -> tuple[int, str] | None:
    """The first line of `before` whose tokens are not those of `after`, with words for it; None when all are equal.

    Lines count in directives only. Split strings are joined, and a comma in front of a closing brace says nothing.
    """
    (text, splices), (other, _) = _without_splices(before), _without_splices(after)
    old, new = _normal(text, is_cpp=is_cpp), _normal(other, is_cpp=is_cpp)
    for a, b in zip(old, new, strict=False):
        if a.text != b.text:
            return _line(text, splices, a.start), f"{a.text!r} became {b.text!r}"
    if len(old) == len(new):
        return None
    shorter, longer = sorted((old, new), key=len)
    extra = longer[len(shorter)]
    start = extra.start if longer is old else len(text)
    return _line(text, splices, start), f"{extra.text!r} stands in only one of the two texts"


def _without_splices(text: str) -> tuple[str, list[int]]:
    """The text with continued lines joined, as the preprocessor does first, and where they were joined."""
    pieces: list[str] = []
    places: list[int] = []
    done = length = 0
    for match in _SPLICE.finditer(text) if "\\\n" in text or "\\\r\n" in text else ():
        if match["raw"] is None:
            pieces.append(text[done : match.start()])
            length += len(pieces[-1])
            places.append(length)
            done = match.end()
    return "".join([*pieces, text[done:]]), places


def _line(text: str, splices: list[int], start: int) -> int:
    return text.count("\n", 0, start) + bisect.bisect_right(splices, start) + 1


def _normal(text: str, *, is_cpp: bool) -> list[_Token]:
    tokens: list[_Token] = []
    is_in_directive = False
    for token in _tokens(text):
        last = tokens[-1] if tokens else None
        if last is not None and token.kind == last.kind == "string" and _may_join(last.text, token.text):
            tokens[-1] = last._replace(text=last.text[:-1] + token.text[token.text.index('"') + 1 :])
            continue
        is_in_directive = token.kind == "directive" or (is_in_directive and token.kind != "end")
        if token.text == "}" and last is not None and last.text == "," and not is_in_directive:
            tokens.pop()
        is_lower = token.kind == "number" and not is_cpp
        tokens.append(token._replace(text=token.text.lower()) if is_lower else token)
    return tokens


def _may_join(first: str, second: str) -> bool:
    """Whether two strings side by side are one; a number written as an escape must not meet more digits."""
    if first[: first.index('"')] != second[: second.index('"')]:
        return False
    return _NUMERIC_ESCAPE.search(first[:-1]) is None or _DIGIT_FIRST.match(second) is None


class _Directive:
    """What is known of the directive that a token stands in."""

    def __init__(self) -> None:
        self.name = ""
        self.n_words = 0
        """`#`, its name, what it defines, …; none outside a directive."""

    def add(self, token: _Token, *, is_glued: bool) -> _Token:
        """Count a token of the directive; the parenthesis right behind a defined name begins its parameters."""
        self.n_words += 1
        if self.n_words == 2:
            self.name = token.text
        if self.n_words == 4 and self.name == "define" and token.text == "(" and is_glued:
            return token._replace(text="( of parameters")
        return token

    @property
    def wants_header(self) -> bool:
        return self.n_words == 2 and self.name in ("include", "include_next", "import")


def _tokens(text: str) -> Iterator[_Token]:
    """The tokens with the starts and ends of directives, without white space and comments."""
    directive: _Directive | None = None
    is_line_start, end_of_last, at = True, -1, 0
    while at < len(text):
        match = (_HEADER.match(text, at) if directive is not None and directive.wants_header else None) or _TOKEN.match(
            text, at
        )
        if match is None:
            break
        token = _Token(_KINDS.get(match.lastgroup or "", match.lastgroup or "header"), match[0].strip(" \t"), at)
        at = match.end()
        if token.kind == "newline":
            if directive is not None:
                yield _Token("end", _END, token.start)
            is_line_start, directive = True, None
        elif token.kind not in ("space", "comment"):
            if is_line_start and token.text == "#":
                directive = _Directive()
                token = token._replace(kind="directive")
            if directive is not None:
                token = directive.add(token, is_glued=end_of_last == token.start)
            is_line_start, end_of_last = False, at
            yield token
    if directive is not None:
        yield _Token("end", _END, len(text))
