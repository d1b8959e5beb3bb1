"""Our own values turned into the client's words."""

from collections.abc import Iterable, Mapping, Sequence

from lsprotocol import types

from tierwise.dispatch import FileChange
from tierwise.lsp.client import EditSupport
from tierwise.lsp.consent import Question
from tierwise.lsp.moves import Move, find_moves
from tierwise.text import Rejection, Span
from tierwise.text.diff import diff
from tierwise.text.lines import Encoding, LineIndex, rising_positions

# An empty document has no second line, so this is all of it. Neovim would leave an empty line behind the text if it
# were inserted before the only line instead.
_WHOLE_NEW_FILE = types.Range(types.Position(0, 0), types.Position(1, 0))

_NOTHING: Mapping[str, Question] = {}
_AnyChange = types.TextDocumentEdit | types.CreateFile | types.RenameFile | types.DeleteFile


def range_of(span: Span, index: LineIndex, encoding: Encoding) -> types.Range:
    """A span as a range in the client's units."""
    start, end = index.position(span.start, encoding), index.position(span.end, encoding)
    return types.Range(types.Position(start.line, start.character), types.Position(end.line, end.character))


def text_edits(before: str, after: str, encoding: Encoding) -> list[types.TextEdit]:
    """The smallest edits from one text to the other, in the client's units."""
    changes = diff(before, after)
    offsets = [offset for edit in changes for offset in (edit.span.start, edit.span.end)]
    ends = [types.Position(at.line, at.character) for at in rising_positions(before, offsets, encoding)]
    return [
        types.TextEdit(types.Range(start, end), edit.new_text)
        for edit, start, end in zip(changes, ends[::2], ends[1::2], strict=True)
    ]


def obstacle(
    changes: Iterable[FileChange], support: EditSupport, asked: Mapping[str, Question] = _NOTHING
) -> Rejection | None:
    """What the client cannot do of all this, or cannot ask its user; None when nothing stands in the way."""
    if not support.can_apply:
        return Rejection("cannot-apply", "the editor does not let a server apply edits")
    for change in changes:
        if change.before is None and not (support.has_document_changes and support.can_create):
            return Rejection("cannot-create", f"the editor cannot create {change.path.name!r} for a server")
        if change.after is None and not (support.has_document_changes and support.can_delete):
            return Rejection("cannot-delete", f"the editor cannot delete {change.path.name!r} for a server")
    if asked and not (support.can_confirm and support.has_document_changes):
        what = " and ".join(dict.fromkeys(question.why for question in asked.values()))
        return Rejection("needs-consent", f"it {what}, which nobody asked for; look at it and accept it")
    return None


def workspace_edit(
    changes: Sequence[FileChange],
    support: EditSupport,
    encoding: Encoding,
    asked: Mapping[str, Question] = _NOTHING,
) -> types.WorkspaceEdit | Rejection:
    """One edit for all changes, in the best form the client understands; a Rejection says what it does not.

    What can fail comes before the user's open texts: new files, files that are not open, moved files. Deleting comes
    last. `asked` is what the user has to confirm, by URI.
    """
    refused = obstacle(changes, support, asked)
    if refused is not None:
        return refused
    if not support.has_document_changes:
        return types.WorkspaceEdit(
            changes={
                change.uri: text_edits(change.before.text, change.after, encoding)
                for change in changes
                if change.before is not None and change.after is not None
            }
        )
    moves = find_moves(changes) if support.can_rename else ()
    moved = {change.uri for move in moves for change in (move.gone, move.new)}
    parts: list[tuple[int, list[_AnyChange]]] = [(2, _moved(move, encoding, asked)) for move in moves]
    parts += [(_rank(one), _parts(one, support, encoding, asked)) for one in changes if one.uri not in moved]
    named = {change.uri for change in changes}
    annotations = {
        question.id: types.ChangeAnnotation(label=question.label, needs_confirmation=True)
        for uri, question in asked.items()
        if uri in named
    }
    return types.WorkspaceEdit(
        document_changes=[part for _, group in sorted(parts, key=lambda one: one[0]) for part in group],
        change_annotations=annotations or None,
    )


def _rank(change: FileChange) -> int:
    if change.before is None:
        return 0
    if change.after is None:
        return 4
    return 1 if change.before.version is None else 3


def _parts(
    change: FileChange, support: EditSupport, encoding: Encoding, asked: Mapping[str, Question]
) -> list[_AnyChange]:
    annotation = _annotation(change, asked)
    if change.after is None:
        # A file an editor has made and not saved yet is in no folder.
        unless_gone = types.DeleteFileOptions(ignore_if_not_exists=True)
        return [types.DeleteFile(uri=change.uri, options=unless_gone, annotation_id=annotation)]
    if change.before is None:
        created = types.CreateFile(uri=change.uri, options=_creation(change, support), annotation_id=annotation)
        edits = [types.TextEdit(_WHOLE_NEW_FILE, change.after)]
        return [created, *([_document_edit(change.uri, None, edits, annotation)] if change.after else [])]
    edits = text_edits(change.before.text, change.after, encoding)
    return [_document_edit(change.uri, change.before.version, edits, annotation)]


def _creation(change: FileChange, support: EditSupport) -> types.CreateFileOptions | None:
    """By default a client refuses to create a file that is there. One that would empty it must leave it alone instead.

    Such a client makes neither an empty file nor a folder for a file it may leave alone, but a file whose folder is
    missing cannot be there.
    """
    if support.creates_over and change.after and change.path.parent.is_dir():
        return types.CreateFileOptions(ignore_if_exists=True)
    return None


def _moved(move: Move, encoding: Encoding, asked: Mapping[str, Question]) -> list[_AnyChange]:
    """The text is changed under the old name, where the client can hold it against a version, and then moved."""
    before, after = move.gone.before, move.new.after
    if before is None or after is None:
        raise ValueError("a move has a text before and one after")
    annotation = _annotation(move.gone, asked) or _annotation(move.new, asked)
    rename = types.RenameFile(old_uri=move.gone.uri, new_uri=move.new.uri, annotation_id=annotation)
    edits = text_edits(before.text, after, encoding)
    return [*([_document_edit(move.gone.uri, before.version, edits, annotation)] if edits else []), rename]


def _annotation(change: FileChange, asked: Mapping[str, Question]) -> str | None:
    return asked[change.uri].id if change.uri in asked else None


def _document_edit(
    uri: str, version: int | None, edits: list[types.TextEdit], annotation: str | None
) -> types.TextDocumentEdit:
    document = types.OptionalVersionedTextDocumentIdentifier(uri=uri, version=version)
    if annotation is None:
        return types.TextDocumentEdit(text_document=document, edits=list(edits))
    annotated = [types.AnnotatedTextEdit(annotation, edit.range, edit.new_text) for edit in edits]
    return types.TextDocumentEdit(text_document=document, edits=list(annotated))
