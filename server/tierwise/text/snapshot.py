"""A document at one moment."""

import hashlib
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

Newline = Literal["\n", "\r\n", "\r"]


@dataclass(frozen=True, kw_only=True)
class Snapshot:
    """What a document said when somebody looked; nothing that happens later changes it."""

    uri: str
    text: str
    language: str
    """The LSP language id, e.g. `python` or `typescriptreact`."""
    version: int | None = None
    """The editor's version; None for a document that is not open in an editor."""
    encoding: str = "utf-8"
    """The file's encoding on disk, a Python codec name; `utf-8-sig` where it has a byte-order mark."""

    @cached_property
    def digest(self) -> str:
        """SHA-256 of the text, in hexadecimal digits."""
        return hashlib.sha256(self.text.encode("utf-8", "surrogatepass")).hexdigest()

    @cached_property
    def newline(self) -> Newline:
        """The line ending most lines use; `\\n` for a text without any."""
        n_crlf = self.text.count("\r\n")
        n_lf = self.text.count("\n") - n_crlf
        n_cr = self.text.count("\r") - n_crlf
        if n_lf < n_crlf and n_cr <= n_crlf:
            return "\r\n"
        return "\r" if n_lf < n_cr else "\n"
