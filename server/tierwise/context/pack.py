"""Fit snippets into a budget of tokens."""

from collections.abc import Iterable

from tierwise.context.gather import Snippet

BYTES_PER_TOKEN = 3.0
ALWAYS = -1
"""The priority of what is kept whatever it takes, since the reply has to repeat it."""


def pack(snippets: Iterable[Snippet], budget_tokens: int) -> tuple[Snippet, ...]:
    """The snippets that fit, taken by priority (low numbers first), given back in their own order."""
    listed = list(snippets)
    left = budget_tokens * BYTES_PER_TOKEN
    taken: set[int] = set()
    for index in sorted(range(len(listed)), key=lambda i: (listed[i].priority, i)):
        size = len(listed[index].text.encode("utf-8", "surrogatepass"))
        if size <= left or listed[index].priority == ALWAYS:
            left -= size
            taken.add(index)
    return tuple(snippet for index, snippet in enumerate(listed) if index in taken)
