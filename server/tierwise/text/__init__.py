"""Texts as immutable values: snapshots, spans, edits, positions, diffs and three-way merges."""

from tierwise.text.rejection import Rejection
from tierwise.text.snapshot import Snapshot
from tierwise.text.spans import Span, TextEdit, apply_edits

__all__ = ["Rejection", "Snapshot", "Span", "TextEdit", "apply_edits"]
