"""What happens to a request on its way out and to its reply on the way back."""

import asyncio
import secrets
from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from tierwise.backends.base import ChatRequest
from tierwise.context.redaction import Vault
from tierwise.context.scanner import find_secrets
from tierwise.dispatch.judge import Judged
from tierwise.dispatch.values import FileChange
from tierwise.routing.tiers import Candidate
from tierwise.text import Rejection

_SALT = secrets.token_bytes(16)
"""One for the process: what is sent twice looks the same twice, and nobody else can tell what a placeholder is for."""


def _new_vault() -> Vault:
    return Vault(find_secrets, _SALT)


@dataclass(frozen=True, slots=True)
class Seal:
    """Keeps the secrets of one action back; all its calls share one."""

    vault: Vault = field(default_factory=_new_vault)

    async def close(self, request: ChatRequest, candidate: Candidate) -> ChatRequest:
        """The request as it may leave. What stays on this machine is left as it is."""
        if candidate.is_on_this_machine:
            return request
        # The scanner is loaded at the first call, which takes a good part of a second.
        hidden = await asyncio.to_thread(self.vault.hide, [message.content for message in request.messages])
        return replace(
            request,
            messages=tuple(
                replace(message, content=text, n_stable=self._cut(message.content, message.n_stable, text))
                for message, text in zip(request.messages, hidden, strict=True)
            ),
        )

    def open(self, reply: str, request: ChatRequest) -> str | Rejection:
        """A reply as it would be, had the model seen everything."""
        return self.vault.put_back(reply, is_json=request.schema is not None)

    def is_in(self, text: str) -> bool:
        """Whether a text holds a secret that was kept back."""
        return self.vault.moved_to(None, text) is not None

    def _cut(self, before: str, n_stable: int, after: str) -> int:
        """Where the part that stays the same ends, once it is without secrets."""
        return n_stable if before == after or not n_stable else len(self.vault.hide([before[:n_stable]])[0])

    def check(self, judged: Judged) -> Judged | Rejection:
        """Refuse changes that carry a secret into a file which did not have it."""
        moved = _moved(self.vault, judged.changes)
        if moved is None:
            return judged
        kind, name = moved
        words = f"the answer would copy a secret ({kind}) into {name!r}, which did not have it"
        return Rejection("secret-moved", words)


def _moved(vault: Vault, changes: Iterable[FileChange]) -> tuple[str, str] | None:
    for change in changes:
        kind = vault.moved_to(None if change.before is None else change.before.text, change.after)
        if kind is not None:
            return kind, change.path.name
    return None
