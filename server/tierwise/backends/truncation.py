"""Noticing that a server dropped the front of a prompt, which some do with status 200."""

import re

from tierwise.backends.base import ChatRequest, Usage

BYTES_PER_TOKEN = 4
"""More bytes than nearly any code has to a token, so that a count taken with it is rather too small."""
LEAST_SHARE = 0.6
"""A prompt of which the server counts less than this share of the estimate was cut."""
LEAST_BYTES_PER_TOKEN = 2.2
"""Fewer bytes than dense text has to a token."""
FEWEST_BYTES = 1024
"""Prompts shorter than this are not judged; their share says little and they fit any window."""
RUN = re.compile(r"(.)\1{3,}", re.DOTALL)
"""Indentation, rules and the like, of which one token may hold very many bytes."""


def was_cut(request: ChatRequest, usage: Usage | None) -> bool:
    """Whether the server read only a part of the prompt, by its own count.

    Ollama keeps half of its window and two tokens of a prompt that does not fit. That figure is taken for a cut too
    when the prompt is so long that it may well not have fitted, because dense text has more tokens than the estimate.
    """
    if usage is None:
        return False
    n_bytes = sum(len(RUN.sub(r"\1", message.content).encode("utf-8", "replace")) for message in request.messages)
    if n_bytes < FEWEST_BYTES:
        return False
    if usage.input_tokens < LEAST_SHARE * n_bytes / BYTES_PER_TOKEN:
        return True
    if request.window is None:
        return False
    kept = request.window // 2 + 2
    return abs(usage.input_tokens - kept) <= 4 and LEAST_BYTES_PER_TOKEN * request.window <= n_bytes
