"""Tokens of JavaScript and TypeScript without the signs that say nothing: commas after the last item, semicolons.

Both are dropped only where nothing else could be meant; elsewhere they stay, and the trees decide.
"""

from collections.abc import Iterator, Sequence, Set
from itertools import accumulate

_NAMES_WITH_A_MEANING = frozenset({
    "let", "const", "var", "using", "new", "typeof", "delete", "void", "in", "of", "instanceof", "await",
    "case", "default", "else", "do", "try", "finally", "class", "extends", "implements", "function", "import",
    "export", "static", "get", "set", "async", "declare", "abstract", "type", "interface", "namespace",
    "module", "readonly", "accessor", "public", "private", "protected", "override", "enum", "as", "is", "keyof",
    "infer", "unique", "asserts", "satisfies", "global", "yield", "throw", "from", "out", "if", "for", "while",
    "with", "switch", "catch", "require",
})  # fmt: skip
"""After these a line break may not be the end that a semicolon is."""
_GOES_ON = frozenset({
    "in", "of", "instanceof", "as", "satisfies", "is", "extends", "implements", "from", "else", "while",
    "catch", "finally", "with", "assert",
})  # fmt: skip
"""Words with which a line may go on what stands before it."""
_HEADS = frozenset({"if", "while", "for", "with", "switch", "catch", "await"})
_BEFORE_LISTS = frozenset({*"=([,?|&<", "&&", "||", "??", "return", "import", "export", "type", "const", "let", "var"})
_BEFORE_BLOCKS = frozenset({")", "=>", "else", "try", "finally", "do"})
_OPENERS, _CLOSERS = frozenset("([{"), frozenset(")]}")
_COMMENTS = ("//", "/*")
_BETWEEN = "\0"


class Signs:
    """The tokens of a script, and what both ways of spelling them have to know."""

    def __init__(self, words: Sequence[str]) -> None:
        self.words = words
        self.is_doubtful = any(map(_is_doubtful, set(words)))
        self.heads = frozenset[int]() if self.is_doubtful else _heads(words)


def without_needless_signs(script: Signs, *, is_valid: bool) -> str | None:
    """The tokens, with zeros between, in one spelling of the ends of statements and lists; None when in doubt.

    The words are tokens with `\\n` for every line break that may end a statement. Only where the text is known to be
    without syntax errors, commas are dropped from what may be a list or something in which they would be an error.
    """
    if script.is_doubtful:
        return None
    words, heads = script.words, script.heads
    spelled = list(words)
    for at in _places(words, ";"):
        before, after = _before(words, at), _after(words, at)
        if before < 0 or before in heads or at in heads or not _may_end(words[before]):
            continue
        following = words[after] if after < len(words) else "}"
        if following == "}":
            spelled[at] = "" if is_valid or _is_in_block(words, at) else ";"
        elif (following[0].isalpha() or following[0] in "_$") and following not in _GOES_ON:
            spelled[at], spelled[after] = "", f"\n{_BETWEEN}{following}"
    for at in _places(words, ","):
        after = _after(words, at)
        if after < len(words) and words[after] in _CLOSERS and _is_needless(words, at, is_valid=is_valid):
            spelled[at] = ""
    return _BETWEEN.join(filter(None, spelled))


def _is_doubtful(word: str) -> bool:
    """Whether a token is a decorator's sign, or the rest of a line after a slash with brackets of what is around."""
    if word[0] == "/":
        depths = list(accumulate((sign in "([{") - (sign in ")]}") for sign in word))
        return not word.startswith(_COMMENTS) and (min(depths) < 0 or depths[-1] != 0)
    return "@" in word and word[0] not in "\"'`" and not word.startswith("text ")


def _places(words: Sequence[str], sign: str) -> Iterator[int]:
    at = -1
    while True:
        try:
            at = words.index(sign, at + 1)
        except ValueError:
            return
        yield at


def _before(words: Sequence[str], at: int) -> int:
    """The token before, comments aside; -1 when there is none."""
    at -= 1
    while 0 <= at and words[at].startswith(_COMMENTS):
        at -= 1
    return at


def _after(words: Sequence[str], at: int) -> int:
    """The token after, comments aside; the number of tokens when there is none."""
    at += 1
    while at < len(words) and words[at].startswith(_COMMENTS):
        at += 1
    return at


def _heads(words: Sequence[str]) -> frozenset[int]:
    """The tokens in the parentheses of `for (…)` and the like: a semicolon there, or right below, is no end."""
    found: set[int] = set()
    for at in _places(words, "("):
        if words[_before(words, at)] in _HEADS:
            found.update(range(at, _end_of_parentheses(words, at) + 1))
    return frozenset(found)


def _end_of_parentheses(words: Sequence[str], at: int) -> int:
    """Where the parentheses that open at a place are closed; the last token when they are not."""
    depth = 1
    while depth and at + 1 < len(words):
        at += 1
        depth += (words[at] == "(") - (words[at] == ")")
    return at


def _may_end(last: str) -> bool:
    """Whether a statement that a semicolon ends after this token would be ended by a line break as well."""
    if last in _NAMES_WITH_A_MEANING:
        return False
    is_element = last == "/>" or last.startswith("</")
    return is_element or last[-1] in ")]}\"'`_$" or last[-1].isalnum()


def _is_needless(words: Sequence[str], at: int, *, is_valid: bool) -> bool:
    """Whether the comma in front of a closing bracket ends an item of a list, and not one that takes the rest."""
    last = _before(words, at)
    if last < 0 or words[last] in _OPENERS or words[last] == ",":
        return False
    border = _border(words, last, {","})
    if words[_after(words, border)].startswith("..."):
        return False
    opener = border if border < 0 or words[border] != "," else _border(words, border - 1, frozenset())
    return 0 <= opener and _is_list(words, opener, is_valid=is_valid)


def _is_in_block(words: Sequence[str], at: int) -> bool:
    """Whether a token stands among statements: in a block that shows to be one, or outside of all brackets."""
    opener = _border(words, at - 1, frozenset())
    if opener < 0:
        return True
    return words[opener] == "{" and words[max(_before(words, opener), 0)] in _BEFORE_BLOCKS


def _border(words: Sequence[str], at: int, signs: Set[str]) -> int:
    """The nearest token, from here backwards, that is one of the signs or opens the bracket all this stands in."""
    depth = 0
    while 0 <= at:
        word = words[at]
        if depth == 0 and (word in _OPENERS or word in signs):
            break
        depth += (word in _CLOSERS) - (word in _OPENERS)
        at -= 1
    return at


def _is_list(words: Sequence[str], opener: int, *, is_valid: bool) -> bool:
    """Whether a bracket holds a list of items: arguments, elements, properties; not statements or members of a class.

    In a valid text a comma in front of a closing bracket says that, except in a class.
    """
    before = _before(words, opener)
    last = words[before] if 0 <= before else ""
    if words[opener] == "{":
        is_in_type = is_valid and words[max(_before(words, before), 0)] in ("enum", "interface")
        return last in _BEFORE_LISTS or (last == ":" and is_valid) or is_in_type
    if is_valid:
        return True
    is_name = bool(last) and (last[-1].isalnum() or last[-1] in "_$") and last not in _NAMES_WITH_A_MEANING
    return is_name and last != "return" if words[opener] == "(" else last in _BEFORE_LISTS
