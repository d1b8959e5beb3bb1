"""`tierwise doctor`: what is there, what is not, and the one command that would mend it."""

import asyncio
from pathlib import Path
from typing import Annotated

import typer

from tierwise.cli.opening import load_for
from tierwise.cli.output import REFUSED, print_json
from tierwise.dispatch.doctor import diagnose_all
from tierwise.dispatch.opening import open_runtime


def doctor(as_json: Annotated[bool, typer.Option("--json", help="One JSON document.")] = False) -> None:
    """What can be reached, with which models, and what would mend the rest; exit 1 when no model can be asked."""
    root = Path.cwd()
    loaded = load_for(root)

    async def examined() -> tuple[dict[str, object], str, bool]:
        runtime = open_runtime(loaded)
        try:
            return await diagnose_all(runtime, loaded, root)
        finally:
            await runtime.aclose()

    document, words, is_usable = asyncio.run(examined())
    if as_json:
        print_json(document)
    else:
        typer.echo(words)
    if not is_usable:
        raise typer.Exit(REFUSED)
