"""What the server tells a client it can do."""

from lsprotocol import types

from tierwise.lsp.client import Client

COMMANDS = (
    "tierwise.run",
    "tierwise.preview",
    "tierwise.actions",
    "tierwise.stats",
    "tierwise.doctor",
    "tierwise.why",
    "tierwise.reload",
    "tierwise.backends",
    "tierwise.restore",
    "tierwise.accept",
    "tierwise.dismiss",
    "tierwise.review",
    "tierwise.undo",
    "tierwise.again",
    "tierwise.history",
    "tierwise.changes",
    "tierwise.sent",
    "tierwise.trust",
)


def capabilities(client: Client) -> types.ServerCapabilities:
    """Exactly what this server does, in this client's terms."""
    folders = types.WorkspaceFoldersServerCapabilities(supported=True, change_notifications=True)
    return types.ServerCapabilities(
        position_encoding=types.PositionEncodingKind(client.encoding),
        text_document_sync=types.TextDocumentSyncOptions(
            open_close=True, change=types.TextDocumentSyncKind.Incremental
        ),
        code_action_provider=types.CodeActionOptions(
            code_action_kinds=[types.CodeActionKind.QuickFix, types.CodeActionKind.RefactorRewrite],
            resolve_provider=client.actions.can_resolve_edit and not client.edits.can_apply,
        ),
        execute_command_provider=types.ExecuteCommandOptions(commands=list(COMMANDS), work_done_progress=True),
        workspace=types.WorkspaceOptions(workspace_folders=folders),
    )
