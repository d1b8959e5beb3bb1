"""Five kinds of clients: what they say of themselves, and what they really do with an edit.

Taken from the sources of vscode-languageclient 11 and of Neovim 0.12; the others stand for what the protocol allows.
"""

from dataclasses import dataclass, field
from typing import Any

_OPERATIONS = ["create", "rename", "delete"]
_LITERALS = {"codeActionLiteralSupport": {"codeActionKind": {"valueSet": ["refactor", "quickfix"]}}}
_RESOLVE = {**_LITERALS, "dataSupport": True, "resolveSupport": {"properties": ["edit"]}}


@dataclass(frozen=True, kw_only=True)
class Profile:
    """One kind of client."""

    name: str
    client: str
    capabilities: dict[str, Any]
    options: dict[str, Any] = field(default_factory=dict)
    applies_at_all: bool = True
    """False: edits come only by resolving an entry of the menu."""
    has_versions: bool = True
    checks_first_only: bool = False
    """Like Neovim: a stale first part is passed over in silence, every other part is applied to anything."""
    confirms: bool = False
    truncates: bool = False
    """Whether creating a file that is there empties it."""
    names_failures: bool = False
    """Whether the answer says which part failed."""

    def introduction(self) -> dict[str, Any]:
        """The parameters of its initialize request, without its folders."""
        return {
            "clientInfo": {"name": self.client},
            "capabilities": self.capabilities,
            "initializationOptions": {"trusted": True, **self.options},
        }


def _capabilities(encodings: list[str] | None, action: dict[str, Any], workspace: dict[str, Any]) -> dict[str, Any]:
    general = {} if encodings is None else {"general": {"positionEncodings": encodings}}
    return {
        "workspace": workspace,
        "textDocument": {"codeAction": action},
        "window": {"workDoneProgress": True},
        **general,
    }


CODE = Profile(
    name="code",
    client="Visual Studio Code",
    capabilities=_capabilities(
        ["utf-16"],
        _RESOLVE,
        {
            "applyEdit": True,
            "workspaceEdit": {
                "documentChanges": True,
                "resourceOperations": _OPERATIONS,
                "failureHandling": "textOnlyTransactional",
                "changeAnnotationSupport": {"groupsOnLabel": True},
                "metadataSupport": True,
            },
        },
    ),
    options={"proposals": True, "status": True, "instructionBox": True, "buttons": True},
    confirms=True,
)
NVIM = Profile(
    name="nvim",
    client="Neovim",
    capabilities=_capabilities(
        ["utf-8", "utf-16", "utf-32"],
        _RESOLVE,
        {
            "applyEdit": True,
            "workspaceEdit": {"resourceOperations": _OPERATIONS, "changeAnnotationSupport": {"groupsOnLabel": True}},
        },
    ),
    options={"proposals": True},
    checks_first_only=True,
    truncates=True,
)
STRICT = Profile(
    name="strict",
    client="strict",
    capabilities=_capabilities(
        ["utf-8"],
        _LITERALS,
        {
            "applyEdit": True,
            "workspaceEdit": {
                "documentChanges": True,
                "resourceOperations": _OPERATIONS,
                "failureHandling": "abort",
            },
        },
    ),
    names_failures=True,
)
PLAIN = Profile(
    name="plain",
    client="plain",
    capabilities=_capabilities(None, {}, {"applyEdit": True}),
    has_versions=False,
)
RESOLVING = Profile(
    name="resolving",
    client="resolving",
    capabilities=_capabilities(["utf-32"], _RESOLVE, {"workspaceEdit": {"documentChanges": True}}),
    applies_at_all=False,
)
PROFILES = (CODE, NVIM, STRICT, PLAIN, RESOLVING)
