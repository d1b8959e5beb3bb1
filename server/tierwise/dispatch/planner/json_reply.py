"""The JSON object in a model's reply, whatever stands around it."""

import json
import re
from typing import Any

from tierwise.text import Rejection

_THOUGHT = re.compile(r"<think(?:ing)?>.*?</think(?:ing)?>", re.DOTALL | re.IGNORECASE)


def json_of(reply: str) -> dict[str, Any] | Rejection:
    """The first complete JSON object of a reply; thoughts, fences and prose around it do not matter."""
    text = _THOUGHT.sub("", reply)
    decoder = json.JSONDecoder()
    start = text.find("{")
    while start != -1:
        try:
            found, _ = decoder.raw_decode(text, start)
        except (ValueError, RecursionError):
            start = text.find("{", start + 1)
            continue
        # A decoder that starts at a brace gives an object.
        return dict(found)
    return Rejection("plan-unreadable", f"the reply holds no JSON object: {text.strip()[:80]!r}")
