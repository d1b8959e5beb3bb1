"""Texts whose tokens are seen to be the same without a parser: the quick way to the answer that most often comes.

Only sameness is ever concluded here. Whatever is doubtful counts as different and is left to the trees: tokens are
pieces that no white space is taken out of, so one that is cut too long costs time and nothing else.
"""

import re
from collections.abc import Callable, Mapping, Sequence

from tierwise.checks.written_lines import read_bash, read_css, read_html, read_ruby, read_yaml

_LINE_COMMENT = r"//(?:[^\n]*\S)?"
_COMMENTS = rf"{_LINE_COMMENT}|/\*.*?(?:\*/|\Z)"
_STRING = r'"(?:\\.|[^"\\\n])*"'
_QUOTED = r"'(?:\\.|[^'\\\n])*'"
_NUMBER = r"\.?\d[\w.]*"
_WORD = r"[\w$]+"
_SIGNS = r"""[()\[\]{};,]|(?:(?!//|/\*)[^\w\s()\[\]{};,"'`$])+"""
_DIRECTIVE = r"^[ \t]*\#(?:\\.|[^\n\\])*"


def _lexer(*alternatives: str) -> re.Pattern[str]:
    """Finds tokens; what fits nothing is a token of one character, and a lone quote takes the rest of its line."""
    return re.compile("|".join((*alternatives, r"""["'`][^\n]*""", r"\S")), re.DOTALL | re.MULTILINE)


_C_LIKE = _lexer(_DIRECTIVE, _COMMENTS, _STRING, _QUOTED, _NUMBER, _WORD, _SIGNS)
_LONG = r'"(?:\\.|[^"\\])*"'
_RUST = _lexer(_COMMENTS, _LONG, r"'(?:\\(?:u\{[^}]*\}|x..|.)|[^'\\\n])'", r"'(?=\w)", _NUMBER, _WORD, _SIGNS)
_PHP = _lexer(r"#(?!\[)(?:[^\n]*\S)?", _COMMENTS, _LONG, r"'(?:\\.|[^'\\])*'", _NUMBER, _WORD, _SIGNS)
_LUA = _lexer(
    *(r"--(?:[^\n]*\S)?", _STRING, _QUOTED, _NUMBER, _WORD),
    r"""[()\[\]{};,]|(?:(?!--)[^\w\s()\[\]{};,"'])+""",
)
_PYTHON = _lexer(
    r"[rRbBuUfFtT]{0,2}(?:\"\"\"(?:\\.|[^\\])*?\"\"\"|'''(?:\\.|[^\\])*?''')",
    rf"[rRbBuUfFtT]{{0,2}}(?:{_STRING}|{_QUOTED})",
    *(r"#(?:[^\n]*\S)?", r"\\\n", r"\n[ \t\f]*", _NUMBER, r"\w+"),
    r"""[()\[\]{};,]|[^\w\s()\[\]{};,"'#\\]+""",
)
_GO = _lexer(r"\n", _COMMENTS, _STRING, _QUOTED, r"`[^`]*`", _NUMBER, _WORD, _SIGNS)
_SCRIPT = _lexer(
    *(r"\n", _COMMENTS, r"/(?:[^\n]*\S)?", _STRING, _QUOTED, r"`(?:\\.|[^`\\])*`", _NUMBER, _WORD),
    r"""[()\[\]{};,]|[^\w\s()\[\]{};,"'`$/]+""",
)
_JSON = _lexer(_STRING, r"[-+\w.]+", r"[\[\]{},:]")

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
    "javascript": re.compile(r"</|/>|<!--|-->"),
    "typescript": re.compile(r"</|/>|<!--|-->|^///", re.MULTILINE),
}
_NO_END_AFTER = frozenset({*"{([,;:=+<", "=>", "&&", "||", "??", "==", "===", "!=", "!==", "<=", "+=", "-="})
_NO_END_BEFORE = frozenset({*"})],;.:", "?.", "&&", "||", "??", "=", "==", "===", "!=", "!=="})
_ESCAPED_QUOTE = re.compile(r"""(?<!\\)\\(?=['"])""")
_PLAIN_HOLE = re.compile(r"""\\.|\$\{(?:[^{}'"`\\]|'[^'{}`\\]*'|"[^"{}`\\]*"|\{[^{}'"`\\]*\})*\}""", re.DOTALL)
"""A place in a template that holds nothing which could hide its end."""
_GO_ENDER = re.compile(r"[\w)\]}\"'`]|\+\+|--")


def are_written_alike(before: str, after: str, grammar: str) -> bool:
    """Whether both texts have the same tokens, comments included, and line breaks wherever those could matter."""
    read = _READERS.get(grammar)
    trap = _TRAPS.get(grammar)
    if read is None or (trap is not None and (trap.search(before) or trap.search(after))):
        return False
    old = read(before)
    return old is not None and old == read(after)


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


def _read_script(text: str) -> Sequence[str] | None:
    """Tokens with the line breaks that may end a statement; None for a text that is too hard."""
    words: list[str] = []
    last = "{"
    has_break = False
    for word in _SCRIPT.findall(text):
        if word == "\n":
            has_break = True
        elif word.startswith(("//", "/*")):
            words.append(word)
            has_break = has_break or "\n" in word
        else:
            if has_break and last not in _NO_END_AFTER and word not in _NO_END_BEFORE:
                words.append("\n")
            if _is_too_hard(word):
                return None
            words.append(word if word[0] not in "'\"" else _string_by_value(word))
            last, has_break = word, False
    return words


def _string_by_value(word: str) -> str:
    """A string of JavaScript in one kind of quotes; one that may have no end stays as it is."""
    if len(word) < 2 or word[-1] != word[0] or word[-2] == "\\":
        return word
    return f'"{_ESCAPED_QUOTE.sub("", word[1:-1])}"' if "\\" in word else f'"{word[1:-1]}"'


def _is_too_hard(word: str) -> bool:
    """Whether a word may end elsewhere than it seems to: templates in templates, and what stands after a slash."""
    if word[0] == "/":
        return "`" in word or "/*" in word
    return word[0] == "`" and (word.count("{") != word.count("}") or "${" in _PLAIN_HOLE.sub("", word))


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


def _read_php(text: str) -> Sequence[str] | None:
    """Tokens of a file of nothing but code."""
    return _PHP.findall(text) if text.startswith("<?php") else None


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
    "typescript": _read_script,
    "json": _plain(_JSON),
    "python": _read_python,
    "php": _read_php,
    "lua": _plain(_LUA),
}
