"""What the checks can say about each language; the documentation's table is made from this."""

from dataclasses import dataclass

from tierwise.syntax.languages import GRAMMARS


@dataclass(frozen=True, slots=True, kw_only=True)
class Coverage:
    """How far the checks reach in one language."""

    parses: str = "grammar"
    same_program: str = "trees"
    docs: str = "comments"
    hints: str = "comments"
    names: str = "–"
    tests: str = "–"
    spellings: str = "white space"
    """What may be spelled otherwise in the same program."""


_SCRIPT = (
    "semicolons where the engine puts them, quotes, trailing commas but not holes, redundant parentheses, number "
    "spellings, `x =>` and `(x) =>`, `new A`, quoted keys, JSX text"
)
_TYPED = f"{_SCRIPT}, member separators and leading `|` of types"

COVERAGE = {
    "python": Coverage(
        parses="Python's parser",
        same_program="Python's trees",
        docs="docstrings, comments",
        hints="annotations, typing imports",
        names="ruff",
        tests="pytest, unittest, mutants",
        spellings="everything the tree does not show; white space of docstrings as formatters change it",
    ),
    "javascript": Coverage(spellings=_SCRIPT),
    "javascriptreact": Coverage(spellings=_SCRIPT),
    "typescript": Coverage(hints="annotations, type declarations, `import type`", spellings=_TYPED),
    "typescriptreact": Coverage(hints="annotations, type declarations, `import type`", spellings=_TYPED),
    "go": Coverage(
        spellings="line breaks that end no statement, redundant parentheses, trailing commas, case of numbers"
    ),
    "rust": Coverage(spellings="trailing commas outside macros, the comma after a match block"),
    "java": Coverage(spellings="trailing commas of array initializers, case of numbers"),
    "c": Coverage(spellings="split strings, trailing commas of initializers, white space in macros"),
    "cpp": Coverage(spellings="split strings, trailing commas of initializers, white space in macros"),
    "csharp": Coverage(spellings="trailing commas of initializers and enums"),
    "ruby": Coverage(spellings="semicolons and line breaks, plain quotes, trailing commas of literals and arguments"),
    "php": Coverage(parses="grammar, code only", spellings="plain quotes, trailing commas of arrays and arguments"),
    "shellscript": Coverage(spellings="semicolons and line breaks, continued lines"),
    "html": Coverage(docs="comments", spellings="white space that is not shown, quotes of attributes"),
    "css": Coverage(spellings="the last semicolon, plain quotes, zeros of numbers"),
    "json": Coverage(docs="–", hints="–"),
    "jsonc": Coverage(hints="–"),
    "yaml": Coverage(hints="–", spellings="indentation, plain quotes, folded lines"),
    "lua": Coverage(spellings="semicolons, plain quotes, trailing commas of tables"),
}
"""By LSP language id. The order of imports counts as part of the program everywhere."""

_HEAD = (
    "language",
    "parses",
    "same program",
    "only docs",
    "only hints",
    "undefined names",
    "written tests",
    "may vary",
)


def coverage_table() -> str:
    """The table for the documentation, in Markdown."""
    rows = [_HEAD, tuple("---" for _ in _HEAD)]
    for grammar in GRAMMARS:
        row = COVERAGE[grammar.language]
        cells = (row.parses, row.same_program, row.docs, row.hints, row.names, row.tests, row.spellings)
        rows.append((grammar.language, *(cell.replace("|", "\\|") for cell in cells)))
    return "\n".join(f"| {' | '.join(row)} |" for row in rows) + "\n"
