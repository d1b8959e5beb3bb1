"""`tierwise golden`: cases made of actions, and the proof that cases can tell right answers from wrong ones."""

import asyncio
import contextlib
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Annotated, Any, cast, get_args

import typer
from rich.text import Text

from tierwise.cli.opening import load_for
from tierwise.cli.options import (
    CASES_HELP,
    CaseIdOption,
    FateOption,
    FolderOption,
    JsonOption,
    KeptArgument,
    MeaningOption,
    OnlyOption,
    RightOption,
)
from tierwise.cli.output import REFUSED, USAGE, console, print_json, refuse
from tierwise.cli.tables import printable, table
from tierwise.config import DEFAULT_LOADED
from tierwise.config.eval_cases import EvalCase
from tierwise.dispatch.opening import ledger_of
from tierwise.dispatch.recording import kept_requests, read_request
from tierwise.evals.capturing import LAST, Captured, Fate, capture, write_case
from tierwise.evals.cases import STARTER, CaseSet, chosen_of, read_cases
from tierwise.evals.proving_cases import Proof, prove_cases
from tierwise.store.errors import LedgerError
from tierwise.store.ledger import Ledger
from tierwise.text import Rejection

app = typer.Typer(no_args_is_help=True, add_completion=False, rich_markup_mode=None)


@dataclass(frozen=True, slots=True)
class Proved:
    """What came of all the proofs."""

    held: tuple[Proof, ...]
    failed: tuple[Proof, ...]
    not_run: tuple[Proof, ...]


@app.command("add")
def add(  # noqa: PLR0913 -- a command's options are its arguments.
    action: KeptArgument = LAST,
    to: FolderOption = Path("golden-cases"),
    fate: FateOption = None,
    name: CaseIdOption = None,
    judge: MeaningOption = None,
    right: RightOption = None,
    as_json: JsonOption = False,
) -> None:
    """Make a case of an action, from what ledger.keep_requests let be kept of it."""
    if fate is not None and fate not in get_args(Fate):
        words = f"--fate takes one of {', '.join(get_args(Fate))}, not {fate!r}"
        refuse("usage", words, as_json=as_json, exit_code=USAGE)
    with _ledger(as_json) as ledger:
        captured = capture(ledger, action, cast(Fate | None, fate), judge, _reply_in(right, as_json))
    if isinstance(captured, Rejection):
        refuse(captured.code, captured.detail, as_json=as_json)
    if name is not None:
        captured = _renamed(captured, name, as_json)
    try:
        path = write_case(captured, to)
    except OSError as err:
        refuse("not-written", f"{str(to)!r} cannot be written to: {err.strerror}", as_json=as_json)
    if isinstance(path, Rejection):
        refuse(path.code, path.detail, as_json=as_json)
    if as_json:
        case = {"id": captured.case.id, "fate": captured.fate, "nSecrets": captured.n_secrets, "file": str(path)}
        case |= {"nRight": len(captured.case.right), "nWrong": len(captured.case.wrong)}
        print_json({"status": "done", **case})
    else:
        _print_captured(captured, path)


def _print_captured(captured: Captured, path: Path) -> None:
    hidden = f", with placeholders for {captured.n_secrets} secrets" if captured.n_secrets else ""
    words = f"{path}: {captured.case.action} on {captured.case.path}, {captured.fate}{hidden}"
    console().print(printable(words), markup=False)
    console().print(_lacking(captured.case), markup=False)
    console().print("look through it before you pass it on; `tests` or `judge` make it tell more")


def _reply_in(file: Path | None, as_json: bool) -> str | None:
    if file is None:
        return None
    try:
        return file.read_text("utf-8")
    except (OSError, UnicodeError):
        refuse("unreadable", f"{str(file)!r} cannot be read as UTF-8 text", as_json=as_json, exit_code=USAGE)


def _lacking(case: EvalCase) -> str:
    """What `golden prove` will miss."""
    lacking = [name for name, replies in (("right", case.right), ("wrong", case.wrong)) if not replies]
    if not lacking:
        return "`tierwise golden prove` can prove it by the answers that were given"
    return f"it has no {' and no '.join(lacking)} answer, so it cannot be proved; --right takes one from a file"


def _renamed(captured: Captured, name: str, as_json: bool) -> Captured:
    try:
        document = {**captured.case.model_dump(), "id": name}
        return replace(captured, case=EvalCase.model_validate(document))
    except ValueError:
        words = f"--id takes lower case words joined by hyphens, not {name!r}"
        refuse("usage", words, as_json=as_json, exit_code=USAGE)


