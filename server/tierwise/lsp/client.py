"""What the client said about itself when it introduced itself."""

from dataclasses import dataclass, field
from typing import Any

from lsprotocol import types

from tierwise.text.lines import Encoding

_ENCODINGS: tuple[Encoding, ...] = ("utf-16", "utf-8", "utf-32")
"""In the order of preference: every client has the first, and two servers on one buffer had better agree."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EditSupport:
    """How edits may be delivered."""

    can_apply: bool = False
    """Whether the client takes `workspace/applyEdit`."""
    has_document_changes: bool = False
    """Whether edits may name the version they were made for."""
    can_create: bool = False
    can_rename: bool = False
    can_delete: bool = False
    can_confirm: bool = False
    """Whether the user is asked before a change, or an operation on a file, that is marked so."""
    has_metadata: bool = False
    ignores_versions: bool = False
    """Whether edits are applied to any text, whatever version they name."""
    checks_all_versions: bool = True
    """False: only the first part of an edit is held against its version, the others are applied to any text."""
    creates_over: bool = False
    """Whether creating a file that is there empties it unless it is to be ignored then."""

    @property
    def checks_versions(self) -> bool:
        """Whether an edit of a newer text is refused."""
        return self.has_document_changes and not self.ignores_versions


@dataclass(frozen=True, slots=True, kw_only=True)
class ActionSupport:
    """What an entry of the menu may carry."""

    has_literals: bool = False
    """Without it only bare commands are understood."""
    has_data: bool = False
    can_resolve_edit: bool = False
    has_disabled: bool = False
    has_generated_tag: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Client:
    """One client, for the length of its session."""

    name: str = "unknown"
    process_id: int | None = None
    encoding: Encoding = "utf-16"
    edits: EditSupport = field(default_factory=EditSupport)
    actions: ActionSupport = field(default_factory=ActionSupport)
    has_progress: bool = False
    can_show_documents: bool = False
    can_be_asked_for_settings: bool = False
    can_register_completion: bool = False
    """Whether a server may say later, and for which files alone, that it completes."""
    is_trusted: bool = False
    settings: dict[str, Any] = field(default_factory=dict)
    wants_proposals: bool = False
    takes_parts: bool = False
    """Whether the user looks at proposals hunk by hunk, and the client says with `tierwise.accept` what they took."""
    wants_status: bool = False
    wants_buttons: bool = False
    """Whether a message may ask something without holding up the user; many editors stop for it."""
    has_instruction_box: bool = False


_APPLIES_UNASKED = frozenset({"Neovim", "kakoune-lsp"})
"""Clients that know change annotations, but carry out operations on files without asking."""
_CREATES_OVER = frozenset({"Neovim", "helix", "kakoune-lsp"})
_IGNORES_VERSIONS = frozenset({"kakoune-lsp"})


def client_of(params: types.InitializeParams) -> Client:
    """Read an initialize request."""
    capabilities = params.capabilities
    raw_options = params.initialization_options
    options: dict[str, Any] = raw_options if isinstance(raw_options, dict) else {}
    settings = options.get("settings")
    window, workspace = capabilities.window, capabilities.workspace
    name = params.client_info.name if params.client_info else "unknown"
    return Client(
        name=name,
        process_id=params.process_id,
        encoding=_encoding(capabilities.general),
        edits=_edit_support(workspace, name),
        actions=_action_support(capabilities.text_document),
        has_progress=bool(window and window.work_done_progress),
        can_show_documents=bool(window and window.show_document and window.show_document.support),
        can_be_asked_for_settings=bool(workspace and workspace.configuration),
        can_register_completion=_can_register_completion(capabilities.text_document),
        is_trusted=options.get("trusted") is True,
        settings=settings if isinstance(settings, dict) else {},
        wants_proposals=options.get("proposals") is True,
        takes_parts=options.get("accept") is True,
        wants_status=options.get("status") is True,
        wants_buttons=options.get("buttons") is True,
        has_instruction_box=options.get("instructionBox") is True,
    )


def _encoding(general: types.GeneralClientCapabilities | None) -> Encoding:
    offered = {str(getattr(kind, "value", kind)) for kind in (general and general.position_encodings) or ()}
    return next((encoding for encoding in _ENCODINGS if encoding in offered), "utf-16")


def _edit_support(workspace: types.WorkspaceClientCapabilities | None, name: str) -> EditSupport:
    if workspace is None:
        return EditSupport()
    edit = workspace.workspace_edit or types.WorkspaceEditClientCapabilities()
    operations = set(edit.resource_operations or ())
    return EditSupport(
        can_apply=bool(workspace.apply_edit),
        # Neovim applies them without saying so; a client that knows resource operations must know what they stand in.
        has_document_changes=bool(edit.document_changes or operations),
        can_create=types.ResourceOperationKind.Create in operations,
        can_rename=types.ResourceOperationKind.Rename in operations,
        can_delete=types.ResourceOperationKind.Delete in operations,
        can_confirm=edit.change_annotation_support is not None and name not in _APPLIES_UNASKED,
        has_metadata=bool(edit.metadata_support),
        ignores_versions=name in _IGNORES_VERSIONS,
        checks_all_versions=name != "Neovim",
        creates_over=name in _CREATES_OVER,
    )


def _action_support(text_document: types.TextDocumentClientCapabilities | None) -> ActionSupport:
    action = text_document and text_document.code_action
    if not action:
        return ActionSupport()
    tags = action.tag_support.value_set if action.tag_support else ()
    return ActionSupport(
        has_literals=action.code_action_literal_support is not None,
        has_data=bool(action.data_support),
        can_resolve_edit=bool(action.resolve_support and "edit" in action.resolve_support.properties),
        has_disabled=bool(action.disabled_support),
        has_generated_tag=types.CodeActionTag.LlmGenerated in tags,
    )


def _can_register_completion(text_document: types.TextDocumentClientCapabilities | None) -> bool:
    completion = text_document and text_document.completion
    return bool(completion and completion.dynamic_registration)
