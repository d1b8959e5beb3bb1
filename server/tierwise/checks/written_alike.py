"""Texts whose tokens are seen to be the same without a parser: the quick way to the answer that most often comes.

Only sameness is ever concluded here. Whatever is doubtful counts as different and is left to the trees: tokens are
pieces that no white space is taken out of, so one that is cut too long costs time and nothing else.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from enum import Enum, auto

from tierwise.checks.needless_signs import Signs, without_needless_signs
from tierwise.checks.written_jsx import read_jsx
from tierwise.checks.written_lines import read_bash, read_css, read_html, read_ruby, read_yaml
from tierwise.checks.written_scripts import COMMENTS, NUMBER, QUOTED, STRING, read_script

_WORD = r"[\w$]+"
_SIGNS = r"""[()\[\]{};,]|(?:(?!//|/\*)[^\w\s()\[\]{};,"'`$])+"""
_DIRECTIVE = r"^[ \t]*\#(?:\\.|[^\n\\])*"


def _lexer(*alternatives: str) -> re.Pattern[str]:
    """Finds tokens; what fits nothing is a token of one character, and a lone quote takes the rest of its line."""
    return re.compile("|".join((*alternatives, r"""["'`][^\n]*""", r"\S")), re.DOTALL | re.MULTILINE)


_C_LIKE = _lexer(_DIRECTIVE, COMMENTS, STRING, QUOTED, NUMBER, _WORD, _SIGNS)
_LONG = r'"(?:\\.|[^"\\])*"'
_RUST = _lexer(COMMENTS, _LONG, r"'(?:\\(?:u\{[^}]*\}|x..|.)|[^'\\\n])'", r"'(?=\w)", NUMBER, _WORD, _SIGNS)
_PHP = _lexer(r"#(?!\[)(?:[^\n]*\S)?", COMMENTS, _LONG, r"'(?:\\.|[^'\\])*'", NUMBER, _WORD, _SIGNS)
_LUA = _lexer(
    *(r"--(?:[^\n]*\S)?", STRING, QUOTED, NUMBER, _WORD),
    r"""[()\[\]{};,]|(?:(?!--)[^\w\s()\[\]{};,"'])+""",
)
_PYTHON = _lexer(
    r"[rRbBuUfFtT]{0,2}(?:\"\"\"(?:\\.|[^\\])*?\"\"\"|'''(?:\\.|[^\\])*?''')",
    rf"[rRbBuUfFtT]{{0,2}}(?:{STRING}|{QUOTED})",
    *(r"#(?:[^\n]*\S)?", r"\\\n", r"\n[ \t\f]*", NUMBER, r"\w+"),
    r"""[()\[\]{};,]|[^\w\s()\[\]{};,"'#\\]+""",
)
_GO = _lexer(r"\n", COMMENTS, STRING, QUOTED, r"`[^`]*`", NUMBER, _WORD, _SIGNS)
_JSON = _lexer(STRING, r"[-+\w.]+", r"[\[\]{},:]")

# In these, what stands between the quotes is not what the lexers above take for a string.
_TRAPS = {
    "c": re.compile(r"\?\?"),
    "cpp": re.compile(r"R\"|\?\?|\d'"),
    "csharp": re.compile(r'[@$]"|"""|@\$|\$@'),
    "java": re.compile(r'"""|\\u'),
    "rust": re.compile(r"(?<![\w\"])[bc]?r#*\"|/\*(?:(?!\*/).)*/\*", re.DOTALL),
    "php": re.compile(r"<<<|\?>|`"),
    "lua": re.compile(r"\[=*\["),
    "python": re.compile(r"^[ ]*\t|^\f", re.MULTILINE),
    "go": re.compile(r'import "C"|//go:|\+build|//line|//export'),
    "javascript": re.compile(r"<!--|-->|\A#!"),
    "typescript": re.compile(r"</|/>|<!--|-->|///|\A#!"),
    "tsx": re.compile(r"<!--|-->|///|\A#!"),
}
_GO_ENDER = re.compile(r"[\w)\]}\"'`]|\+\+|--")


class Likeness(Enum):
    """How far two texts are seen to be the same without a parser."""

    UNKNOWN = auto()
    BUT_FOR_SIGNS = auto()
    """Commas differ that say nothing in a text without syntax errors."""
    ALIKE = auto()
    """The same tokens but for signs that say nothing, comments included, and line breaks where those could matter."""


def likeness(before: str, after: str, grammar: str) -> Likeness:
    """What the tokens of two texts say of them."""
    read = _READERS.get(grammar)
    trap = _TRAPS.get(grammar)
    if read is None or (trap is not None and (trap.search(before) or trap.search(after))):
        return Likeness.UNKNOWN
    old = read(before)
    new = read(after) if old is not None else None
    if old is None or new is None:
        return Likeness.UNKNOWN
    if old == new:
        return Likeness.ALIKE
    if grammar in _SCRIPTS:
        scripts = Signs(old), Signs(new)
        for is_valid, found in ((False, Likeness.ALIKE), (True, Likeness.BUT_FOR_SIGNS)):
            plain = without_needless_signs(scripts[0], is_valid=is_valid)
            if plain is not None and plain == without_needless_signs(scripts[1], is_valid=is_valid):
                return found
    return Likeness.UNKNOWN


def _plain(lexer: re.Pattern[str]) -> Callable[[str], Sequence[str] | None]:
    return lexer.findall


def _read_go(text: str) -> Sequence[str] | None:
    """Tokens with the line breaks that end statements."""
    words: list[str] = []
    last = ""
    for word in _GO.findall(text):
        if word == "\n":
            if last and _GO_ENDER.match(last[-2:] if last[-1] in "+-" else last[-1]):
                words.append(word)
                last = ""
        elif word.startswith("/*") and "\n" in word:
            return None
        else:
            words.append(word)
            last = last if word.startswith(("//", "/*")) else word
    return words


def _read_python(text: str) -> Sequence[str] | None:
    """Tokens with logical lines and blocks; None for a text that is too hard."""
    words: list[str] = []
    levels, depth = [0], 0
    indent: int | None = 0
    for word in _PYTHON.findall(text):
        first = word[0]
        if first == "\n":
            indent = len(word) - 1 if depth == 0 else indent
        elif first == "#":
            words.append(word)
        elif word != "\\\n":
            if indent is not None and depth == 0:
                if not _add_line(words, levels, indent):
                    return None
                indent = None
            if word[-1] in "\"'" and word.count("{") != word.count("}"):
                return None
            words.append(word)
            depth += (first in "([{") - (first in ")]}")
    return words


def _add_line(words: list[str], levels: list[int], indent: int) -> bool:
    """Begin a logical line; False for an indentation that fits no block."""
    words.append("\n")
    if levels[-1] < indent:
        levels.append(indent)
        words.append("indent")
    while indent < levels[-1]:
        levels.pop()
        words.append("dedent")
    return levels[-1] == indent


def _read_script(text: str) -> Sequence[str] | None:
    """Tokens of a script; with tags in it, it takes longer."""
    return read_jsx(text) if "</" in text or "/>" in text else read_script(text)


def _read_php(text: str) -> Sequence[str] | None:
    """Tokens of a file of nothing but code."""
    return _PHP.findall(text) if text.startswith("<?php") else None


_SCRIPTS = frozenset({"javascript", "typescript", "tsx"})
BY_LINES: Mapping[str, Callable[[str], Sequence[str] | None]] = {
    "ruby": read_ruby,
    "bash": read_bash,
    "css": read_css,
    "yaml": read_yaml,
}
"""Languages in which white space counts, so that tokens say something of texts without syntax errors only."""
_READERS: dict[str, Callable[[str], Sequence[str] | None]] = {
    **BY_LINES,
    "html": read_html,
    "c": _plain(_C_LIKE),
    "cpp": _plain(_C_LIKE),
    "csharp": _plain(_C_LIKE),
    "java": _plain(_C_LIKE),
    "rust": _plain(_RUST),
    "go": _read_go,
    "javascript": _read_script,
    "typescript": read_script,
    "tsx": _read_script,
    "json": _plain(_JSON),
    "python": _read_python,
    "php": _read_php,
    "lua": _plain(_LUA),
}
