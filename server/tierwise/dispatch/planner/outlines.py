"""A project as the planner sees it: names of files and signatures, never bodies."""

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath
from textwrap import dedent

from tierwise.routing.estimate import estimate_tokens
from tierwise.syntax.languages import language_of
from tierwise.syntax.outline import Symbol, enclosing, outline
from tierwise.text import Rejection, Span

_MAX_SIGNATURE = 160
_MAX_MENTIONED = 8
_MAX_MENTIONING = 24
_MAX_PLACES = 20
PROSE = frozenset(
    {
        *("a", "an", "and", "as", "at", "attribute", "be", "by", "class", "code", "file", "files", "for", "from", "in"),
        *("function", "is", "it", "let", "method", "module", "name", "new", "not", "of", "on", "or", "parameter", "so"),
        *("rename", "return", "should", "that", "the", "their", "them", "then", "this", "to", "use", "value", "when"),
    }
)
"""Words that an instruction is made of, whatever it is about."""
_OUTSIDE = "top level"
_FILE_NAME = re.compile(r"(?<!\w)[\w./-]*\w\.(?:py|[cm]?[jt]sx?|go|rs|java|rb|php|cs|cpp|md|toml|json|ya?ml)(?![\w.(])")
"""A file that is spoken of, whose ending is no name in the code."""
_WORD = re.compile(r"[^\W\d_]{3,}")


@dataclass(frozen=True, slots=True)
class Outlined:
    """One file's outline."""

    path: str
    n_lines: int
    lines: tuple[str, ...]
    """A signature each, indented below its class."""

    @property
    def text(self) -> str:
        """Its heading and its signatures."""
        return "\n".join((f"{self.path} ({self.n_lines} lines)", *self.lines))


def outline_file(path: str, text: str) -> Outlined:
    """The signatures of one file in text order; functions inside functions are left out."""
    symbols = outline(text, language_of(path))
    functions = {symbol.path for symbol in symbols if symbol.kind in ("function", "method")}
    lines = tuple(_line(symbol) for symbol in symbols if symbol.parent not in functions)
    return Outlined(path=path, n_lines=text.count("\n") + 1, lines=lines)


def _line(symbol: Symbol) -> str:
    depth = 0 if symbol.parent is None else symbol.parent.count(".") + 1
    signature = re.sub(r"\s+", " ", symbol.signature).strip().rstrip("{:").rstrip()
    if _MAX_SIGNATURE < len(signature):
        signature = signature[: _MAX_SIGNATURE - 1] + "…"
    return "  " * (depth + 1) + signature


