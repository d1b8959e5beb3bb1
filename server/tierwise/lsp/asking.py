"""A message with buttons, for clients that show one without holding up the user."""

from collections.abc import Sequence
from typing import Any, Protocol

from lsprotocol import types
from pygls.exceptions import JsonRpcException

from tierwise.dispatch import Refusal
from tierwise.dispatch.offers import display_name
from tierwise.routing.tiers import MODEL_TIERS, Candidate, Tier

WHY, RESTORE = "Why", "Restore"
_TIMEOUT_S = 600.0
"""A message nobody has answered for so long has been put away."""


class Wire(Protocol):
    """The part of the protocol that asking needs."""

    async def ask(self, method: str, params: Any, timeout_s: float = ...) -> Any:
        """Send a request and wait for the answer."""
        ...


async def ask_user(wire: Wire, words: str, buttons: Sequence[str]) -> str | None:
    """The button the user chose; None when the message was put away."""
    actions = [types.MessageActionItem(title=button) for button in buttons]
    params = types.ShowMessageRequestParams(types.MessageType.Warning, f"Tierwise: {words}", actions)
    try:
        answer = await wire.ask(types.WINDOW_SHOW_MESSAGE_REQUEST, params, _TIMEOUT_S)
    except (JsonRpcException, TimeoutError):
        return None
    title = getattr(answer, "title", None)
    return title if title in buttons else None


def higher(asked: Sequence[Tier], candidates: Sequence[Candidate]) -> Candidate | None:
    """Who may be asked one tier above those that were; None where nobody was asked, or nobody is there."""
    if not asked:
        return None
    at = max(MODEL_TIERS.index(tier) if tier in MODEL_TIERS else -1 for tier in asked)
    return next(
        (one for tier in MODEL_TIERS[at + 1 :] for one in candidates if one.tier is tier and one.can_be_tried), None
    )


def button_of(candidate: Candidate) -> str:
    """What the button says that asks somebody."""
    return f"Try {candidate.tier}: {display_name(candidate)}"


def why_of(refusal: Refusal) -> str:
    """Everything that was tried, in one sentence."""
    tried = [
        f"{one.model} ({one.tier}) {one.outcome}" + (f", {one.detail or one.code}" if one.detail or one.code else "")
        for one in refusal.attempts
    ]
    return "; ".join(tried or [reason.words for reason in refusal.reasons] or [refusal.words])
