"""One edit sent to the editor, and what its answer means."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from lsprotocol import types
from pygls.exceptions import JsonRpcException

from tierwise.dispatch import FileChange, Workspace
from tierwise.lsp.before_images import Shelf
from tierwise.lsp.client import Client
from tierwise.lsp.consent import Question
from tierwise.lsp.documents import Documents, name_of
from tierwise.lsp.echoes import Echoes
from tierwise.lsp.protocol import REPLY_TIMEOUT_S
from tierwise.text import Rejection

_CONSENT_TIMEOUT_S = 1800.0
"""How long the user may look at an edit that has to be confirmed."""


class Wire(Protocol):
    """The part of the protocol that applying needs."""

    async def ask(self, method: str, params: Any, timeout_s: float = ...) -> Any:
        """Send a request and wait for the answer."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Editor:
    """One client with its documents."""

    wire: Wire
    client: Client
    documents: Documents
    workspace: Workspace
    shelf: Shelf | None = None
    """Where to keep what files said before an edit of several."""
    echo_timeout_s: float = 1.0
    """How long the editor may take to report its new text after it said the edit was applied."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What is to be brought in together."""

    changes: tuple[FileChange, ...]
    label: str
    asked: Mapping[str, Question]
    """What the user has to confirm, by URI."""

    @property
    def is_alone(self) -> bool:
        """Whether one file is all it is about."""
        return len(self.changes) == 1


async def send(editor: Editor, edit: types.WorkspaceEdit, plan: Plan) -> types.ApplyWorkspaceEditResult | None:
    """The client's answer; None when it gave none."""
    metadata = types.WorkspaceEditMetadata(is_refactoring=True) if editor.client.edits.has_metadata else None
    params = types.ApplyWorkspaceEditParams(edit=edit, label=plan.label, metadata=metadata)
    timeout_s = _CONSENT_TIMEOUT_S if edit.change_annotations else REPLY_TIMEOUT_S
    try:
        answer = await editor.wire.ask(types.WORKSPACE_APPLY_EDIT, params, timeout_s)
    except TimeoutError:
        return None
    except JsonRpcException as error:
        return types.ApplyWorkspaceEditResult(applied=False, failure_reason=error.message)
    return answer if isinstance(answer, types.ApplyWorkspaceEditResult) else None


def obstacle_in(answer: types.ApplyWorkspaceEditResult | None, echoes: Echoes, *, is_asked: bool) -> Rejection | None:
    """What went wrong with an edit, by the client's word and by what its documents say now; None when it is in."""
    is_said_to_be_in = answer is not None and answer.applied
    if not echoes.unseen and (is_said_to_be_in or echoes.expected):
        return None
    unseen = ", ".join(repr(name_of(uri)) for uri in echoes.unseen)
    if is_said_to_be_in and echoes.has_moved:
        return Rejection("uncertain", f"the editor applied something, but the text of {unseen} is not what was sent")
    if echoes.n_seen:
        return Rejection("partly-applied", f"the editor applied the edit except in {unseen}")
    if answer is None:
        return Rejection("no-answer", "the editor did not say whether it applied the edit, look at the file")
    why = f": {answer.failure_reason[:200]}" if answer.failure_reason else ""
    if is_asked and not answer.applied and not why:
        return Rejection("declined", "it was not confirmed")
    return Rejection("not-applied", f"the editor did not apply the edit{why}")
