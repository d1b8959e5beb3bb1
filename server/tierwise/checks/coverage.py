"""What the checks can say about each language; the documentation's table is made from this."""

from dataclasses import dataclass

from tierwise.checks.hidden_unicode import unicode_table
from tierwise.checks.protected import protection_table
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
    "rust": Coverage(spellings="trailing commas outside macros, braces around the one value of a match arm or closure"),
    "java": Coverage(
        spellings="order of imports, redundant parentheses, trailing commas of array initializers, case of numbers"
    ),
    "c": Coverage(
        same_program="preprocessing tokens", spellings="split strings, trailing commas in braces, white space in macros"
    ),
    "cpp": Coverage(
        same_program="preprocessing tokens", spellings="split strings, trailing commas in braces, white space in macros"
    ),
    "csharp": Coverage(spellings="trailing commas of initializers and enums"),
    "ruby": Coverage(spellings="semicolons and line breaks, plain quotes, trailing commas of literals and arguments"),
    "php": Coverage(parses="grammar, code only", spellings="plain quotes, trailing commas of arrays and arguments"),
    "shellscript": Coverage(spellings="semicolons and line breaks, continued lines"),
    "html": Coverage(docs="comments", spellings="white space that is not shown, quotes of attributes"),
    "css": Coverage(spellings="the last semicolon, plain quotes, zeros of numbers, case of colors"),
    "json": Coverage(docs="–", hints="–"),
    "jsonc": Coverage(hints="–"),
    "yaml": Coverage(hints="–", spellings="indentation, plain quotes, folded lines"),
    "lua": Coverage(spellings="semicolons, plain quotes, trailing commas of tables"),
}
"""By LSP language id. The order of imports counts as part of the program everywhere but in Java."""

_NOT_CHECKED = """\
- **Macros** (Rust, C, C++) are compared by their tokens; what they expand to is not looked at.
- **Templates inside strings** (SQL, HTML, CSS in JavaScript) are strings: every character of them counts.
- **Files with syntax errors** are compared line by line around the errors. Python of another version than the one that
  runs Tierwise is compared by its tokens and blocks.
- **Doc comments** are attributes in Rust and have to stay; elsewhere a comment may move but not vanish.
- **Orders in comments** (`# noqa`, `// eslint-disable-next-line`, `//go:build`, `# type:`) must keep their place.
- **Style sheets** may change what HTML elements do with white space; the check goes by the elements' defaults.
- **Languages without a row** are compared by their words: only white space may change, and the proposal says so.
"""

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


def languages_page() -> str:
    """The page of the documentation, in Markdown."""
    return f"""\
# What is checked, language by language

Generated from the checks by `make schemas`; do not edit by hand.

{coverage_table()}
*trees* and *tokens* say how the program before and after is compared; the last column says which spellings may differ
in the same program. Public names, emptied bodies, elided code, hidden characters, size and protected files are checked
in every language; those that need symbols go by the grammar's outline.

## What is not seen

{_NOT_CHECKED}
## Characters that are refused in new text

{unicode_table()}
## Files that are left alone

An edit changes such a file only when the user has that very file open and asks there. A header such as
`Code generated … DO NOT EDIT` or `@generated` in the first lines counts as *made by a tool*. Case does not matter.

{protection_table()}"""
