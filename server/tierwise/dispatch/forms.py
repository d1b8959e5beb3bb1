"""The form a model is asked to answer in: what is cheapest until an answer can be applied. Pure.

Repeating a target costs a reply as long as the target and is nearly always well formed; quoting what changes is shorter
and needs a model that quotes exactly. How exactly is known beforehand for some models and learnt for the others.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from tierwise.actions import Scope
from tierwise.dispatch.prepared import Prepared
from tierwise.edits import ReplyFormat
from tierwise.routing.estimate import estimate_tokens
from tierwise.routing.tiers import Candidate, Tier

PIECES = (ReplyFormat.SEARCH_REPLACE, ReplyFormat.UDIFF, ReplyFormat.PATCH, ReplyFormat.JSON)
"""The forms that quote what changes."""
_UNITS_PER_OUTPUT = 5
"""What a token of a reply costs beside one of the prompt, where no price says: it takes so much longer."""
_CHANGED_SHARE = {"format": 0.5, "add_type_hints": 0.4, "document": 0.25, "fix_diagnostic": 0.1}
_USUAL_SHARE = 0.35
"""How much of a target an action changes, for the length of an answer that quotes it: old lines and new ones."""
_STRENGTH = 20.0
"""A prior counts as much as so many answers."""
_LEAST_SHARE = 0.85
"""Below this an answer in pieces is too often lost, and the next tier, which may cost money, is asked for it."""
_WHOLE = 0.995
"""Answers that repeat a text can be applied, whoever gives them: 99.6 % of Qwen2.5-Coder-32B's and 99.1 % or more of
all but one of the models Aider's polyglot leaderboard asks so."""

QUOTING = (
    ("claude", 0.98), ("opus", 0.98), ("sonnet", 0.98), ("gpt-4.1-mini", 0.92), ("gpt-4.1", 0.98), ("gpt-4o", 0.94),
    ("gpt-5", 0.89), ("o3", 0.94), ("deepseek", 0.97), ("gemini", 0.94), ("grok-3-mini", 0.90), ("grok", 0.98),
    ("kimi", 0.93), ("qwen3-235b", 0.93), ("qwen3-coder-480b", 0.93), ("qwen3-32b", 0.84), ("qwen-max", 0.90),
    ("qwen2.5-coder:32b", 0.72), ("qwen2.5-coder-32b", 0.72), ("qwen2.5-72b", 0.96), ("llama-3.3-70b", 0.89),
    ("llama3-70b", 0.74), ("405b", 0.92),
)  # fmt: skip
"""The share of answers in quoting blocks that were well formed, by a part of the model's name: Aider's polyglot and
edit leaderboards (November 2026), the polyglot one where a model is on both."""
_QUOTING_ELSEWHERE = 0.93
"""The median of the 47 models asked so on the polyglot leaderboard."""
_QUOTING_HERE = 0.60
"""For models on this machine that nobody measured; small ones are asked to repeat on the leaderboards, for a reason."""


@dataclass(frozen=True, slots=True)
class Count:
    """How a model's answers in one form fared."""

    n_fitting: int
    """Answers that could be applied, whatever the checks said of them."""
    n_unfitting: int


Counts = Mapping[tuple[str, ReplyFormat], Count]
"""By model reference and form."""


def choose_form(
    prepared: Prepared,
    candidate: Candidate,
    configured: ReplyFormat | None,
    counts: Counts,
    max_output_tokens: int = 1_000_000,
) -> ReplyFormat:
    """How this model is asked to answer: as configured where the action allows that, else the cheapest way."""
    allowed = _allowed(prepared)
    if configured in allowed:
        return configured
    if len(allowed) == 1 or prepared.action.scope in (Scope.FILES, Scope.TEST_FILE):
        return allowed[0]
    repeating, quoting = allowed[0], ReplyFormat.SEARCH_REPLACE
    if max_output_tokens < reply_tokens(prepared, repeating):
        return quoting
    if fitting_share(candidate, quoting, counts) < _LEAST_SHARE:
        return repeating
    is_cheaper = _effort(prepared, candidate, quoting, counts) < _effort(prepared, candidate, repeating, counts)
    return quoting if is_cheaper else repeating


def _allowed(prepared: Prepared) -> tuple[ReplyFormat, ...]:
    """The forms an action can be answered in, the usual one first."""
    match prepared.action.scope:
        case Scope.TEST_FILE:
            is_new = not prepared.files
            return (ReplyFormat.WHOLE,) if is_new else (ReplyFormat.WHOLE, *PIECES)
        case Scope.FILES:
            # Who sees a file in part cannot repeat it.
            return PIECES if prepared.excerpts else (*PIECES, ReplyFormat.WHOLE)
        case Scope.SPAN | Scope.FILE:
            return (ReplyFormat.SPAN, *PIECES, ReplyFormat.WHOLE)


def reply_tokens(prepared: Prepared, form: ReplyFormat) -> int:
    """About how long an answer gets, rather too long."""
    estimate = prepared.estimate.output_tokens
    if prepared.action.scope is Scope.FILES:
        return estimate
    if form is ReplyFormat.WHOLE and prepared.test_path is None:
        return estimate + estimate_tokens(prepared.text) - estimate_tokens(_target(prepared))
    if form in PIECES:
        share = _CHANGED_SHARE.get(prepared.action.id, _USUAL_SHARE)
        n_changed = estimate_tokens(_target(prepared)) * share
        return int(n_changed * (1 + prepared.action.output_ratio)) + 120
    return estimate


def _target(prepared: Prepared) -> str:
    return prepared.text[prepared.span.start : prepared.span.end]


def _effort(prepared: Prepared, candidate: Candidate, form: ReplyFormat, counts: Counts) -> float:
    """What it takes until an answer can be applied, in tokens of the prompt."""
    n_input = prepared.estimate.input_tokens
    if form in PIECES:
        # Who quotes has to be shown the whole file.
        n_input += estimate_tokens(prepared.text) - estimate_tokens(_target(prepared))
    price = candidate.price
    is_priced = price is not None and 0 < price.input
    per_output = price.output / price.input if price is not None and is_priced else _UNITS_PER_OUTPUT
    return (n_input + per_output * reply_tokens(prepared, form)) / fitting_share(candidate, form, counts)


def fitting_share(candidate: Candidate, form: ReplyFormat, counts: Counts) -> float:
    """How often a model's answers in a form can be applied: what was known before, moved by what was seen since."""
    prior = _prior(candidate) if form in PIECES else _WHOLE
    seen = counts.get((candidate.ref, form), Count(0, 0))
    return (prior * _STRENGTH + seen.n_fitting) / (_STRENGTH + seen.n_fitting + seen.n_unfitting)


def _prior(candidate: Candidate) -> float:
    name = candidate.model.lower()
    known = next((share for part, share in QUOTING if part in name), None)
    if known is not None:
        return known
    is_small = candidate.tier is Tier.LOCAL or candidate.is_on_this_machine
    return _QUOTING_HERE if is_small else _QUOTING_ELSEWHERE
