"""Tokens, without a parser, of languages in which white space and line breaks count.

How much white space there is between two words says nothing here, but whether there is any does. Lines stay lines.
A reader gives None for a text in which it cannot be sure where strings and the like begin and end.
"""

import re
from collections.abc import Sequence

from tierwise.checks.trees.markup import BLOCKS, SPACE, one_space

_BLANKS = r"[ \t]+"
_BASH_TRAP = re.compile(r"`|(?<!<)<<(?!<)|\r|\f|\v")
_BASH = re.compile(
    r"""\n\s*|[ \t]+|(?<![^\s;&|()])\#[^\n]*|\$?'(?:(?<=\$')(?:\\.|[^'\\])*|[^']*)'|"(?:\\.|[^"\\])*"|\\."""
    r"""|\$\{[^{}"'\\]*\}|[\w/.=:,+@%*-]+|["'\\]|\$\{|.""",
    re.DOTALL | re.ASCII,
)
_PLAIN_SUBSTITUTION = re.compile(r"""\\.|\$\([^()"'\\]*\)|\$\{[^{}"'\\]*\}""", re.DOTALL)

_RUBY_TRAP = re.compile(
    r"""<<[~-]?["'`\w]|^=begin|^__END__|\r|\f|\v|\?["'`\#/%]|\$["'`/]|%[A-Za-z]?[^\w\s=;,.)]""", re.MULTILINE
)
_RUBY = re.compile(
    r"""\n\s*|[ \t]+|\#[^\n]*|"(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*'|`(?:\\.|[^`\\])*`|\\\n|[\w.:]+|["'`\\]|/[^\n]*|.""",
    re.DOTALL | re.ASCII,
)
_PLAIN_INTERPOLATION = re.compile(r"""\\.|\#\{[^{}"'`?\\\#%/]*\}""", re.DOTALL)

_CSS = re.compile(
    r"""\s*[{};,]\s*|\s+|/\*.*?\*/|url\([^)]*\)|"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*'|\\.|["'\\]|//|/|[^\s{};,"'/\\u]+|u""",
    re.DOTALL | re.IGNORECASE | re.ASCII,
)
_CSS_COLON = re.compile(r"""(?<=[{;\s])([-a-z]+)[ \t]*:\s*(?=[^{};"'/:\s][^{};"'/:]*[;}])""", re.ASCII)

_HTML = re.compile(
    r"""<!--.*?-->|<(?P<name>script|style|pre|textarea|listing|xmp)\b.*?</(?P=name)\s*>"""
    r"""|</?(?P<tag>[A-Za-z][\w:-]*)(?:"[^"]*"|'[^']*'|[^'">])*>|<![^>]*>|[^<]+|<""",
    re.DOTALL | re.IGNORECASE | re.ASCII,
)
_IN_TAG = re.compile(r"""("[^"]*"|'[^']*')|\s+""", re.ASCII)

_YAML_TRAP = re.compile(
    r"""[\t\r\f\v\x85\u2028\u2029\\]|[|>][-+\d]*[ ]*(?:\#[^\n]*)?$|^[%?]|^[ ]*\?[ ]""", re.MULTILINE
)
_YAML_FLOW = re.compile(r"[\[{][\w ,.:\[\]{}/-]*[\]}]")
_YAML_IN_FLOW = re.compile(r"(?<=[\[{,])[ ]+|[ ]+(?=[\]},])")
_YAML_KEY = re.compile(r"([\w./-]+:)[ ]+(?=\S)")
_YAML_ITEM = re.compile(r"-[ ]+(?=\S)")


def read_bash(text: str) -> Sequence[str] | None:
    """Words, line breaks and the places of blanks; None with here-documents and nested quotes."""
    if _BASH_TRAP.search(text):
        return None
    words: list[str] = []
    for word in _BASH.findall(text):
        first = word[0]
        if word in ('"', "'", "\\", "${"):
            return None
        if first == '"' and not _is_plain(word, _PLAIN_SUBSTITUTION, ("$(", "${")):
            return None
        _append(words, word, first)
    return words


