"""Choose what else of the code the model sees beside the target."""

import itertools
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath

from tierwise.syntax.outline import Symbol
from tierwise.text import Span

_IMPORT = re.compile(
    r"^\s*(?:import\b|from\b.+\bimport\b|#include\b|using\b|use\b|require\b|require_relative\b|package\b"
    r"|(?:const|let|var)\b.+\brequire\()"
)
_CONSTANT = re.compile(r"^(?:export\s+)?(?:const\s+|let\s+|var\s+|static\s+)?([^\W\d]\w*)\s*(?::[^=\n]+)?=(?!=)")
_HEAD = re.compile(r"\([^()]*(?:\([^()]*\)[^()]*)*\)")
"""The first parentheses, with one level of further ones in them."""
_PARAMETER = re.compile(r"(?:\(|,)\s*\*{0,2}([^\W\d]\w*)(?=\s*[,):=]|\s+[\w*\[.])")
_ASSIGNED = re.compile(r"(?m)^[ \t]+([^\W\d]\w*)\s*=(?!=)")
_FROM_OUTSIDE = re.compile(r"(?m)^[ \t]+(?:global|nonlocal)\s+(.+)$")
_DECLARED = re.compile(r"\b(?:const|let|var)\s+([^\W\d]\w*)|([^\W\d]\w*)\s*:=")
_COMMENT = re.compile(r"\s*(?:#|//|/\*|\*|--)")
_DECLARATION = re.compile(r"[ \t]+(?:const|let|var)\b([^;]+)")
_GIVEN = re.compile(r"([^\W\d]\w*)\s*(?:=(?!=)|,|;|$)")
_MAX_COMMENT_LINES = 30
_MAX_CONSTANTS = 30
_MAX_IMPORT_LINES = 60
_MAX_SIGNATURES = 40


@dataclass(frozen=True, slots=True, kw_only=True)
class Snippet:
    """A piece of the workspace shown to the model."""

    label: str
    """What it is, for the model and for the record of what was sent."""
    path: str
    text: str
    language: str
    priority: int = 5
    """Low numbers are kept when not everything fits."""
    is_stable: bool = False
    """Whether further calls about the same code show it too, unchanged."""
    is_rules: bool = False
    """Whether it is what the project's authors want of its code."""


def around_target(*, path: str, text: str, language: str, symbols: Sequence[Symbol], span: Span) -> tuple[Snippet, ...]:
    """The imports of the file, the head of the class around the target, and its neighbors' signatures."""
    snippets: list[Snippet] = []
    outside = text[: span.start] + text[span.end :]
    imports = import_lines(outside, is_whole_file=False)
    if imports:
        snippets.append(Snippet(label="imports of the file", path=path, text=imports, language=language, priority=1))
    around = [s for s in symbols if s.span != span and s.span.contains(span)]
    for symbol in around[-1:]:
        snippets.append(
            Snippet(
                label=f"around the target: {symbol.kind}",
                path=path,
                text=symbol.signature,
                language=language,
                priority=2,
            )
        )
    remarks = _comment_above(text[: span.start])
    if remarks:
        label = "the comment above the target"
        snippets.append(Snippet(label=label, path=path, text=remarks, language=language, priority=2))
    target = text[span.start : span.end]
    named = names_in(target) - _own_names(target, language)
    constants = "\n".join((*constant_lines(outside, named), *_enclosing_lines(text[: span.start], named)))
    if constants:
        label = "values the target uses, from the same file"
        snippets.append(Snippet(label=label, path=path, text=constants, language=language, priority=2))
    near = [s for s in symbols if not s.span.touches(span) and s not in around and s.name in named]
    if near:
        signatures = "\n".join(_signature(s) for s in near[:_MAX_SIGNATURES])
        label = "signatures the target uses, from the same file"
        snippets.append(Snippet(label=label, path=path, text=signatures, language=language, priority=3))
    return tuple(snippets)


def _signature(symbol: Symbol) -> str:
    """A signature, indented below its class where it has one."""
    if symbol.parent is None:
        return symbol.signature
    return f"{symbol.parent}:\n    {symbol.signature.strip()}"


def _own_names(target: str, language: str) -> frozenset[str]:
    """The names a function gives a meaning of its own: its parameters and what its lines assign.

    What goes by the same name outside is not what it uses.
    """
    head = _HEAD.search(target)
    parameters = [] if head is None else _PARAMETER.findall(head[0])
    if language != "python":
        return frozenset((*parameters, *(one or other for one, other in _DECLARED.findall(target))))
    return frozenset((*parameters, *_ASSIGNED.findall(target))) - names_in(" ".join(_FROM_OUTSIDE.findall(target)))


def _comment_above(text: str) -> str:
    """The comment that ends right above the end of a text; the program's first lines, as a licence, are none."""
    lines = text.removesuffix(text.rpartition("\n")[2]).splitlines()
    n_kept = len(lines)
    while n_kept and len(lines) - n_kept < _MAX_COMMENT_LINES and _COMMENT.match(lines[n_kept - 1]):
        n_kept -= 1
    return "\n".join(lines[n_kept:]) if n_kept else ""


