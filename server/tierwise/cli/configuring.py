"""`tierwise config show|validate|path|schema|trust|untrust`."""

import os
from pathlib import Path
from typing import Annotated, Optional

import typer

from tierwise.cli.opening import load_for, trust_store
from tierwise.cli.options import JsonOption
from tierwise.cli.output import REFUSED, USAGE, console, print_json, refuse
from tierwise.config import Problem, default_ledger_file, explain, user_config_file
from tierwise.config.files import WORKSPACE_FILE
from tierwise.config.schemas import SCHEMAS
from tierwise.config.trust import default_trust_file

app = typer.Typer(no_args_is_help=True, rich_markup_mode=None)
RootOption = Annotated[
    Optional[Path],  # noqa: UP045 - typer reads this form.
    typer.Option("--root", help="The workspace folder; by default the current one."),
]


@app.command()
def show(root: RootOption = None, as_json: JsonOption = False) -> None:
    """Every value that applies, with where it came from."""
    loaded = load_for(root or Path.cwd())
    explained = explain(loaded)
    if as_json:
        values = [{"key": one.key, "value": one.value, "source": one.source} for one in explained]
        print_json({"values": values, "problems": [p.as_json() for p in loaded.problems]})
        return
    for one in explained:
        console().print(f"{one.key} = {one.value!r}  # {one.source}", markup=False)
    _print_problems(loaded.problems)


@app.command()
def validate(root: RootOption = None, as_json: JsonOption = False) -> None:
    """Whether everything that is written applies; exit 1 when something does not."""
    loaded = load_for(root or Path.cwd())
    if as_json:
        print_json({"valid": loaded.is_good, "problems": [p.as_json() for p in loaded.problems]})
    else:
        _print_problems(loaded.problems)
        console().print("valid" if loaded.is_good else "not valid")
    if not loaded.is_good:
        raise typer.Exit(REFUSED)


@app.command()
def path(as_json: JsonOption = False) -> None:
    """Where the files are looked for."""
    found = {
        "user": str(user_config_file()),
        "workspace": str(Path.cwd() / WORKSPACE_FILE),
        "trust": str(default_trust_file()),
        "ledger": str(default_ledger_file()),
    }
    if as_json:
        print_json({name: {"path": p, "exists": os.path.exists(p)} for name, p in found.items()})  # noqa: PTH110
        return
    for name, where in found.items():
        console().print(f"{name}: {where}{'' if Path(where).exists() else ' (not there)'}", markup=False)


@app.command()
def schema(name: Annotated[str, typer.Argument(help="Which schema.")] = "config", as_json: JsonOption = True) -> None:
    """A JSON Schema, for editors that complete and check the configuration file."""
    known = {file.removesuffix(".schema.json"): make for file, make in SCHEMAS.items()}
    if name not in known:
        words = f"there is no schema {name!r}; there are {', '.join(known)}"
        refuse("usage", words, as_json=as_json, exit_code=USAGE)
    print_json(known[name]())


@app.command()
def trust(root: RootOption = None, as_json: JsonOption = False) -> None:
    """Trust a workspace with the settings file it has now: its tools may run, its settings may tighten yours."""
    folder = (root or Path.cwd()).resolve()
    if not folder.is_dir():
        refuse("no-folder", f"there is no folder {str(folder)!r}", as_json=as_json, exit_code=USAGE)
    try:
        trust_store().trust(folder)
    except (OSError, ValueError) as err:
        refuse("not-trusted", f"{str(folder)!r} could not be trusted: {err}", as_json=as_json)
    if as_json:
        print_json({"status": "done", "trusted": str(folder)})
    else:
        console().print(f"{folder} is trusted until its {WORKSPACE_FILE} changes", markup=False)


@app.command()
def untrust(root: RootOption = None, as_json: JsonOption = False) -> None:
    """Trust a workspace no longer."""
    folder = (root or Path.cwd()).resolve()
    try:
        was_listed = trust_store().untrust(folder)
    except OSError as err:
        refuse("not-written", f"the list of trusted workspaces could not be written: {err}", as_json=as_json)
    if as_json:
        print_json({"status": "done", "untrusted": str(folder), "wasTrusted": was_listed})
    else:
        words = "is trusted no longer" if was_listed else "was not trusted"
        console().print(f"{folder} {words}", markup=False)


def _print_problems(problems: tuple[Problem, ...]) -> None:
    for problem in problems:
        console().print(f"{problem.severity}: {problem} [{problem.code}]", markup=False)
