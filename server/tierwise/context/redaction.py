"""Secrets out of what is sent, and back into what comes back."""

import hashlib
import json
import re
from collections.abc import Mapping, Sequence

from tierwise.context.scanner import FindSecrets
from tierwise.text import Rejection

PREFIX = "TIERWISE_SECRET_"
"""Placeholders are names, so that they may stand wherever a literal, a word or a line of settings may."""
_MEANT = re.compile(r"TIERWISE[\W_]{0,2}SECRET[\W_]{0,2}\w*", re.IGNORECASE)
"""What was a placeholder, or was meant as one."""
_LONG = 8
"""A shorter secret is an ordinary word elsewhere, and is replaced only where it was recognized."""


class Vault:
    """The secrets of one action, by their placeholders. The same secret has the same one throughout.

    `salt` keeps a placeholder from telling what it stands for; one that stays the same for a while lets a provider's
    cache recognize a prompt.
    """

    def __init__(self, find: FindSecrets, salt: bytes) -> None:
        self._find = find
        self._salt = salt
        self._values: dict[str, str] = {}
        self._kinds: dict[str, str] = {}
        self._innocent: set[str] = set()

    @property
    def kinds(self) -> Mapping[str, str]:
        """What kind of secret each placeholder stands for."""
        return dict(self._kinds)

    def hide(self, texts: Sequence[str]) -> tuple[str, ...]:
        """The texts without secrets."""
        for text in texts:
            if PREFIX in text:
                self._innocent |= set(_MEANT.findall(text)) - set(self._values)
        hidden = [self._without(text) for text in texts]
        # What was recognized in one text may stand unrecognizable in another.
        for placeholder, value in sorted(self._values.items(), key=lambda item: -len(item[1])):
            if _LONG <= len(value):
                hidden = [text.replace(value, placeholder) for text in hidden]
        return tuple(hidden)

    def put_back(self, reply: str, *, is_json: bool = False) -> str | Rejection:
        """A reply with the secrets back in their places; a rejection when a placeholder came back altered."""
        if not self._values:
            return reply
        for found in _MEANT.findall(reply):
            if found not in self._values and found not in self._innocent:
                words = f"a secret was sent as a placeholder, and the answer altered it to {found!r}"
                return Rejection("altered-secret", f"{words}; keep such names as they are")
        for placeholder, value in self._values.items():
            shown = json.dumps(value, ensure_ascii=False)[1:-1] if is_json else value
            reply = reply.replace(placeholder, shown)
        return reply

    def moved_to(self, before: str | None, after: str | None) -> str | None:
        """The kind of a secret that a change brings into a file which did not have it."""
        for placeholder, value in self._values.items():
            if _LONG <= len(value) and value in (after or "") and value not in (before or ""):
                return self._kinds[placeholder]
        return None

    def _without(self, text: str) -> str:
        pieces: list[str] = []
        at = 0
        for secret in self._find(text):
            pieces += [text[at : secret.start], self._placeholder(text[secret.start : secret.end], secret.kind)]
            at = secret.end
        return "".join([*pieces, text[at:]])

    def _placeholder(self, value: str, kind: str) -> str:
        digest = hashlib.blake2b(value.encode("utf-8", "surrogatepass"), key=self._salt, digest_size=5).hexdigest()
        placeholder = PREFIX + digest.upper()
        self._values[placeholder] = value
        self._kinds[placeholder] = kind
        return placeholder
