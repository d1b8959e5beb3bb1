"""The commands and their names. Only the module of the command that was called is imported."""

import importlib
import os
import sys
from collections.abc import Iterable

import typer

from tierwise import __version__

COMMANDS = {
    "actions": "tierwise.cli.actions:list_actions",
    "run": "tierwise.cli.actions:run",
    "route": "tierwise.cli.actions:route",
    "apply-reply": "tierwise.cli.applying:apply_reply_command",
    "check": "tierwise.cli.checking:check",
    "stats": "tierwise.cli.stats:stats",
    "report": "tierwise.cli.reporting:report",
    "models": "tierwise.cli.money:models",
    "doctor": "tierwise.cli.diagnosing:doctor",
    "eval": "tierwise.cli.evaluating:evaluate",
    "replay": "tierwise.cli.replaying:replay",
    "tripwire": "tierwise.cli.tripwire:tripwire",
    "demo": "tierwise.cli.demonstrating:demo",
}
GROUPS = {
    "config": ("tierwise.cli.configuring", "Show, check and find the configuration."),
    "golden": ("tierwise.cli.golden", "Make cases out of actions, and prove cases by their own replies."),
    "ledger": ("tierwise.cli.team_ledger", "Share the ledger with a team: send its rows, fetch the others'."),
    "cache": ("tierwise.cli.caching", "Look at the answers that are kept, or forget them."),
}
_HELP = "Code actions by language models, each on the cheapest tier that passes its checks."


def _print_version(is_wanted: bool) -> None:
    if is_wanted:
        typer.echo(f"tierwise {__version__}")
        raise typer.Exit


def _root(
    version: bool = typer.Option(False, "--version", help="Print the version.", callback=_print_version, is_eager=True),
) -> None:
    del version


def _serve(context: typer.Context) -> None:
    """The language server: [--stdio | --tcp HOST:PORT]."""
    from tierwise.cli.serve import main as serve

    serve(list(context.args))


def build(wanted: Iterable[str]) -> typer.Typer:
    """The application with the named commands."""
    app = typer.Typer(
        name="tierwise",
        help=_HELP,
        no_args_is_help=True,
        add_completion=False,
        pretty_exceptions_enable=False,
        rich_markup_mode=None,
    )
    app.callback(help=_HELP)(_root)
    unparsed = {"allow_extra_args": True, "ignore_unknown_options": True}
    app.command("serve", context_settings=unparsed)(_serve)
    for name in wanted:
        if name in GROUPS:
            group, words = GROUPS[name]
            app.add_typer(importlib.import_module(group).app, name=name, help=words)
        else:
            module, _, function = COMMANDS[name].partition(":")
            app.command(name)(getattr(importlib.import_module(module), function))
    return app


def _refuse_action(called: str) -> None:
    """Say how an action is run to who took it for a command."""
    from tierwise.actions import CATALOGUE

    if any(action.id == called for action in CATALOGUE):
        typer.echo(f"tierwise: {called!r} is an action, run it with 'tierwise run {called} FILE'", err=True)
        raise SystemExit(2)


def main() -> None:
    """Run the command line; a broken pipe ends it quietly."""
    every = (*COMMANDS, *GROUPS)
    called = next((argument for argument in sys.argv[1:] if not argument.startswith("-")), "")
    if called not in (*every, "serve", ""):
        _refuse_action(called)
    try:
        build([called] if called in every else every)()
    except BrokenPipeError:
        # What was printed so far is lost to a closed pipe; nothing else may be written to it at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        raise SystemExit(1) from None