@app.command("list")
def list_kept(as_json: JsonOption = False) -> None:
    """The actions of which enough was kept to make a case."""
    with _ledger(as_json) as ledger:
        found = []
        for key in kept_requests(ledger.path):
            request, became = read_request(ledger.path, key), ledger.what_became(key)
            if request is not None:
                outcome = "" if became is None else became.fate or became.outcome
                found.append((key, str(request["action"]), str(request["path"]), outcome))
    if as_json:
        names = ("key", "action", "path", "outcome")
        print_json({"actions": [dict(zip(names, one, strict=True)) for one in found]})
        return
    shown = table("key", "action", "file", "outcome")
    for one in found:
        shown.add_row(*(Text(printable(cell)) for cell in one))
    console().print(shown)


@contextlib.contextmanager
def _ledger(as_json: bool) -> Iterator[Ledger]:
    """The ledger, closed at the end; leaves with a sentence when it cannot be read."""
    ledger, problem = ledger_of(load_for(None))
    if ledger is None:
        refuse("no-ledger", problem or "there is no ledger", as_json=as_json)
    try:
        yield ledger
    except LedgerError as err:
        refuse(err.code, err.words, as_json=as_json)
    finally:
        ledger.close()


@app.command("prove")
def prove(
    cases: Annotated[Path, typer.Argument(help=CASES_HELP)] = Path(STARTER),
    only: OnlyOption = None,
    concurrency: Annotated[int, typer.Option("--concurrency", min=1, max=64, help="Proofs at the same time.")] = 2,
    as_json: JsonOption = False,
) -> None:
    """Let each case's right and wrong replies be judged; no model is asked."""
    found = read_cases(cases)
    if isinstance(found, Rejection):
        refuse(found.code, found.detail, as_json=as_json, exit_code=USAGE)
    chosen = chosen_of(found, only)
    if isinstance(chosen, Rejection):
        refuse(chosen.code, chosen.detail, as_json=as_json, exit_code=USAGE)
    proofs = asyncio.run(_prove_all(chosen, concurrency))
    proved = Proved(
        held=tuple(p for p in proofs if p.not_run is None and p.objection is None),
        failed=tuple(p for p in proofs if p.not_run is None and p.objection is not None),
        not_run=tuple(p for p in proofs if p.not_run is not None),
    )
    if as_json:
        print_json(_proved_json(proved, chosen))
    else:
        _print_proved(proved, chosen)
    if proved.failed or chosen.bad or not proved.held:
        raise typer.Exit(REFUSED)


async def _prove_all(found: CaseSet, concurrency: int) -> list[Proof]:
    # Neither the user's models nor their actions have a part in a proof.
    proofs = {proof.case.id: proof async for proof in prove_cases(DEFAULT_LOADED, found.cases, concurrency)}
    return [proofs[case.id] for case in found.cases]


def _proved_json(proved: Proved, found: CaseSet) -> dict[str, Any]:
    return {
        "cases": len(found.cases),
        "proved": len(proved.held),
        "failed": [{"case": proof.case.id, "message": proof.objection} for proof in proved.failed],
        "notRun": [_not_run_json(proof) for proof in proved.not_run],
        "nReplies": sum(len(proof.right) + len(proof.wrong) for proof in proved.held),
        "badCases": [{"where": bad.where, "words": bad.words} for bad in found.bad],
    }


def _not_run_json(proof: Proof) -> dict[str, str]:
    run = proof.not_run
    return {"case": proof.case.id, "code": run.code if run else "", "message": run.detail if run else ""}


def _print_proved(proved: Proved, found: CaseSet) -> None:
    out = console()
    n_replies = sum(len(proof.right) + len(proof.wrong) for proof in proved.held)
    out.print(f"{len(proved.held)} of {len(found.cases)} cases are proved, by {n_replies} replies")
    for bad in found.bad:
        out.print(printable(f"not a case: {bad.where}: {bad.words}"), markup=False)
    for proof in proved.failed:
        out.print(printable(f"not proved: {proof.case.id}: {proof.objection}"), markup=False)
    for proof in proved.not_run:
        out.print(printable(f"not run: {proof.case.id}: {_not_run_json(proof)['message']}"), markup=False)
