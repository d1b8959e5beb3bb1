"""A text with everything the checks want to know of it, each thing found out once."""

import ast
import warnings
from functools import cached_property

from ast_grep_py import SgNode

from tierwise.syntax.comments import Comment, comments_of
from tierwise.syntax.languages import grammar_of
from tierwise.syntax.outline import Symbol, outline_of
from tierwise.syntax.tokens import SyntaxProblem, count_errors, syntax_errors_of
from tierwise.syntax.trees import parse


class Reading:
    """The trees, comments and symbols of one text; it must stay in the thread that made it."""

    def __init__(self, text: str, language: str) -> None:
        self.text = text
        self.language = language
        self.grammar = grammar_of(language)

    @cached_property
    def root(self) -> SgNode | None:
        """The grammar's tree; None without a grammar."""
        return parse(self.text, self.language)

    @cached_property
    def python(self) -> ast.Module | SyntaxProblem:
        """Python's own tree, or why there is none."""
        return parse_python(self.text)

    @cached_property
    def n_errors(self) -> int:
        """How many places the grammar could not read."""
        return 0 if self.root is None else count_errors(self.root, self.language)

    @cached_property
    def problems(self) -> tuple[SyntaxProblem, ...]:
        """What keeps the text from being a program: Python's own word for Python, the grammar's elsewhere."""
        if self.grammar == "python":
            return (self.python,) if isinstance(self.python, SyntaxProblem) else ()
        return () if self.root is None else syntax_errors_of(self.root, self.language)

    @cached_property
    def comments(self) -> tuple[Comment, ...]:
        """All comments."""
        if self.grammar == "python" and "#" not in self.text:
            # Most answers are about files of a language whose own tree is at hand; this saves the grammar's.
            return ()
        return () if self.root is None else comments_of(self.root, self.language)

    @cached_property
    def symbols(self) -> tuple[Symbol, ...]:
        """All symbols."""
        return () if self.root is None else outline_of(self.root, self.text, self.language)


def parse_python(text: str) -> ast.Module | SyntaxProblem:
    """Python's own tree of a module, or the first thing that keeps it from being one."""
    # The compiler's remarks on bad escapes and the like are about the user's code and would land in our log.
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            return ast.parse(text.removeprefix("\ufeff"))
        except SyntaxError as error:
            return SyntaxProblem(error.lineno or 1, error.offset or 1, error.msg)
        except ValueError as error:
            # NUL characters and lone surrogates have no line.
            return SyntaxProblem(1, 1, str(error))
        except (RecursionError, MemoryError):
            return SyntaxProblem(1, 1, "nested too deeply to be parsed")
