"""The commands and their names."""

import sys

import typer

from tierwise import __version__
from tierwise.cli import actions, applying, checking, configuring, demonstrating, diagnosing, money, serve

app = typer.Typer(
    name="tierwise",
    help="Code actions by language models, each on the cheapest tier that passes its checks.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)


def _print_version(is_wanted: bool) -> None:
    if is_wanted:
        typer.echo(f"tierwise {__version__}")
        raise typer.Exit


@app.callback()
def _root(
    version: bool = typer.Option(False, "--version", help="Print the version.", callback=_print_version, is_eager=True),
) -> None:
    """Code actions by language models, each on the cheapest tier that passes its checks."""


app.command("serve")(serve.serve)
app.command("actions")(actions.list_actions)
app.command("run")(actions.run)
app.command("route")(actions.route)
app.command("apply-reply")(applying.apply_reply_command)
app.command("check")(checking.check)
app.command("stats")(money.stats)
app.command("models")(money.models)
app.command("doctor")(diagnosing.doctor)
app.add_typer(configuring.app, name="config", help="Show, check and find the configuration.")
app.command("demo")(demonstrating.demo)


def main() -> None:
    """Run the command line; a broken pipe and an interrupt end it quietly."""
    try:
        app()
    except BrokenPipeError:
        sys.stderr.close()
        raise SystemExit(1) from None
