"""Which grammar reads which language, and which language a file name stands for."""

from dataclasses import dataclass
from pathlib import PurePosixPath


@dataclass(frozen=True, slots=True)
class Grammar:
    """One language as the editor, the parser and a reader of comments know it."""

    language: str
    """The LSP language id."""
    name: str
    """The parser's name of the grammar; several languages may share one."""
    line_comment: str | None
    """What starts a comment that ends with its line; None for languages with bracketed comments only."""
    suffixes: tuple[str, ...]
    """File name endings, the usual one first."""
    aliases: tuple[str, ...] = ()
    """Other ids in use for the same language."""
    filenames: tuple[str, ...] = ()


GRAMMARS = (
    Grammar("python", "python", "#", (".py", ".pyi", ".pyw"), ("py",)),
    Grammar("javascript", "javascript", "//", (".js", ".mjs", ".cjs", ".es6"), ("js",)),
    Grammar("javascriptreact", "javascript", "//", (".jsx",), ("jsx",)),
    Grammar("typescript", "typescript", "//", (".ts", ".mts", ".cts"), ("ts",)),
    Grammar("typescriptreact", "tsx", "//", (".tsx",), ("tsx",)),
    Grammar("go", "go", "//", (".go",), ("golang",)),
    Grammar("rust", "rust", "//", (".rs",), ("rs",)),
    Grammar("java", "java", "//", (".java",)),
    Grammar("c", "c", "//", (".c",)),
    Grammar("cpp", "cpp", "//", (".cpp", ".cc", ".cxx", ".hpp", ".hh", ".hxx", ".h", ".ipp", ".cppm"), ("c++",)),
    Grammar("csharp", "csharp", "//", (".cs", ".csx"), ("c#", "cs")),
    Grammar(
        "ruby",
        "ruby",
        "#",
        (".rb", ".rake", ".gemspec", ".ru"),
        ("rb",),
        ("Rakefile", "Gemfile", "Guardfile", "Vagrantfile"),
    ),
    Grammar("php", "php", "//", (".php", ".phtml")),
    Grammar(
        "shellscript",
        "bash",
        "#",
        (".sh", ".bash", ".bats", ".ksh"),
        ("bash", "sh", "shell"),
        (".bashrc", ".bash_profile", ".profile", ".bash_aliases"),
    ),
    Grammar("html", "html", None, (".html", ".htm", ".xhtml")),
    Grammar("css", "css", None, (".css",)),
    Grammar("json", "json", None, (".json", ".webmanifest"), (), (".prettierrc", ".swcrc")),
    Grammar(
        "jsonc",
        "json",
        "//",
        (".jsonc", ".code-workspace"),
        (),
        ("tsconfig.json", "jsconfig.json", ".eslintrc", ".babelrc"),
    ),
    Grammar("yaml", "yaml", "#", (".yaml", ".yml"), ("yml",), (".clang-format", ".clang-tidy")),
    Grammar("lua", "lua", "--", (".lua",)),
)

PLAIN_TEXT = "plaintext"

_BY_ID = {name: grammar for grammar in GRAMMARS for name in (grammar.language, *grammar.aliases)}
_BY_SUFFIX = {suffix: grammar.language for grammar in GRAMMARS for suffix in grammar.suffixes}
_BY_FILENAME = {filename: grammar.language for grammar in GRAMMARS for filename in grammar.filenames}


def grammar_of(language_id: str) -> str | None:
    """The parser's name for an LSP language id or one of its aliases; None when no grammar reads it."""
    grammar = _BY_ID.get(language_id.lower())
    return grammar.name if grammar else None


def usual_id(language_id: str) -> str:
    """The LSP language id for an alias of it, such as those editors make of their own names; others as they are."""
    grammar = _BY_ID.get(language_id.lower())
    return grammar.language if grammar else language_id


def language_of(path: str) -> str:
    """The LSP language id of a file, by its name alone; `plaintext` when the name says nothing."""
    pure = PurePosixPath(path.replace("\\", "/"))
    return _BY_FILENAME.get(pure.name) or _BY_SUFFIX.get(pure.suffix.lower(), PLAIN_TEXT)


def comment_prefix(language_id: str) -> str | None:
    """What starts a comment up to the end of the line, e.g. `#`; None when the language has none or is unknown."""
    grammar = _BY_ID.get(language_id.lower())
    return grammar.line_comment if grammar else None
