"""The tools that report diagnostics: how editors name them, how they are asked, and which a project configures."""

from collections.abc import Iterator

from tierwise.checks.running.tools.base import Place, Tool
from tierwise.checks.running.tools.eslint import ask_eslint
from tierwise.checks.running.tools.go import ask_compiler, ask_gofmt, ask_vet
from tierwise.checks.running.tools.mypy import ask_mypy
from tierwise.checks.running.tools.pyright import ask_pyright
from tierwise.checks.running.tools.python_linters import ask_flake8, ask_pylint
from tierwise.checks.running.tools.ruff import ask_ruff
from tierwise.checks.running.tools.settings import (
    has_eslint,
    has_module,
    has_mypy,
    has_pyright,
    has_ruff,
    has_typescript,
)
from tierwise.checks.running.tools.shellcheck import ask_shellcheck
from tierwise.checks.running.tools.typescript import ask_typescript

_PYTHON = frozenset({"python"})
_SCRIPTS = frozenset({"javascript", "typescript", "tsx"})
_GO = frozenset({"go"})
_ANALYZERS = frozenset(
    {
        *(
            "appends",
            "asmdecl",
            "assign",
            "atomic",
            "bools",
            "buildtag",
            "cgocall",
            "composites",
            "copylocks",
            "defers",
        ),
        *("directive", "errorsas", "framepointer", "hostport", "httpresponse", "ifaceassert", "loopclosure"),
        *("lostcancel", "nilfunc", "printf", "shift", "sigchanyzer", "slog", "stdmethods", "stdversion"),
        *("stringintconv", "structtag", "testinggoroutine", "tests", "timeformat", "unmarshal", "unreachable"),
        *("unsafeptr", "unusedresult", "waitgroup"),
    }
)
"""The analyzers of `go vet` (Go 1.26), which gopls names as the sources of their diagnostics."""

PYTHON_DEFAULT = Tool(name="ruff", sources=frozenset({"ruff"}), grammars=_PYTHON, ask=ask_ruff, is_configured=has_ruff)
"""The tool that is always at hand for Python, since it comes with Tierwise."""

TOOLS = (
    PYTHON_DEFAULT,
    Tool(
        name="flake8",
        sources=frozenset({"flake8", "pyflakes", "pycodestyle", "mccabe", "pylsp"}),
        grammars=_PYTHON,
        ask=ask_flake8,
    ),
    Tool(name="pylint", sources=frozenset({"pylint"}), grammars=_PYTHON, ask=ask_pylint),
    Tool(name="mypy", sources=frozenset({"mypy", "dmypy"}), grammars=_PYTHON, ask=ask_mypy, is_configured=has_mypy),
    Tool(
        name="pyright",
        sources=frozenset({"pyright", "basedpyright", "pylance"}),
        grammars=_PYTHON,
        ask=ask_pyright,
        is_configured=has_pyright,
    ),
    Tool(
        name="typescript",
        sources=frozenset({"ts", "js", "typescript", "javascript", "tsc", "tsserver", "ts-plugin"}),
        grammars=_SCRIPTS,
        ask=ask_typescript,
        is_configured=has_typescript,
    ),
    Tool(
        name="eslint",
        sources=frozenset({"eslint", "eslint_d", "eslintd"}),
        grammars=_SCRIPTS,
        ask=ask_eslint,
        is_configured=has_eslint,
    ),
    Tool(
        name="go",
        sources=frozenset({"compiler", "syntax", "go", "gopls", "go list"}),
        grammars=_GO,
        ask=ask_compiler,
        is_configured=has_module,
    ),
    Tool(
        name="go vet",
        sources=frozenset({"go vet", "go-vet", "govet", "vet", *_ANALYZERS}),
        grammars=_GO,
        ask=ask_vet,
        is_configured=has_module,
    ),
    Tool(name="gofmt", sources=frozenset({"gofmt"}), grammars=_GO, ask=ask_gofmt),
    Tool(
        name="shellcheck",
        sources=frozenset({"shellcheck", "bash-language-server", "bashls"}),
        grammars=frozenset({"bash"}),
        ask=ask_shellcheck,
    ),
)


def tool_of(source: str, grammar: str | None) -> Tool | None:
    """The tool that reports under this name about files of this grammar."""
    name = source.strip().lower()
    return next((tool for tool in TOOLS if name in tool.sources and grammar in tool.grammars), None)


def configured_tools(place: Place) -> Iterator[Tool]:
    """The tools a project says it uses for this file."""
    return (tool for tool in TOOLS if place.language in tool.grammars and tool.is_configured(place))
