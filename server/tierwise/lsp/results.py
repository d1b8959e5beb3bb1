"""What the user does with a result afterwards: accept parts of it, take it back, try a better model."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from lsprotocol import types

from tierwise.dispatch import FileChange, check_accepted
from tierwise.lsp.applying import Applied, Unapplied, apply_changes
from tierwise.lsp.asking import higher
from tierwise.lsp.carrying import Delivery, Wire, offer_review
from tierwise.lsp.clicks import Clicks, Desk
from tierwise.lsp.looking_back import not_found
from tierwise.lsp.memory import Former, Remembered
from tierwise.lsp.messages import Failed
from tierwise.lsp.proposals import Accepted, Choice, Review, accepted_parts, left_out
from tierwise.lsp.reports import refusal as report_of
from tierwise.lsp.taking_back import taken_back
from tierwise.routing.tiers import MODEL_TIERS, Tier
from tierwise.text import Rejection

_TIERS = {str(tier): tier for tier in MODEL_TIERS}


class Results:
    """The commands on actions of this session that are over."""

    def __init__(self, desk: Desk, wire: Wire, clicks: Clicks) -> None:
        self._desk = desk
        self._wire = wire
        self._clicks = clicks

    async def accept(self, raw: Mapping[str, Any]) -> dict[str, Any]:
        """Apply the accepted parts of a proposal as one edit, checked again together where they are not all of it.

        What does not stand by itself is refused with `canForce`: the user is asked, and `force` applies it.
        """
        review = self._clicks.reviews.find(text_in(raw, "id"))
        if review is None:
            return _told("refused", "no-proposal", "that proposal is not open any more")
        parts = accepted_parts(review, accepted_in(raw))
        if isinstance(parts, Rejection):
            return _told("refused", parts.code, parts.detail) | {"canForce": False}
        if not parts:
            return self.dismiss(raw)
        checked = review.proposal.changes
        with self._desk.host.lease() as runtime:
            fault = await check_accepted(runtime, self._desk.workspace, review.changes, parts, checked)
        if fault is not None and raw.get("force") is not True:
            words = f"what was accepted does not stand by itself: {fault.detail}; accept more of it, or less"
            return _told("refused", "part-refused", words) | {"canForce": True}
        if self._clicks.reviews.find(review.id) is not review:
            return _told("refused", "no-proposal", "that proposal was answered meanwhile")
        self._clicks.reviews.close(review.id)
        # What does not stand by itself is not held against its checks when it is merged later.
        parts = parts if fault is None else tuple(replace(part, checks=()) for part in parts)
        return await self._apply(review, parts)

    async def _apply(self, review: Review, parts: tuple[FileChange, ...]) -> dict[str, Any]:
        """Bring the accepted parts in and say what came of it; what meets other text is shown anew."""
        outcome = await apply_changes(self._clicks.editor(), parts, f"Tierwise: {review.title}")
        entry = self._clicks.memory.find(review.id)
        if isinstance(outcome, Applied):
            what = left_out(review.changes, parts)
            message = f"{review.title}: applied what was accepted ({what})" if what else review.title
            if entry is None:
                # It is long ago, but the client reads a whole report.
                return report_of(review.task.action_id, "applied", "in-part" if what else "", message)
            entry.result |= {"status": "applied", "code": "in-part" if what else "", "message": message}
            await self._clicks.look_after(entry, parts)
            return entry.result
        proposal = replace(review.proposal, changes=parts)
        return await self._show(replace(review, proposal=proposal, may_create=True), outcome)

    async def review(self, raw: Mapping[str, Any]) -> dict[str, Any]:
        """Show a waiting proposal once more, for the texts of this moment; without an id the newest."""
        review = self._clicks.reviews.find(text_in(raw, "id") if "id" in raw else None)
        if review is None:
            words = "that proposal does not wait for an answer any more"
            return _told("refused", "no-proposal", words if "id" in raw else "no proposal waits for an answer")
        return await self._show(review, Unapplied.whole(Rejection(review.code, review.reason), review.changes))

    async def _show(self, review: Review, why: Unapplied) -> dict[str, Any]:
        proposal, task = review.proposal, review.task
        delivery = Delivery(id=review.id, task=task, proposal=proposal, may_create=review.may_create)
        told = await offer_review(self._wire, self._clicks.editor(), self._clicks.reviews, delivery, why)
        return told | {"id": review.id}

    def dismiss(self, raw: Mapping[str, Any]) -> dict[str, Any]:
        """Let a proposal go; nothing of it is applied."""
        review_id = text_in(raw, "id")
        self._clicks.reviews.close(review_id)
        entry = self._clicks.memory.find(review_id)
        if entry is not None and entry.result["status"] == "proposed":
            entry.result["status"] = "discarded"
            self._desk.push_status()
        return _told("discarded", "", "nothing was changed")

    async def undo(self, raw: Mapping[str, Any]) -> dict[str, Any]:
        """Take an action's edit back as one edit, and keep what was typed since.

        What it took the place of stands again and can be taken back in its turn. Without an id it is the newest action
        of which something is in the editor.
        """
        entry = self._found(raw, self._clicks.memory.newest_made())
        if isinstance(entry, Rejection):
            return _told("refused", entry.code, entry.detail)
        if not entry.made:
            return _told("refused", "nothing-to-undo", "nothing of that action is in the editor")
        editor = self._clicks.editor()
        back = await taken_back(editor.documents, editor.workspace, entry.made)
        if back.unclear:
            names = ", ".join(repr(path.name) for path in back.unclear)
            return _told("refused", "changed-since", f"{names} changed too much since to be taken back")
        if back.changes:
            outcome = await apply_changes(editor, back.changes, f"Tierwise: take back {entry.title}")
            if not isinstance(outcome, Applied):
                return _told("refused", outcome.code, f"the edit was not taken back: {outcome.detail}")
        before = self._clicks.memory.give_back(entry)
        self._desk.push_status()
        what = "was taken back" if back.changes else "had been taken back before, nothing was changed"
        stands = "" if before is None else f"; the answer of {before.result['model']} stands again"
        return _told("applied", "", f"{entry.title} {what}{stands}")

    async def again(self, raw: Mapping[str, Any], token: types.ProgressToken | None) -> dict[str, Any]:
        """Give the same task to a better model, or to a tier that is named; its answer takes the place of the first."""
        entry = self._found(raw, self._clicks.memory.find(None))
        tier = entry if isinstance(entry, Rejection) else self._tier_for(entry, raw.get("tier"))
        if isinstance(entry, Rejection) or isinstance(tier, Rejection):
            why = entry if isinstance(entry, Rejection) else tier
            return _told("refused", why.code, why.detail) if isinstance(why, Rejection) else {}
        made = tuple(change for change in entry.made if not self._is_back(change.uri, change.before))
        former = Former(id=entry.id, status=entry.result["status"], made=made)
        return await self._clicks.carry_out(replace(entry.task, tier=tier), token, former)

    def _is_back(self, uri: str, before: Any) -> bool:
        """Whether a file says again what it said before the edit."""
        now = self._clicks.editor().documents.snapshot(uri)
        return now is not None and before is not None and now.text == before.text

    def _tier_for(self, entry: Remembered, wanted: object) -> Tier | Rejection:
        if isinstance(wanted, str) and wanted in _TIERS:
            return _TIERS[wanted]
        asked = [Tier(one.tier) for one in entry.outcome.attempts] or [Tier.NATIVE]
        above = higher(asked, self._desk.host.runtime.candidates)
        if above is None:
            return Rejection("no-tier-above", "no model above can be asked, `tierwise doctor` says what would mend it")
        return above.tier

    def _found(self, raw: Mapping[str, Any], otherwise: Remembered | None) -> Remembered | Rejection:
        """The action whose id is given, without an id the other one."""
        wanted = raw.get("id")
        found = self._clicks.memory.find(wanted) if isinstance(wanted, str) else otherwise
        return Rejection("not-remembered", not_found(wanted)) if found is None else found


def text_in(raw: Mapping[str, Any], name: str) -> str:
    """An argument that has to be there. Raises Failed."""
    value = raw.get(name)
    if not isinstance(value, str) or not value:
        raise Failed(types.ErrorCodes.InvalidParams, f"the argument {name!r} must be a text")
    return value


def accepted_in(raw: Mapping[str, Any]) -> Accepted:
    """What was accepted: a list of `{uri, hunks}` or `{uri, text}`, all of a file where neither is. Raises Failed."""
    listed = raw.get("accepted")
    if not isinstance(listed, list) or not all(isinstance(one, dict) for one in listed):
        raise Failed(types.ErrorCodes.InvalidParams, "the argument 'accepted' must be a list of files")
    return {text_in(one, "uri"): _choice_in(one) for one in listed}


def _choice_in(one: Mapping[str, Any]) -> Choice:
    text, hunks = one.get("text"), one.get("hunks")
    if text is not None and (not isinstance(text, str) or hunks is not None):
        raise Failed(types.ErrorCodes.InvalidParams, "the argument 'text' must be a text, without 'hunks' beside it")
    if hunks is not None and not (isinstance(hunks, list) and all(isinstance(number, int) for number in hunks)):
        raise Failed(types.ErrorCodes.InvalidParams, "the argument 'hunks' must be a list of numbers")
    return hunks if text is None else text


def _told(status: str, code: str, message: str) -> dict[str, Any]:
    return {"status": status, "code": code, "message": message}
