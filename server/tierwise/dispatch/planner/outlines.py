"""A project as the planner sees it: names of files and signatures, never bodies."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath

from tierwise.routing.estimate import estimate_tokens
from tierwise.syntax.languages import language_of
from tierwise.syntax.outline import Symbol, outline
from tierwise.text import Rejection

_MAX_SIGNATURE = 160
_MAX_MENTIONED = 8
_MAX_MENTIONING = 24
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


def survey_text(outlines: Sequence[Outlined], budget_tokens: int) -> str:
    """The outlines in their order; those the budget has no room for shrink to their names."""
    parts: list[str] = []
    names: list[str] = []
    left = budget_tokens
    for outlined in outlines:
        cost = estimate_tokens(outlined.text)
        if cost <= left:
            parts.append(outlined.text)
            left -= cost
        else:
            names.append(outlined.path)
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


def mentions(texts: Mapping[str, str], instruction: str, name: str) -> tuple[str, ...]:
    """Where the names are mentioned that an instruction is about: the target's, and those it uses of the code.

    A line for each name, with the number of mentions in each file; a planner sees from it who calls what.
    """
    words = dict.fromkeys((name.rpartition(".")[2], *re.findall(r"[^\W\d]\w+", instruction)))
    lines: list[str] = []
    for word in (word for word in words if len(word) > 1 and (word == name or _is_identifier(word))):
        pattern = re.compile(rf"(?<!\w){re.escape(word)}(?!\w)")
        counts = {path: len(pattern.findall(text)) for path, text in texts.items()}
        found = sorted((path for path in counts if counts[path]), key=lambda path: (-counts[path], path))
        if found:
            more = f", and in {len(found) - _MAX_MENTIONING} more" if _MAX_MENTIONING < len(found) else ""
            lines.append(f"{word}: " + ", ".join(f"{path} {counts[path]}" for path in found[:_MAX_MENTIONING]) + more)
    return tuple(lines[:_MAX_MENTIONED])


def ranked(texts: Mapping[str, str], instruction: str, chosen: str, name: str) -> tuple[str, ...]:
    """Paths by how likely an instruction concerns them: the file it was given in, then by what is named.

    A file whose path is in the instruction counts most, then mentions of the target's name, then of identifiers and
    words the instruction uses.
    """
    identifiers = {word for word in re.findall(r"[A-Za-z_][\w.]*\w", instruction) if _is_identifier(word)}
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


def _is_identifier(word: str) -> bool:
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
            return text[symbol.span.start : symbol.span.end]
    return Rejection("plan-unknown-symbol", f"the planner asks for {name!r} of {path!r}, which declares no such thing")