def import_lines(text: str, *, is_whole_file: bool = True) -> str:
    """The lines of a text that bring in names from elsewhere; parenthesized Python imports whole.

    Those of functions are left out unless `is_whole_file`.
    """
    lines: list[str] = []
    is_open = False
    for line in text.splitlines():
        if is_open or (_IMPORT.match(line) and (is_whole_file or not line[:1].isspace())):
            lines.append(line)
            is_open = (is_open or line.count("(") > line.count(")")) and ")" not in line
        if len(lines) == _MAX_IMPORT_LINES:
            break
    return "\n".join(lines)


def constant_lines(text: str, names: frozenset[str]) -> Iterable[str]:
    """The unindented lines that give one of these names a value."""
    lines = text.splitlines()
    found = (line for line in lines if (match := _CONSTANT.match(line)) and match[1] in names)
    return itertools.islice(found, _MAX_CONSTANTS)


def _enclosing_lines(before: str, names: frozenset[str]) -> Sequence[str]:
    """The declarations of these names in the blocks around what comes after a text, by their indentation."""
    lines = before.splitlines()
    depth = _depth(lines.pop()) if lines and not before.endswith("\n") else len(before)
    found: list[str] = []
    after = ""
    for line in filter(str.strip, reversed(lines)):
        depth = min(depth, _depth(line))
        # A declaration of several names may go on below.
        after = f"{line}\n{after}" if after and line.endswith(",") else line
        declared = _DECLARATION.match(after) if _depth(line) == depth else None
        if declared and depth and names & frozenset(_GIVEN.findall(declared[1])):
            found.append(after)
    return found[:_MAX_CONSTANTS][::-1]


def _depth(line: str) -> int:
    return len(line) - len(line.lstrip())


def names_in(text: str) -> frozenset[str]:
    """Every word that could be an identifier."""
    return frozenset(re.findall(r"[^\W\d]\w*", text))


def test_file_for(path: str, language: str, exists: Callable[[str], bool]) -> str:
    """Where tests for `path` belong: the file that exists already, else the place the project's others suggest.

    Paths are relative to the workspace's root, with forward slashes.
    """
    pure = PurePosixPath(path)
    options = list(_test_paths(pure, language))
    for option in options:
        if exists(option):
            return option
    for option in options:
        folder = str(PurePosixPath(option).parent)
        if folder != str(pure.parent) and exists(folder):
            return option
    return options[0]


def _test_paths(path: PurePosixPath, language: str) -> Iterable[str]:
    stem, suffix, folder = path.stem, path.suffix, path.parent
    if language == "python":
        name = f"test_{stem}.py"
        # A package's own layout is mirrored below tests/ before the flat place is tried.
        inner = PurePosixPath(*folder.parts[1:]) if 1 < len(folder.parts) else PurePosixPath()
        yield str(PurePosixPath("tests") / name)
        for top in ("tests", "test"):
            yield str(PurePosixPath(top) / folder / name)
            yield str(PurePosixPath(top) / inner / name)
            yield str(PurePosixPath(top) / name)
        yield str(folder / "tests" / name)
        yield str(folder / name)
    elif language == "go":
        yield str(folder / f"{stem}_test.go")
    elif language in ("javascript", "javascriptreact", "typescript", "typescriptreact"):
        for marker in ("test", "spec"):
            yield str(folder / f"{stem}.{marker}{suffix}")
            yield str(folder / "__tests__" / f"{stem}.{marker}{suffix}")
            yield str(PurePosixPath("tests") / f"{stem}.{marker}{suffix}")
            yield str(PurePosixPath("test") / f"{stem}.{marker}{suffix}")
    elif language == "ruby":
        yield str(PurePosixPath("test") / f"{stem}_test.rb")
        yield str(PurePosixPath("spec") / f"{stem}_spec.rb")
    elif language in ("java", "csharp"):
        mirrored = str(folder).replace("src/main/", "src/test/")
        yield str(PurePosixPath(mirrored) / f"{stem}Test{suffix}")
    else:
        yield str(PurePosixPath("tests") / f"{stem}_test{suffix}")


def module_name(path: str, exists: Callable[[str], bool]) -> str:
    """The dotted name a Python file is imported by: from the outermost folder that is a package, `src/` left out."""
    pure = PurePosixPath(path)
    parts = [pure.stem] if pure.stem != "__init__" else []
    folder = pure.parent
    while folder.parts and exists(str(folder / "__init__.py")):
        parts.insert(0, folder.name)
        folder = folder.parent
    return ".".join(parts)


def gather_files(
    *, path: str, name: str, listed: Iterable[str], read: Callable[[str], str | None], limit: int = 12
) -> tuple[str, ...]:
    """The files a change of `name` concerns: its own, then those that mention it, most mentions first.

    `listed` are the workspace's files with the same kind of language, relative to its root.
    """
    word = re.compile(rf"(?<!\w){re.escape(name)}(?!\w)")
    module = re.compile(rf"(?<!\w){re.escape(PurePosixPath(path).stem)}(?!\w)")
    scored: list[tuple[int, str]] = []
    for other in listed:
        if other == path:
            continue
        text = read(other)
        if text is None:
            continue
        n_mentions = len(word.findall(text))
        if n_mentions and module.search(text):
            scored.append((-n_mentions, other))
    return (path, *(other for _, other in sorted(scored)[: limit - 1]))
