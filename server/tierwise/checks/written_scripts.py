"""Tokens, without a parser, of JavaScript and TypeScript: with the line breaks that may end a statement.

A reader gives None for a text in which it cannot be sure where strings, regular expressions and elements end.
"""

import re
from collections.abc import Sequence

LINE_COMMENT = r"//(?:[^\n]*\S)?"
COMMENTS = rf"{LINE_COMMENT}|/\*.*?(?:\*/|\Z)"
STRING = r'"(?:\\.|[^"\\\n])*"'
QUOTED = r"'(?:\\.|[^'\\\n])*'"
NUMBER = r"\.?\d[\w.]*"
# White space in front of a token is taken with it, since looking for tokens at every blank would cost twice as much.
TOKEN = re.compile(
    rf"""[ \t]*([^\W\d][\w$]*|\$[\w$]*|[()\[\]{{}};,\n]|{COMMENTS}|/(?:[^\n]*\S)?|{STRING}|{QUOTED}"""
    rf"""|`(?:\\.|[^`\\])*`|{NUMBER}|[^\w\s()\[\]{{}};,"'`$/]+|["'`][^\n]*|\S)""",
    re.DOTALL,
)
"""What fits nothing is a token of one character, and a lone quote takes the rest of its line."""
NO_END_AFTER = frozenset({*"{([,;:=+<", "=>", "&&", "||", "??", "==", "===", "!=", "!==", "<=", "+=", "-="})
NO_END_BEFORE = frozenset({*"})],;.:", "?.", "&&", "||", "??", "=", "==", "===", "!=", "!=="})
APART = frozenset("\n/'\"`")
"""First characters of the tokens that are more than their text."""
_ESCAPED_QUOTE = re.compile(r"""(?<!\\)\\(?=['"])""")
_PLAIN_HOLE = re.compile(r"""\\.|\$\{(?:[^{}'"`\\]|'[^'{}`\\]*'|"[^"{}`\\]*"|\{[^{}'"`\\]*\})*\}""", re.DOTALL)
"""A place in a template that holds nothing which could hide its end."""


def read_script(text: str) -> Sequence[str] | None:
    """Tokens with the line breaks that may end a statement; None for a text that is too hard."""
    words: list[str] = []
    last = "{"
    has_break = False
    for word in TOKEN.findall(text.rstrip()):
        if word[0] in APART:
            if word == "\n":
                has_break = True
                continue
            if word.startswith(("//", "/*")):
                words.append(word)
                has_break = has_break or "\n" in word
                continue
            if is_too_hard(word):
                return None
        if has_break:
            if last not in NO_END_AFTER and word not in NO_END_BEFORE:
                words.append("\n")
            has_break = False
        words.append(word if word[0] not in "'\"" else string_by_value(word))
        last = word
    return words


def string_by_value(word: str) -> str:
    """A string of JavaScript in one kind of quotes; one that may have no end stays as it is."""
    if len(word) < 2 or word[-1] != word[0] or word[-2] == "\\":
        return word
    return f'"{_ESCAPED_QUOTE.sub("", word[1:-1])}"' if "\\" in word else f'"{word[1:-1]}"'


def is_too_hard(word: str) -> bool:
    """Whether a word may end elsewhere than it seems to: templates in templates, and what stands after a slash."""
    if word[0] == "/":
        return "`" in word or "/*" in word
    return word[0] == "`" and (word.count("{") != word.count("}") or "${" in _PLAIN_HOLE.sub("", word))
