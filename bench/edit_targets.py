"""What the appliers must reach on replies of each kind: the share done exactly, and the share done wrongly at most."""

from dataclasses import dataclass

REAL = ("real_llm_reply", "search_replace")
UDIFF = ("real_edit_other_form", "udiff")
PATCH = ("real_edit_other_form", "patch")
WHOLE = ("real_edit_other_form", "whole")


@dataclass(frozen=True, slots=True)
class Target:
    """One line of the table."""

    title: str
    cases: tuple[str, str]
    """Kind and form of the cases."""
    noises: tuple[str, ...]
    strict: float
    wrong: float = 0.006


MUST_REACH = (
    Target("real replies as they came", REAL, ("none",), 0.988),
    Target("indentation shifted", REAL, ("indent4",), 0.985),
    Target("trailing white space in the quote", REAL, ("trailing_ws",), 0.988),
    Target("CRLF document", REAL, ("crlf",), 0.988),
    Target("smart quotes in the quote", REAL, ("smart_quotes",), 0.98, 0.008),
    Target("user changed lines elsewhere", REAL, ("stale_out",), 0.988),
    Target("user changed lines inside the quote", REAL, ("stale_in",), 0.98),
    Target("middle elided by dots", REAL, ("elided_dots",), 0.95, 0.009),
    Target("middle elided by a comment", REAL, ("elided_comment",), 0.95, 0.009),
    Target("unified diff", UDIFF, ("none", "crlf"), 0.99),
    Target("unified diff, white space and quotes", UDIFF, ("indent4", "trailing_ws", "smart_quotes"), 0.97),
    Target("unified diff, wrong numbers", UDIFF, ("wrong_line_numbers",), 0.97),
    Target("unified diff, stale", UDIFF, ("stale_in", "stale_any"), 0.95),
    Target("patch", PATCH, ("none", "crlf"), 0.99),
    Target("patch, indentation, white space and quotes", PATCH, ("indent4", "trailing_ws", "smart_quotes"), 0.97),
    Target("patch, stale", PATCH, ("stale_in", "stale_any"), 0.95),
    Target("whole file", WHOLE, ("none", "crlf"), 0.99),
    Target("whole file, stale", WHOLE, ("stale_in", "stale_any"), 0.95),
)
