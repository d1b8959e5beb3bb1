"""Our own values turned into the client's words."""

from collections.abc import Iterable, Sequence

from lsprotocol import types

from tierwise.dispatch import FileChange
from tierwise.lsp.client import EditSupport
from tierwise.text import Rejection, Span
from tierwise.text.diff import diff
from tierwise.text.lines import Encoding, LineIndex

# An empty document has no second line, so this is all of it. Neovim would leave an empty line behind the text if it
# were inserted before the only line instead.
_WHOLE_NEW_FILE = types.Range(types.Position(0, 0), types.Position(1, 0))

_AnyChange = types.TextDocumentEdit | types.CreateFile | types.RenameFile | types.DeleteFile


def range_of(span: Span, index: LineIndex, encoding: Encoding) -> types.Range:
    """A span as a range in the client's units."""
    start, end = index.position(span.start, encoding), index.position(span.end, encoding)
    return types.Range(types.Position(start.line, start.character), types.Position(end.line, end.character))


def text_edits(before: str, after: str, encoding: Encoding) -> list[types.TextEdit]:
    """The smallest edits from one text to the other, in the client's units."""
    index = LineIndex(before)
    return [types.TextEdit(range_of(edit.span, index, encoding), edit.new_text) for edit in diff(before, after)]


def workspace_edit(
    changes: Sequence[FileChange], support: EditSupport, encoding: Encoding
) -> types.WorkspaceEdit | Rejection:
    """One edit for all changes, in the best form the client understands; a Rejection says what it does not.

    New files come first and edits of open documents last: what can fail should fail before the user's text is touched.
    """
    obstacle = _obstacle(changes, support)
    if obstacle is not None:
        return obstacle
    if not support.has_document_changes:
        return types.WorkspaceEdit(
            changes={
                change.uri: text_edits(change.before.text, change.after, encoding)
                for change in changes
                if change.before is not None and change.after is not None
            }
        )
    parts: list[_AnyChange] = []
    for change in sorted(changes, key=_rank):
        parts += _parts(change, encoding)
    return types.WorkspaceEdit(document_changes=parts)


def _rank(change: FileChange) -> int:
    if change.before is None:
        return 0
    return 1 if change.before.version is None else 2


def _obstacle(changes: Iterable[FileChange], support: EditSupport) -> Rejection | None:
    if not support.can_apply:
        return Rejection("cannot-apply", "the editor does not let a server apply edits")
    for change in changes:
        if change.before is None and not (support.has_document_changes and support.can_create):
            return Rejection("cannot-create", f"the editor cannot create {change.path.name!r} for a server")
        if change.after is None and not (support.has_document_changes and support.can_delete):
            return Rejection("cannot-delete", f"the editor cannot delete {change.path.name!r} for a server")
    return None


def _parts(change: FileChange, encoding: Encoding) -> list[_AnyChange]:
    if change.after is None:
        return [types.DeleteFile(uri=change.uri)]
    if change.before is None:
        edits = [types.TextEdit(_WHOLE_NEW_FILE, change.after)]
        return [types.CreateFile(uri=change.uri), _document_edit(change.uri, None, edits)]
    edits = text_edits(change.before.text, change.after, encoding)
    return [_document_edit(change.uri, change.before.version, edits)]


def _document_edit(uri: str, version: int | None, edits: list[types.TextEdit]) -> types.TextDocumentEdit:
    document = types.OptionalVersionedTextDocumentIdentifier(uri=uri, version=version)
    return types.TextDocumentEdit(text_document=document, edits=edits)
