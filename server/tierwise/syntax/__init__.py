"""What the grammars know of a text: symbols, comments, tokens, problems. Pure; offsets are code points."""

from tierwise.syntax.comments import Comment, Instruction, comments, instructions
from tierwise.syntax.languages import GRAMMARS, Grammar, comment_prefix, grammar_of, language_of
from tierwise.syntax.outline import Symbol, enclosing, outline
from tierwise.syntax.tokens import SyntaxProblem, Token, syntax_errors, tokens

__all__ = [
    "GRAMMARS",
    "Comment",
    "Grammar",
    "Instruction",
    "Symbol",
    "SyntaxProblem",
    "Token",
    "comment_prefix",
    "comments",
    "enclosing",
    "grammar_of",
    "instructions",
    "language_of",
    "outline",
    "syntax_errors",
    "tokens",
]
