"""`tierwise actions`, `tierwise run` and `tierwise route`."""

import asyncio
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Optional

import typer

from tierwise.cli.agreeing import asker
from tierwise.cli.batch import run_batch
from tierwise.cli.linting import linter_diagnostics
from tierwise.cli.opening import Session, document, load_for, session_for
from tierwise.cli.options import BatchOption, HintOption, JsonOption
from tierwise.cli.output import REFUSED, USAGE, print_json, refuse
from tierwise.cli.showing import offer_json, outcome_json, print_offers, print_outcome, print_route, route_json
from tierwise.cli.writing import write_changes
from tierwise.dispatch import Ask, Progress, Refusal, Task, offers, run_action
from tierwise.dispatch.deciding import Decision, decide, decide_line
from tierwise.dispatch.opening import open_runtime
from tierwise.dispatch.previewing import preview, preview_json, preview_text
from tierwise.routing.policy import Hint
from tierwise.routing.tiers import Tier
from tierwise.syntax.outline import outline
from tierwise.text.uris import path_of

FileArgument = Annotated[Path, typer.Argument(help="The file to work on.")]
ActionArgument = Annotated[str, typer.Argument(help="The action's id, e.g. write_tests.")]
RangeOption = Annotated[
    Optional[str],  # noqa: UP045 - typer reads this form.
    typer.Option("--range", help="LINE:COLUMN-LINE:COLUMN, counted from 1; a single place sets the cursor."),
]
InstructionOption = Annotated[Optional[str], typer.Option("--instruction", help="What to do, in words.")]  # noqa: UP045


def list_actions(file: FileArgument, written_range: RangeOption = None, as_json: JsonOption = False) -> None:
    """What would be offered here, with tier, model and price."""

    async def listed() -> None:
        async with session_for(file) as session:
            limit = session.runtime.max_file_bytes
            snapshot, span = document(file, written_range, limit, as_json=as_json)
            session.runtime.learn_tools(snapshot.uri, snapshot.language, session.workspace)
            await session.runtime.probe()
            menu = session.runtime.menu(snapshot.uri, snapshot.language, session.workspace.roots, has_twins=True)
            found = offers(menu, snapshot, outline(snapshot.text, snapshot.language), span)
            if as_json:
                print_json({"file": str(file), "actions": [offer_json(offer, snapshot) for offer in found]})
            else:
                print_offers(found)

    asyncio.run(listed())


