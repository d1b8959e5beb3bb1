"""Ask at the terminal whether money may be spent."""

import asyncio
import sys

import typer

from tierwise.dispatch import Ask, Question


def asker(*, is_yes: bool) -> Ask:
    """Who answers questions about money: `--yes`, else whoever sits at the terminal, else nobody, which is a no."""

    async def ask(question: Question) -> bool:
        if is_yes:
            return True
        if not sys.stdin.isatty():
            typer.echo(f"… {question.words}: nobody can be asked here, so it is left out; --yes agrees", err=True)
            return False
        return await asyncio.to_thread(typer.confirm, f"{question.words}. {question.yes}?", err=True)

    return ask
