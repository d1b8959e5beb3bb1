"""The project's own tools, which need no model: formatters and the interpreter."""

from tierwise.dispatch.native.finding import FormatterFinder, bundled_formatter, find_formatter
from tierwise.dispatch.native.formatters import Formatter, format_text
from tierwise.dispatch.native.interpreters import find_python

__all__ = [
    "Formatter",
    "FormatterFinder",
    "bundled_formatter",
    "find_formatter",
    "find_python",
    "format_text",
]
