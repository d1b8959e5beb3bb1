"""Proposals the user looks at before they are applied, and the parts of them that are accepted."""

import asyncio
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from tierwise.dispatch import FileChange, Proposal, Task, Workspace
from tierwise.lsp.consent import questions
from tierwise.lsp.documents import Documents
from tierwise.lsp.moves import find_moves
from tierwise.routing.money import format_money
from tierwise.text import Rejection, Snapshot
from tierwise.text.diff import Hunk, diff_lines
from tierwise.text.lines import split_lines
from tierwise.text.merge import LineChange, merge_over, spliced

_KEPT = 20
"""So many proposals may wait for an answer; the oldest is let go for another one."""
Choice = Collection[int] | str | None
"""What is taken of a file: the numbers of its hunks, a text the user made of them, or None for all of it."""
Accepted = Mapping[str, Choice]
"""By URI; a file that is not named is left out."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Review:
    """One proposal as it is shown: `before` is what a file says now, `after` what it would say."""

    id: str
    title: str
    code: str
    """Why it was not applied at once: `preview`, `needs-consent`, `conflict`, …"""
    reason: str
    changes: tuple[FileChange, ...]
    proposal: Proposal
    task: Task
    may_create: bool
    """Whether it is to make a file."""


class Reviews:
    """The proposals of one session that wait for an answer."""

    def __init__(self) -> None:
        self._open: dict[str, Review] = {}

    def add(self, review: Review) -> None:
        """Keep one; another one of the same action takes its place."""
        self._open.pop(review.id, None)
        self._open[review.id] = review
        while _KEPT < len(self._open):
            del self._open[next(iter(self._open))]

    def find(self, review_id: str | None) -> Review | None:
        """The proposal that has this id and was not answered yet; without an id the newest of them."""
        if review_id is None:
            return next(reversed(self._open.values()), None)
        return self._open.get(review_id)

    def close(self, review_id: str) -> None:
        """Forget one that was answered."""
        self._open.pop(review_id, None)


async def as_shown(documents: Documents, workspace: Workspace, changes: Iterable[FileChange]) -> tuple[FileChange, ...]:
    """Changes against the texts of this moment. Where the user changed the same lines, the proposal's are shown."""
    return tuple([await asyncio.to_thread(_shown, documents, workspace, change) for change in changes])


def _shown(documents: Documents, workspace: Workspace, change: FileChange) -> FileChange:
    now = documents.snapshot(change.uri) or workspace.read(change.path)
    if now is None:
        return replace(change, before=None) if change.after is not None else change
    base = "" if change.before is None else change.before.text
    after = change.after if change.after is None else merge_over(base, change.after, now.text)
    return replace(change, before=now, after=after, uri=now.uri)


def hunks_of(change: FileChange) -> tuple[Hunk, ...]:
    """The parts of one file that can be accepted by themselves; a file that is made or goes away is one part."""
    old, new = _lines(change.before), split_lines(change.after or "")
    if change.before is None or change.after is None:
        return (Hunk(0, len(old), 0, len(new)),)
    return tuple(diff_lines(old, new))


def part_of(change: FileChange, choice: Choice) -> FileChange | None:
    """A change with only what was chosen of it; None: nothing of it is left.

    A file is deleted as proposed or not at all, whatever was chosen.
    """
    if choice is None or change.after is None:
        return change if choice is None or choice else None
    if isinstance(choice, str):
        is_as_before = change.before is not None and choice == change.before.text
        return None if is_as_before else replace(change, after=choice)
    hunks = hunks_of(change)
    chosen = [hunk for number, hunk in enumerate(hunks) if number in choice]
    if not chosen:
        return None
    if len(chosen) == len(hunks) or change.before is None:
        return change
    old, new = _lines(change.before), split_lines(change.after)
    made = [LineChange(hunk.start, hunk.end, tuple(new[hunk.new_start : hunk.new_end])) for hunk in chosen]
    return replace(change, after="".join(spliced(old, made)))


def accepted_parts(review: Review, accepted: Accepted) -> tuple[FileChange, ...] | Rejection:
    """What of a proposal the user accepted."""
    chosen = [part_of(change, accepted[change.uri]) for change in review.changes if change.uri in accepted]
    return _whole_moves(review.changes, [part for part in chosen if part is not None])


def left_out(shown: Sequence[FileChange], parts: Sequence[FileChange]) -> str:
    """What of a proposal was not accepted, in words; empty where nothing was left out."""
    whole = {change.uri: change.after for change in shown}
    words = [f"{len(parts)} of {len(shown)} files"] if len(parts) < len(shown) else []
    words += ["some hunks left out"] if any(part.after != whole[part.uri] for part in parts) else []
    return ", ".join(words)


def _whole_moves(changes: Sequence[FileChange], parts: list[FileChange]) -> tuple[FileChange, ...] | Rejection:
    """A file that is moved goes and comes together, else its text would be lost or stand twice."""
    uris = {part.uri for part in parts}
    for move in find_moves(changes):
        if (move.gone.uri in uris) != (move.new.uri in uris):
            words = f"{move.gone.path.name!r} moves to {move.new.path.name!r}; accept both files or neither"
            return Rejection("half-a-move", words)
    return tuple(parts)


def review_json(review: Review, *, may_create: bool) -> dict[str, Any]:
    """What `tierwise/proposal` carries."""
    asked = questions(review.changes, may_create=may_create)
    partners = {
        one.uri: other.uri for m in find_moves(review.changes) for one, other in ((m.gone, m.new), (m.new, m.gone))
    }
    proposal = review.proposal
    return {
        "id": review.id,
        "title": review.title,
        "code": review.code,
        "reason": review.reason,
        "action": proposal.action_id,
        "tier": str(proposal.tier),
        "model": proposal.model,
        "cost": format_money(proposal.cost_pico_usd),
        "notes": list(proposal.notes),
        "files": [
            {
                "uri": change.uri,
                "before": None if change.before is None else change.before.text,
                "after": change.after,
                "part": change.annotation,
                "question": asked[change.uri].why if change.uri in asked else None,
                "movesWith": partners.get(change.uri),
                "hunks": hunks_json(change),
            }
            for change in review.changes
        ],
    }


def hunks_json(change: FileChange) -> list[dict[str, int]]:
    """The parts of one file as half-open ranges of lines of both texts, counted from 0."""
    return [
        {"start": hunk.start, "end": hunk.end, "newStart": hunk.new_start, "newEnd": hunk.new_end}
        for hunk in hunks_of(change)
    ]


def _lines(snapshot: Snapshot | None) -> list[str]:
    return [] if snapshot is None else split_lines(snapshot.text)
