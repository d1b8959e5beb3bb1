"""The least a pygls server can be: three canned code actions. What Tierwise is measured against."""

from lsprotocol import types
from pygls.lsp.server import LanguageServer

server = LanguageServer("bare", "1")


@server.feature(types.TEXT_DOCUMENT_CODE_ACTION)
def code_actions(params: types.CodeActionParams) -> list[types.CodeAction]:
    """Three entries, whatever is asked."""
    return [
        types.CodeAction(
            title=f"Canned action {number}",
            kind=types.CodeActionKind.RefactorRewrite,
            command=types.Command(title="run", command="bare.run", arguments=[params.text_document.uri, params.range]),
        )
        for number in range(3)
    ]


@server.command("bare.run")
def run() -> None:
    """Nothing."""


if __name__ == "__main__":
    server.start_io()
