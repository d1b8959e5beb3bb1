"""What lies around a document and helps to change it: the project's rules, what its imports declare, its tests."""

from collections.abc import Callable, Iterable

from tierwise.actions import Diagnostic
from tierwise.context import Snippet
from tierwise.context.gather import names_in
from tierwise.context.imports import Import, imports_of, used_names
from tierwise.syntax.outline import Symbol, outline
from tierwise.text import Snapshot

RULES = (
    "AGENTS.md", "CLAUDE.md", ".cursorrules", ".github/copilot-instructions.md", ".windsurfrules", ".clinerules",
    "GEMINI.md", "CONVENTIONS.md",
)  # fmt: skip
"""Where projects write down, for assistants, what they want of their code. The first there is counts."""
WANT_RULES = frozenset({"document", "refactor", "write_tests", "do", "refactor_across_files"})
"""The actions in which there is something to choose; a formatter's work is none of them."""
WANT_TESTS = frozenset({"refactor", "do"})
_MOST_RULES = 3000
"""Characters; rules are sent with every call."""
_MOST_FILES = 5
_MOST_SIGNATURES = 20
_MOST_TESTS = 2500

Read = Callable[[str], Snapshot | None]
"""A file by its path below the root; None for one there is not, or that no model may see."""


def rules_of(read: Read) -> list[Snippet]:
    """The project's own rules, from the beginning as far as there is room."""
    for name in RULES:
        found = read(name)
        if found is not None and found.text.strip():
            text = _head(found.text, _MOST_RULES)
            label = "the project's own rules"
            return [
                Snippet(
                    label=label, path=name, text=text, language="markdown", priority=6, is_stable=True, is_rules=True
                )
            ]
    return []


def _head(text: str, n_chars: int) -> str:
    """The beginning of a text, whole lines of it."""
    return text if len(text) <= n_chars else text[: text.rfind("\n", 0, n_chars) + 1] or text[:n_chars]


def imported_signatures(document: Snapshot, path: str, target: str, read: Read) -> list[Snippet]:
    """The signatures of what the target uses from other files of the project."""
    words = names_in(target)
    snippets: list[Snippet] = []
    for found in imports_of(document.text, path, document.language):
        names = used_names(found, target, words)
        if not names or len(snippets) == _MOST_FILES:
            continue
        where, source = _first(found, read)
        if source is None or where == path:
            continue
        signatures = _signatures(outline(source.text, source.language), names)
        if signatures:
            label = "signatures the target uses, from another file"
            snippets.append(Snippet(label=label, path=where, text=signatures, language=source.language, priority=3))
    return snippets


def _first(found: Import, read: Read) -> tuple[str, Snapshot | None]:
    for path in found.paths:
        if not path.startswith(("../", "/")) and (source := read(path)) is not None:
            return path, source
    return "", None


def _signatures(symbols: Iterable[Symbol], names: frozenset[str]) -> str:
    """The named symbols, and of classes what they offer."""
    lines: list[str] = []
    for symbol in symbols:
        if symbol.parent is None and symbol.name in names:
            lines.append(symbol.signature)
        elif symbol.parent in names and (not symbol.name.startswith("_") or symbol.name == "__init__"):
            lines.append("    " + symbol.signature.strip())
    return "\n".join(lines[:_MOST_SIGNATURES])


def tests_of(name: str, test_path: str, read: Read) -> list[Snippet]:
    """The tests that mention the target, as many as there is room for."""
    found = read(test_path)
    if found is None:
        return []
    pieces: list[str] = []
    left = _MOST_TESTS
    for symbol in outline(found.text, found.language):
        text = found.text[symbol.span.start : symbol.span.end]
        if symbol.kind == "function" and name in names_in(text) and len(text) <= left:
            pieces.append(text)
            left -= len(text)
    if not pieces:
        return []
    label = "tests of the target, which must still pass"
    return [Snippet(label=label, path=test_path, text="\n\n".join(pieces), language=found.language, priority=4)]


def related_places(diagnostic: Diagnostic, read: Read) -> list[Snippet]:
    """The lines that a diagnostic points to beside its own."""
    snippets: list[Snippet] = []
    for related in diagnostic.related[:_MOST_FILES]:
        found = None if related.path is None else read(related.path)
        if found is None or related.path is None:
            continue
        lines = found.text.split("\n")[max(0, related.line - 3) : related.line + 2]
        label = f"around line {related.line}, to which the report points: {related.message}"
        text = "\n".join(lines)
        snippets.append(Snippet(label=label, path=related.path, text=text, language=found.language, priority=2))
    return snippets