def read_ruby(text: str) -> Sequence[str] | None:
    """Words, line breaks and the places of blanks; None with here-documents and hard literals."""
    if _RUBY_TRAP.search(text):
        return None
    words: list[str] = []
    for word in _RUBY.findall(text):
        first = word[0]
        if word in ('"', "'", "`", "\\") or (first == "/" and not _is_whole_regex(word)):
            return None
        if first in '"`' and not _is_plain(word, _PLAIN_INTERPOLATION, ("#{",)):
            return None
        _append(words, word, first)
    return words


def _append(words: list[str], word: str, first: str) -> None:
    """Add a word; blanks at the edges of lines and empty lines say nothing."""
    if first in " \t":
        if words and words[-1] != "\n":
            words.append(" ")
    elif first == "\n":
        if words and words[-1] == " ":
            words.pop()
        if words and words[-1] != "\n":
            words.append("\n")
    else:
        words.append(word.rstrip() if first in "#/" else word)


def _is_plain(string: str, plain: re.Pattern[str], opens: tuple[str, ...]) -> bool:
    """Whether what a string computes in itself holds no quotes, so that it ends where it seems to."""
    if not any(sign in string for sign in opens):
        return True
    rest = plain.sub("", string)
    return not any(sign in rest for sign in opens)


def _is_whole_regex(rest_of_line: str) -> bool:
    """Whether a slash and what follows on its line is a division or a whole expression and opens nothing else."""
    n_slashes = rest_of_line.count("/")
    has_open_quote = any(rest_of_line.count(quote) % 2 for quote in "\"'`")
    return not has_open_quote and n_slashes == 2 and "#{" not in rest_of_line


def read_css(text: str) -> Sequence[str] | None:
    """Words and the places of white space other than beside braces, commas and semicolons."""
    words = [word.strip(SPACE) or " " for word in _CSS.findall(_CSS_COLON.sub(r"\1: ", text.strip(SPACE)))]
    return None if not {'"', "'", "\\", "//"}.isdisjoint(words) else words


def read_html(text: str) -> Sequence[str] | None:
    """Tags and texts; white space beside the tags of blocks says nothing, other runs of it are one space."""
    words: list[str] = []
    is_beside_block = True
    for match in _HTML.finditer(text):
        word, tag = match[0], match["tag"]
        if word == "<":
            return None
        if tag is not None:
            is_beside_block = tag.lower() in BLOCKS
            if is_beside_block and words:
                words[-1] = words[-1].rstrip(" ")
            words.append(word if len(word.split(None, 1)) == 1 else _IN_TAG.sub(lambda part: part[1] or " ", word))
        elif word[0] == "<":
            is_beside_block = False
            words.append(word)
        else:
            words.append(_one_space(word, is_beside_block=is_beside_block))
    return [word for word in words if word]


def _one_space(text: str, *, is_beside_block: bool) -> str:
    inside = one_space(text) if text.strip(SPACE) else ""
    before = " " if text[0] in SPACE and not is_beside_block else ""
    after = " " if inside and text[-1] in SPACE else ""
    return f"{before}{inside}{after}"


def read_yaml(text: str) -> Sequence[str] | None:
    """Lines by their depth; None with blocks of text, escapes and quotes that go on in the next line."""
    if _YAML_TRAP.search(text):
        return None
    words: list[str] = []
    levels = [0]
    for line in text.rstrip().split("\n"):
        content = line.strip(" ")
        if not content:
            words.append("")
            continue
        if content[0] != "#" and (content.count('"') % 2 or content.count("'") % 2):
            return None
        if not _add_yaml_line(words, levels, content, len(line) - len(line.lstrip(" "))):
            return None
    return words


def _add_yaml_line(words: list[str], levels: list[int], content: str, indent: int) -> bool:
    """Add a line with its depth, items one by one; False for an indentation that fits no depth."""
    while True:
        if levels[-1] < indent:
            levels.append(indent)
            words.append("indent")
        while indent < levels[-1]:
            levels.pop()
            words.append("dedent")
        if levels[-1] != indent:
            return False
        item = _YAML_ITEM.match(content)
        if item is None:
            break
        words.append("-")
        indent += item.end()
        content = content[item.end() :]
    words.append(_yaml_content(content))
    return True


def _yaml_content(content: str) -> str:
    key = _YAML_KEY.match(content)
    if key is None:
        return content
    value = content[key.end() :]
    if value[0] in "[{" and _YAML_FLOW.fullmatch(value):
        value = _YAML_IN_FLOW.sub("", value)
    return f"{key[1]} {value}"