def survey_text(outlines: Sequence[Outlined], budget_tokens: int, likely: Collection[str] = ()) -> str:
    """The outlines in their order; those the budget has no room for, or that declare nothing, shrink to their names.

    `likely` are the files that mention what the change is about; where there are some, the others share a quarter.
    """
    parts: list[str] = []
    names: list[str] = []
    left, left_for_others = budget_tokens, budget_tokens // 4 if likely else budget_tokens
    for outlined in outlines:
        cost = estimate_tokens(outlined.text)
        is_other = bool(likely) and outlined.path not in likely
        if not outlined.lines or left < cost or (is_other and left_for_others < cost):
            names.append(outlined.path)
            continue
        parts.append(outlined.text)
        left -= cost
        left_for_others -= cost if is_other else 0
    if names:
        parts.append("Files without their outline:\n" + "\n".join(_within(names, max(left, budget_tokens // 4))))
    return "\n\n".join(parts)


def _within(names: Iterable[str], budget_tokens: int) -> Iterable[str]:
    left = budget_tokens
    for name in names:
        left -= estimate_tokens(name) + 1
        if left < 0:
            yield "…"
            return
        yield name


@dataclass(frozen=True, slots=True)
class Mention:
    """A name, and how often it stands in which file, in which functions and classes."""

    name: str
    counts: Mapping[str, int]
    places: Mapping[str, tuple[str, ...]]

    @property
    def text(self) -> str:
        """One line: the files with most mentions first."""
        found = sorted(self.counts, key=lambda path: (-self.counts[path], path))
        shown = [f"{path} {self.counts[path]}{_in_words(self.places[path])}" for path in found[:_MAX_MENTIONING]]
        more = f"; and in {len(found) - _MAX_MENTIONING} more" if _MAX_MENTIONING < len(found) else ""
        return f"{self.name}: " + "; ".join(shown) + more


def _in_words(places: tuple[str, ...]) -> str:
    more = f" and {len(places) - _MAX_PLACES} more" if _MAX_PLACES < len(places) else ""
    return f" (in {', '.join(places[:_MAX_PLACES])}{more})" if places else ""


def mentions(texts: Mapping[str, str], instruction: str, name: str) -> tuple[Mention, ...]:
    """Where the names stand that an instruction is about: the target's, and those it uses of the code.

    A planner sees from it who calls what without seeing how.
    """
    own = name.rpartition(".")[2]
    words = dict.fromkeys((own, *re.findall(r"[^\W\d]\w+", _FILE_NAME.sub(" ", instruction))))
    found: list[Mention] = []
    for word in (word for word in words if word == own or is_identifier(word) or _is_used(word, texts)):
        pattern = re.compile(rf"(?<!\w){re.escape(word)}(?!\w)")
        spots = {path: [match.start() for match in pattern.finditer(text)] for path, text in texts.items()}
        spots = {path: starts for path, starts in spots.items() if starts}
        if spots:
            places = {path: _places(path, texts[path], starts) for path, starts in spots.items()}
            found.append(Mention(word, {path: len(starts) for path, starts in spots.items()}, places))
    return tuple(found[:_MAX_MENTIONED])


def _places(path: str, text: str, starts: Sequence[int]) -> tuple[str, ...]:
    """The functions and classes around places of a file, or that they stand outside all, each once, in text order."""
    symbols = outline(text, language_of(path))
    around = (enclosing(symbols, Span(start, start)) for start in starts)
    return tuple(dict.fromkeys(_OUTSIDE if symbol is None else symbol.path for symbol in around))


def ranked(texts: Mapping[str, str], instruction: str, chosen: str, name: str) -> tuple[str, ...]:
    """Paths by how likely an instruction concerns them: the file it was given in, then by what is named.

    A file whose path is in the instruction counts most, then mentions of the target's name, then of identifiers and
    words the instruction uses.
    """
    identifiers = {word for word in re.findall(r"[A-Za-z_][\w.]*\w", instruction) if is_identifier(word)}
    words = {word.lower() for word in _WORD.findall(instruction)}
    target = re.compile(rf"(?<!\w){re.escape(name)}(?!\w)") if name else None

    def score(path: str) -> float:
        text = texts[path]
        total = 0.0
        if path in instruction or PurePosixPath(path).name in instruction:
            total += 1000
        if target is not None:
            total += min(50, 5 * len(target.findall(text)))
        total += sum(min(20, 4 * text.count(identifier)) for identifier in identifiers)
        total += sum(3 for word in words if word in path.lower())
        return total

    rest = sorted((path for path in texts if path != chosen), key=lambda path: (-score(path), path))
    return (chosen, *rest) if chosen in texts else tuple(rest)


def _is_used(word: str, texts: Mapping[str, str]) -> bool:
    """Whether a plain word of an instruction is an attribute or a keyword argument somewhere in the code."""
    return word not in PROSE and any(f".{word}" in text or f"{word}=" in text for text in texts.values())


def is_identifier(word: str) -> bool:
    """Whether a word of an instruction looks like a name of the code rather than like prose."""
    return "_" in word or "." in word or any(c.isupper() for c in word[1:])


def body_of(asked: str, texts: Mapping[str, str]) -> str | Rejection:
    """The text of a symbol asked for as `path::Class.method`, or of a whole file asked for by its path."""
    path, _, name = asked.partition("::")
    text = texts.get(path)
    if text is None:
        return Rejection(
            "plan-outside-scope", f"the planner asks for {asked!r}, but there is no such file in the scope"
        )
    if not name:
        return text
    for symbol in outline(text, language_of(path)):
        if name in (symbol.path, symbol.name):
            # With the blanks in front of its first line, all lines move to the margin together.
            start = text.rfind("\n", 0, symbol.span.start) + 1
            own = text[start : symbol.span.start]
            return dedent((own if not own.strip() else "") + text[symbol.span.start : symbol.span.end])
    return Rejection("plan-unknown-symbol", f"the planner asks for {name!r} of {path!r}, which declares no such thing")
