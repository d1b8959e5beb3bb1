"""From a prepared task to the request one model is sent. Pure."""

from dataclasses import dataclass, replace

from tierwise.actions import Scope
from tierwise.backends.base import BackendError, ChatMessage, ChatRequest, FailureKind
from tierwise.context import Snippet, pack
from tierwise.context.tokens import tokens_at_most, tokens_usually
from tierwise.dispatch.forms import PIECES, Counts, choose_form, reply_tokens
from tierwise.dispatch.prepared import Prepared
from tierwise.dispatch.prompt import PromptParts, build_prompt
from tierwise.dispatch.refused import REFUSED_TOKENS, shortened
from tierwise.edits import ReplyFormat
from tierwise.routing.estimate import SHORTEST_LIMIT_TOKENS, estimate_tokens
from tierwise.routing.tiers import Candidate, Tier
from tierwise.text import Rejection

_SMALLEST_WINDOW = 8192
_CONTEXT_TOKENS = {Tier.LOCAL: 2000, Tier.BULK: 4500, Tier.TOP: 3000}
"""What a tier is shown beside the target, at most. A local model reads slowly; at the top every token is dear, and
what it needs to see beyond that it can be given by the middle tier's failure."""
_ROOM = 1.15
"""A reply may be this much longer than expected before a limit cuts it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """What a call may take."""

    max_output_tokens: int
    deadline_s: float
    must_stay: bool = False
    """Whether nothing of it may leave this machine."""


def reply_form(
    prepared: Prepared,
    candidate: Candidate,
    configured: ReplyFormat | None,
    counts: Counts | None = None,
    max_output_tokens: int = 1_000_000,
) -> ReplyFormat:
    """How this model is asked to answer."""
    return choose_form(prepared, candidate, configured, counts or {}, max_output_tokens)


def prompt_parts(
    prepared: Prepared,
    form: ReplyFormat,
    evidence: tuple[Rejection, ...],
    context_tokens: int = _CONTEXT_TOKENS[Tier.BULK],
) -> PromptParts:
    """The parts of the prompt for one attempt."""
    span = prepared.span
    is_span = form is ReplyFormat.SPAN or prepared.action.scope is Scope.TEST_FILE
    files: tuple[Snippet, ...] = ()
    if prepared.action.scope is Scope.FILES:
        files = tuple(
            Snippet(label="file", path=path, text=text, language=prepared.language)
            for path, text in prepared.files.items()
        )
    target = prepared.text[span.start : span.end]
    is_part = not is_span and prepared.target.symbol is None and target.strip() != prepared.text.strip()
    return PromptParts(
        action=prepared.action,
        path=prepared.path,
        language=prepared.language,
        target=target if is_span else prepared.text,
        target_name=_name(prepared),
        only=target if is_part and not files else None,
        form=form,
        snippets=pack(_beside(prepared, is_span=is_span), context_tokens),
        files=files,
        excerpts=prepared.excerpts,
        instruction=prepared.instruction,
        diagnostic=_problem(prepared, is_span),
        test_path=prepared.test_path,
        test_framework=prepared.test_runner.name if prepared.test_runner is not None else "",
        test_advice=prepared.test_advice,
        evidence=evidence,
    )


def _beside(prepared: Prepared, *, is_span: bool) -> tuple[Snippet, ...]:
    """What is shown beside the target; pieces of a file that is shown whole are left out."""
    if is_span or prepared.action.scope is Scope.FILES:
        return prepared.snippets
    return tuple(snippet for snippet in prepared.snippets if snippet.path != prepared.path)


def _name(prepared: Prepared) -> str:
    """The target as the model is told of it: a method with its class, and for a diagnostic what has to be repeated."""
    symbol = prepared.target.symbol
    if symbol is None:
        return prepared.path if prepared.target.diagnostic is not None else prepared.target.name
    return symbol.path


def _problem(prepared: Prepared, is_span: bool) -> str | None:
    """The diagnostic in words, with its line counted in what the model is shown."""
    diagnostic = prepared.target.diagnostic
    if diagnostic is None:
        return None
    first = prepared.span.start if is_span else 0
    line = prepared.text.count("\n", first, max(first, diagnostic.span.start)) + 1
    reporter = f" ({diagnostic.source})" if diagnostic.source else ""
    words = f"{diagnostic.code} {diagnostic.message}".strip() + f"{reporter}, on line {line} of what is shown"
    return "; ".join([words, *(related.message for related in diagnostic.related if related.message)])


def chat_request(
    prepared: Prepared,
    candidate: Candidate,
    form: ReplyFormat,
    evidence: tuple[Rejection, ...],
    terms: Terms,
    refused: str = "",
) -> ChatRequest | BackendError:
    """The call itself; or why this model is not asked, because the prompt or the reply would not fit.

    What is shown beside the target gives way first, an answer that was refused before anything else. The limit on the
    reply leaves room for one that is longer than expected.
    """
    n_reply = int(reply_tokens(prepared, form) * _scale(prepared, candidate.model) * _ROOM) + 40
    if terms.max_output_tokens < n_reply:
        words = (
            f"the answer of {candidate.model!r} would take about {n_reply} tokens, more than the"
            f" {terms.max_output_tokens} it may have: select less code, or raise limits.max_output_tokens"
        )
        return BackendError(FailureKind.LENGTH, words)
    fitted = _fitted(prepared, candidate, form, evidence, refused, n_reply)
    if isinstance(fitted, BackendError):
        return fitted
    messages, n_input = fitted
    limit = min(max(SHORTEST_LIMIT_TOKENS, 3 * n_reply), terms.max_output_tokens)
    if candidate.window is not None:
        limit = min(limit, candidate.window - n_input)
    return ChatRequest(
        model=candidate.model,
        messages=messages,
        max_output_tokens=limit,
        deadline_s=terms.deadline_s,
        window=window_for(n_input + limit, candidate.window),
        must_stay=terms.must_stay,
    )


def _fitted(
    prepared: Prepared,
    candidate: Candidate,
    form: ReplyFormat,
    evidence: tuple[Rejection, ...],
    refused: str,
    n_reply: int,
) -> tuple[tuple[ChatMessage, ...], int] | BackendError:
    """The prompt with as much beside the target as fits, and the most tokens it may have."""
    budget = _CONTEXT_TOKENS[candidate.tier]
    shown = shortened(refused, REFUSED_TOKENS[candidate.tier])
    while True:
        messages = build_prompt(replace(prompt_parts(prepared, form, evidence, budget), refused=shown))
        n_input = sum(tokens_at_most(message.content, candidate.model) for message in messages)
        if candidate.window is None or n_input + n_reply <= candidate.window:
            return messages, n_input
        if shown:
            shown = ""
            continue
        if budget < 200:
            words = (
                f"the request has up to {n_input} tokens, which with {n_reply} for the answer do not fit the window of"
                f" {candidate.model!r}, {candidate.window}: select less code"
            )
            return BackendError(FailureKind.TOO_LONG, words)
        budget //= 3


def _scale(prepared: Prepared, model: str) -> float:
    """How a count for this very text and model compares with the rough one that estimates are made with."""
    text = "".join(prepared.files.values()) or prepared.text
    return tokens_at_most(text, model) / estimate_tokens(text)


def window_for(needed: int, largest: int | None) -> int:
    """A window in coarse steps, since a server loads its model anew whenever the size changes."""
    size = _SMALLEST_WINDOW
    while size < needed:
        size *= 2
    return size if largest is None else min(size, largest)


def input_tokens_of(request: ChatRequest) -> int:
    """The estimate for the whole prompt."""
    return sum(tokens_usually(message.content, request.model) for message in request.messages)


def is_in_pieces(form: ReplyFormat) -> bool:
    """Whether an answer in a form quotes what it changes."""
    return form in PIECES
