"""`tierwise tripwire`: whether cheap models still agree with the judge as often as they did."""

from typing import Annotated, Any, Optional

import typer
from rich.table import Table
from rich.text import Text

from tierwise.cli.opening import load_for
from tierwise.cli.options import JsonOption
from tierwise.cli.output import DONE, REFUSED, USAGE, console, print_json, refuse
from tierwise.config import Config
from tierwise.dispatch.opening import ledger_of
from tierwise.dispatch.tripwire_telling import state_name, tripwire_json, words_of_cell
from tierwise.routing.money import format_money
from tierwise.routing.tripwire import FALSE_ALARMS, LEARNT, CellState, TripwireCell
from tierwise.store.errors import LedgerError
from tierwise.store.tripwire import TripwireTable


def tripwire(
    what: Annotated[str, typer.Argument(help="'status', or 'reset' to begin anew.")] = "status",
    cell: Annotated[
        Optional[str],  # noqa: UP045
        typer.Argument(help="With 'reset': one cell as 'status' names it, ACTION:LANGUAGE:MODEL. Without it all."),
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Whether cheap models are still as good as they were; exit code 1 while any is raised a tier."""
    known = None if cell is None else TripwireCell.parse(cell)
    if what not in ("status", "reset") or (cell is not None and (what == "status" or known is None)):
        words = f"there is nothing like {f'{what} {cell or str()}'.strip()!r} to do; write 'tierwise tripwire status'"
        refuse("usage", words, as_json=as_json, exit_code=USAGE)
    loaded = load_for(None)
    ledger, problem = ledger_of(loaded)
    if ledger is None:
        refuse("no-ledger", problem or "there is no ledger", as_json=as_json)
    try:
        if what == "reset":
            _reset(ledger.tripwire, known, as_json=as_json)
            return
        cells, spent = ledger.tripwire.cells(), ledger.tripwire.spent_today()
        models = ledger.tripwire.models()
    except LedgerError as err:
        refuse("no-ledger", str(err), as_json=as_json)
    finally:
        ledger.close()
    found = tripwire_json(loaded.config, cells, spent, models)
    if as_json:
        print_json(found)
    else:
        _show(loaded.config, cells, spent)
        _show_models([model for model in found["models"] if 1 < model["cells"]])
    raise typer.Exit(REFUSED if found["state"] == "alert" else DONE)


def _reset(table: TripwireTable, cell: TripwireCell | None, *, as_json: bool) -> None:
    n_forgotten = table.forget(cell)
    if cell is not None and not n_forgotten:
        refuse("no-cell", f"nothing is known of {str(cell)!r}; 'tierwise tripwire status' lists them", as_json=as_json)
    if as_json:
        print_json({"forgotten": n_forgotten})
    else:
        console().print(f"{n_forgotten} cells begin anew", markup=False)


def _show(config: Config, cells: dict[TripwireCell, CellState], spent: int) -> None:
    out, judge = console(), config.tripwire.judge
    if judge is None:
        out.print("the tripwire is off; name a judge with `[tripwire] judge` to switch it on", markup=False)
        return
    day = format_money(int(config.tripwire.day_usd * 10**12))
    out.print(f"judge {judge}, {format_money(spent)} of {day} spent today", markup=False)
    own = {cell: state for cell, state in sorted(cells.items()) if state.judge == judge}
    if not own:
        out.print("no edit of a cheap model has been seen yet", markup=False)
        return
    table = Table(box=None, pad_edge=False)
    for name in ("cell", "state"):
        table.add_column(name)
    for name in ("usually apart", "lately", "compared", "unjudged", "edits"):
        table.add_column(name, justify="right")
    for cell, state in own.items():
        late = _rate(state.late_rate, state.n_lately)
        figures = (_rate(state.usual_rate, state.n_usual), late, state.n_compared, state.n_unjudged, state.n_seen)
        table.add_row(*(Text(str(value)) for value in (cell, state_name(state), *figures)))
    out.print(table)
    for cell, state in own.items():
        if state.is_raised:
            out.print(words_of_cell(cell, state), markup=False)
    words = (
        f"a cell learns from its first {LEARNT} samples; then at most {FALSE_ALARMS:.0%} of cells are raised in 1,000"
    )
    out.print(f"{words} samples without a change", markup=False)


def _show_models(models: list[dict[str, Any]]) -> None:
    """What is watched over several cells at once, for those models that have several."""
    for model in models:
        known = f"{model['usualSamples']} samples learnt from"
        is_learning = model["usualSamples"] < LEARNT
        state = f"learning, {known}" if is_learning else f"watched as a whole, {known}"
        console().print(f"{model['model']} over {model['cells']} cells: {state}", markup=False)


def _rate(rate: float | None, n: int) -> str:
    return "–" if rate is None else f"{rate:.0%} of {n}"
