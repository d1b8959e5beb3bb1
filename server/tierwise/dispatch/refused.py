"""What of a refused answer the next prompt shows: enough to see the fault in, within a budget of tokens. Pure."""

import re
from typing import TYPE_CHECKING, Any

from tierwise.routing.estimate import estimate_tokens
from tierwise.routing.tiers import Tier
from tierwise.text import Rejection

if TYPE_CHECKING:
    from tierwise.dispatch.attempt import Attempted

REFUSED_TOKENS = {Tier.LOCAL: 800, Tier.BULK: 2000, Tier.TOP: 1200}
"""The most of a refused answer that a tier is shown. A local model reads slowly, and at the top every token is dear."""
_NOT_SHOWN = frozenset(
    {
        *("truncated-reply", "empty-reply", "no-edits", "malformed-reply", "encoding", "binary"),
        *("elided-code", "emptied-body", "partial-file", "no-change", "hidden-unicode"),
        *("secret-moved", "altered-secret", "forged-report", "plan-unreadable"),
    }
)
"""Faults whose answer would teach nothing, or teach the fault: what is left out, hidden, or must not be copied."""
_THOUGHT = re.compile(r"<think(?:ing)?>.*?</think(?:ing)?>", re.DOTALL | re.IGNORECASE)


def worth_showing(attempted: "Attempted[Any]") -> str:
    """The answer of an attempt, where showing it to the next model helps; else nothing."""
    result = attempted.result
    if not isinstance(result, Rejection) or result.code in _NOT_SHOWN:
        return ""
    said = attempted.reply if attempted.answer is None else attempted.answer.text
    return _THOUGHT.sub("", said).strip("\n")


def shortened(reply: str, budget_tokens: int) -> str:
    """An answer within a budget: its beginning and its end, with words for the lines between; or nothing of it.

    The two are taken alike, since a fault may be anywhere; an answer of a few endless lines is not shown.
    """
    if not reply or estimate_tokens(reply) <= budget_tokens:
        return reply
    lines = reply.split("\n")
    half = budget_tokens // 2
    head, tail = _fitting(lines, half), _fitting(lines[::-1], half)[::-1]
    n_left_out = len(lines) - len(head) - len(tail)
    if not head or not tail or n_left_out < 1:
        return ""
    return "\n".join((*head, f"[{n_left_out} lines of the refused answer are not shown]", *tail))


def _fitting(lines: list[str], budget_tokens: int) -> list[str]:
    kept: list[str] = []
    left = budget_tokens
    for line in lines:
        left -= estimate_tokens(line)
        if left < 0:
            break
        kept.append(line)
    return kept
