"""Line endings: which one a text uses, and texts rewritten to use another."""

import re
from typing import Literal

Newline = Literal["\n", "\r\n", "\r"]

_BREAK = re.compile(r"\r\n?|\n")


def dominant_newline(text: str) -> Newline:
    """The line ending most lines of `text` use; `\\n` for a text without any."""
    if "\r" not in text:
        return "\n"
    n_crlf = text.count("\r\n")
    n_lf = text.count("\n") - n_crlf
    n_cr = text.count("\r") - n_crlf
    if n_lf < n_crlf and n_cr <= n_crlf:
        return "\r\n"
    return "\r" if n_lf < n_cr else "\n"


def with_newline(text: str, newline: Newline) -> str:
    """`text` with every line ending replaced by `newline`."""
    if "\r" in text:
        text = _BREAK.sub("\n", text)
    return text if newline == "\n" else text.replace("\n", newline)
