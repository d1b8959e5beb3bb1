"""From a model's reply to edits: every reply form, located without guessing, three-way against newer text."""

from tierwise.edits.apply import Applied, apply_reply
from tierwise.edits.elision import find_elision
from tierwise.edits.formats import ReplyFormat
from tierwise.edits.span import apply_span

__all__ = ["Applied", "ReplyFormat", "apply_reply", "apply_span", "find_elision"]
