"""Noticing that a server dropped the front of a prompt, which some do with status 200."""

from tierwise.backends.base import ChatRequest, Usage
from tierwise.context.tokens import n_pieces

LEAST_SHARE = 0.58
"""A prompt of which the server counts less than this share of the estimate was cut. What is left of one that was cut
is at most half of it, which is .53 of the estimate or less in 19 of 20 real files; whole ones have .65 and more."""
FEWEST_TOKENS = 300
"""Prompts shorter than this are not judged; their share says little and they fit any window."""
WINDOWS = tuple(2**power for power in range(11, 21))
"""The windows servers set aside when they take less than was asked for."""
BYTES_PER_TOKEN = 4
FULL = 0.8
"""A prompt estimated at this share of a window may not have fitted; a whole one with exactly half of its tokens never
is."""


def was_cut(request: ChatRequest, usage: Usage | None) -> bool:
    """Whether the server read only a part of the prompt, by its own count.

    Ollama keeps half of its window and two tokens of a prompt that does not fit. That figure gives away what was cut
    of text that has more tokens than the estimate.
    """
    if usage is None:
        return False
    estimate = sum(n_pieces(message.content) for message in request.messages)
    if estimate < FEWEST_TOKENS:
        return False
    if usage.input_tokens < LEAST_SHARE * estimate:
        return True
    # Some tokenizers make a token of every few blanks, of which the estimate takes little notice.
    n_bytes = sum(len(message.content.encode("utf-8", "surrogatepass")) for message in request.messages)
    most = max(estimate, n_bytes / BYTES_PER_TOKEN)
    windows = WINDOWS if request.window is None else (request.window, *WINDOWS)
    return any(abs(usage.input_tokens - (w // 2 + 2)) <= 2 and FULL * w <= most for w in windows)