def run(  # noqa: PLR0913 - one parameter for each option of the command.
    action: ActionArgument,
    file: FileArgument,
    written_range: RangeOption = None,
    instruction: InstructionOption = None,
    tier: Annotated[str, typer.Option("--tier", help="auto, local, bulk or top.")] = "auto",
    hint: HintOption = "auto",
    scope: Annotated[
        Optional[list[str]],  # noqa: UP045
        typer.Option("--scope", help="Files a change over several may touch, as a pattern of .gitignore; repeatable."),
    ] = None,
    yes: Annotated[bool, typer.Option("--yes", help="Agree to what costs money, should it be asked about.")] = False,
    apply: Annotated[bool, typer.Option("--apply", help="Write the result.")] = False,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Show exactly what would be sent to whom, and send nothing.")
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """Carry out one action on a file and show the verified edit."""
    _not_both(apply, dry_run, as_json)
    wanted, hinted = _tier(tier, as_json), _hint(hint, as_json)

    async def ran() -> bool:
        async with session_for(file) as session:
            snapshot, span = document(file, written_range, session.runtime.max_file_bytes, as_json=as_json)
            task = Task(
                action_id=action,
                snapshot=snapshot,
                selection=span,
                instruction=instruction,
                tier=wanted,
                hint=hinted,
                scope=tuple(scope or ()),
            )
            if dry_run:
                return await _preview(session, task, as_json=as_json)
            return await _carry_out(session, task, asker(is_yes=yes), apply=apply, as_json=as_json)

    if not asyncio.run(ran()):
        raise typer.Exit(REFUSED)


async def _carry_out(session: Session, task: Task, ask: Ask, *, apply: bool, as_json: bool) -> bool:
    task = await _with_diagnostics(session, task)
    shown: list[str] = []

    def report(progress: Progress) -> None:
        if not as_json and progress.message not in shown[-1:]:
            shown.append(progress.message)
            typer.echo(f"… {progress.message}", err=True)

    outcome = await run_action(session.runtime, task, session.workspace, report, ask)
    problem = None
    is_done = not isinstance(outcome, Refusal)
    if apply and not isinstance(outcome, Refusal):
        problem = write_changes(outcome.changes, session.workspace.root)
        is_done = problem is None
        if is_done and outcome.tier is not Tier.NATIVE:
            await session.runtime.note_applied(outcome.action_key)
    root = session.workspace.root
    if as_json:
        print_json(outcome_json(outcome, root, is_applied=apply and is_done, problem=problem))
    else:
        print_outcome(outcome, root, is_applied=apply and is_done, problem=problem)
    return is_done


async def _preview(session: Session, task: Task, *, as_json: bool) -> bool:
    found = await preview(session.runtime, await _with_diagnostics(session, task), session.workspace)
    if isinstance(found, Refusal):
        refuse(found.code, found.words, as_json=as_json)
    if as_json:
        print_json(preview_json(found))
    else:
        typer.echo(preview_text(found))
    return True


async def _with_diagnostics(session: Session, task: Task) -> Task:
    """For *fix*, ask the linter what stands on the cursor's line, since no editor tells."""
    path = path_of(task.snapshot.uri)
    if task.action_id != "fix_diagnostic" or path is None:
        return task
    root, is_trusted = session.workspace.root, session.workspace.is_trusted
    found = await linter_diagnostics(task.snapshot, path, root, is_trusted=is_trusted)
    here = tuple(one for one in found if one.span.touches(task.selection))
    return replace(task, diagnostics=here[:1])


def route(  # noqa: PLR0913 - one parameter for each option of the command.
    action: Annotated[Optional[str], typer.Argument(help="The action's id, e.g. write_tests.")] = None,  # noqa: UP045
    file: Annotated[Optional[Path], typer.Argument(help="The file to work on.")] = None,  # noqa: UP045
    written_range: RangeOption = None,
    instruction: InstructionOption = None,
    hint: HintOption = "auto",
    batch: BatchOption = None,
    as_json: JsonOption = False,
) -> None:
    """Which tier an action would go to and why; sends nothing."""
    if batch is not None:
        runtime = open_runtime(load_for(None))
        n_lines = run_batch(batch[0], batch[1], lambda line: decide_line(runtime, line), as_json=as_json)
        if as_json:
            print_json({"status": "done", "lines": n_lines})
        return
    if action is None or file is None:
        refuse("usage", "name an action and a file", as_json=as_json, exit_code=USAGE)

    hinted = _hint(hint, as_json)

    async def decided() -> Decision | Refusal:
        async with session_for(file) as session:
            limit = session.runtime.max_file_bytes
            snapshot, span = document(file, written_range, limit, as_json=as_json)
            task = Task(action_id=action, snapshot=snapshot, selection=span, instruction=instruction, hint=hinted)
            return decide(session.runtime, task, session.workspace)

    decision = asyncio.run(decided())
    if isinstance(decision, Refusal):
        refuse(decision.code, decision.words, as_json=as_json)
    if as_json:
        print_json(route_json(decision))
    else:
        print_route(decision)


def _not_both(apply: bool, dry_run: bool, as_json: bool) -> None:
    if apply and dry_run:
        refuse("usage", "take --apply or --dry-run, which writes nothing", as_json=as_json, exit_code=USAGE)


def _tier(name: str, as_json: bool) -> Tier | None:
    if name == "auto":
        return None
    if name not in ("local", "bulk", "top"):
        refuse("usage", f"there is no tier {name!r}; take auto, local, bulk or top", as_json=as_json, exit_code=USAGE)
    return Tier(name)


def _hint(name: str, as_json: bool) -> Hint:
    match name:
        case "auto" | "low" | "high":
            return name
        case _:
            words = f"there is no hint {name!r}; take auto, low or high"
            refuse("usage", words, as_json=as_json, exit_code=USAGE)
