"""`tierwise eval`: models on the same cases, or two such runs against each other."""

import asyncio
import sys
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from pathlib import Path

import typer

from tierwise.cli.eval_comparing import compare_runs
from tierwise.cli.eval_showing import EvalOutcome, print_scores, progress_of, scores_json
from tierwise.cli.opening import load_for
from tierwise.cli.options import (
    BeginOption,
    BudgetOption,
    CasesArgument,
    CompareOption,
    ConcurrencyOption,
    JsonOption,
    JudgeOption,
    ModelsOption,
    OnlyOption,
    PriorsOption,
    RepeatOption,
    RunOption,
)
from tierwise.cli.output import REFUSED, USAGE, print_json, refuse
from tierwise.config import Loaded
from tierwise.config.eval_cases import EvalCase
from tierwise.dispatch.opening import ledger_of
from tierwise.evals.campaign import Ended, Orders, jobs_left, run_campaign
from tierwise.evals.cases import CaseSet, chosen_of, read_cases
from tierwise.evals.costing import Forecast, forecast
from tierwise.evals.entrants import default_entrants, entrant_of, judge_of
from tierwise.evals.measured import measure, write_priors
from tierwise.evals.run_files import Campaign, Plan, plan_of, read_campaign
from tierwise.evals.scoring import Entrant
from tierwise.routing.money import PICO_USD_PER_USD, format_money
from tierwise.text import Rejection


def evaluate(  # noqa: PLR0913 -- each is an option of the command.
    cases: CasesArgument = None,
    models: ModelsOption = None,
    repeat: RepeatOption = 1,
    concurrency: ConcurrencyOption = 1,
    only: OnlyOption = None,
    run: RunOption = None,
    budget: BudgetOption = None,
    judge: JudgeOption = None,
    yes: BeginOption = False,
    priors: PriorsOption = False,
    compare: CompareOption = None,
    as_json: JsonOption = False,
) -> None:
    """Run cases with models and score the answers; the calls are real, and are booked."""
    if compare is not None:
        compare_runs(*compare, as_json=as_json)
        return
    if cases is None:
        refuse("usage", "name the cases, or two runs with --compare", as_json=as_json, exit_code=USAGE)
    found = _chosen(cases, only, as_json)
    loaded = load_for(None)
    entrants = _entrants(loaded, models, as_json)
    judging = _judge(loaded, found.cases, judge, as_json)
    plan = plan_of(found.cases, entrants, repeat, judging)
    file = run or _new_file(loaded, plan)
    wish = Wish(
        concurrency=concurrency, cap=_cap(budget, as_json), is_agreed=yes, writes_priors=priors, as_json=as_json
    )
    _carry_out(loaded, found, plan, judging, file, wish)


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """How the user wants a campaign to be run."""

    concurrency: int
    cap: int | None
    """Pico-USD; None: no bound but those of the configuration."""
    is_agreed: bool
    writes_priors: bool
    as_json: bool


def _carry_out(loaded: Loaded, found: CaseSet, plan: Plan, judging: Entrant | None, file: Path, wish: Wish) -> None:
    as_json = wish.as_json
    done = _earlier(file, plan, as_json)
    ledger, problem = ledger_of(loaded)
    if ledger is None:
        refuse("no-ledger", problem or "there is no ledger", as_json=as_json)
    try:
        coming = asyncio.run(_forecast(loaded, found.cases, plan, judging, done))
        _agree(coming, plan, wish)
        orders = Orders(
            loaded=loaded,
            ledger=ledger,
            cases=found.cases,
            plan=plan,
            judge=judging,
            done=done,
            concurrency=wish.concurrency,
            cap_pico_usd=wish.cap,
            forecast=coming,
            file=file,
        )
        ended = _run(orders, as_json)
    finally:
        ledger.close()
    written = None
    if wish.writes_priors:
        written = write_priors(loaded.ledger_path, measure(ended.campaign, found.cases))
    outcome = EvalOutcome(found=found, ended=ended, file=file, forecast=coming, priors=written)
    if as_json:
        print_json(scores_json(outcome))
    else:
        print_scores(outcome)
    if not any(one.stage is not None for one in ended.campaign.latest.values()):
        raise typer.Exit(REFUSED)


def _run(orders: Orders, as_json: bool) -> Ended:
    n_left = len(jobs_left(orders.cases, orders.plan, orders.done))
    try:
        with progress_of(n_left, orders.done, is_shown=not as_json and sys.stderr.isatty()) as tell:
            return asyncio.run(run_campaign(orders, tell))
    except OSError as err:
        words = f"the results cannot be written to {str(orders.file)!r}: {err.strerror}"
        refuse("not-written", words, as_json=as_json)
    except KeyboardInterrupt:
        words = f"stopped; the same command with --run {str(orders.file)!r} goes on from here"
        refuse("interrupted", words, as_json=as_json, run=str(orders.file))


async def _forecast(
    loaded: Loaded, cases: tuple[EvalCase, ...], plan: Plan, judging: Entrant | None, done: Campaign | None
) -> Forecast:
    left = jobs_left(cases, plan, done)
    counts = [
        (entrant, [sum(job.case is case and job.entrant == entrant for job in left) for case in cases])
        for entrant in plan.entrants
    ]
    return await forecast(loaded, cases, counts, judging)


def _agree(coming: Forecast, plan: Plan, wish: Wish) -> None:
    """Say what it may cost and ask, unless it costs nothing, nobody real is asked, or the user agreed beforehand."""
    is_real = not all(entrant.is_scripted for entrant in plan.entrants)
    words = preview_words(coming, wish.cap)
    if not wish.as_json:
        typer.echo(words, err=True)
    if wish.is_agreed or coming.is_free or not is_real:
        return
    if not sys.stdin.isatty():
        refuse("not-agreed", f"{words}; add --yes to begin", as_json=wish.as_json)
    if not typer.confirm("Begin?", err=True):
        refuse("not-agreed", "nothing was begun", as_json=wish.as_json)


def preview_words(coming: Forecast, cap: int | None) -> str:
    """The cost of what is to come, in a sentence."""
    unknown = f" and {coming.n_unknown} runs of unknown price" if coming.n_unknown else ""
    bound = "" if cap is None else f", and it stops at {format_money(cap)}"
    tokens = f"{coming.input_tokens:,} tokens in and {coming.output_tokens:,} out"
    return (
        f"{coming.n_runs} runs with about {tokens}: about {format_money(coming.expected_pico_usd)},"
        f" at most {format_money(coming.most_pico_usd)}{unknown}{bound}"
    )


def _chosen(place: Path, only: list[str] | None, as_json: bool) -> CaseSet:
    found = read_cases(place)
    if isinstance(found, Rejection):
        refuse(found.code, found.detail, as_json=as_json, exit_code=USAGE)
    chosen = chosen_of(found, only)
    if isinstance(chosen, Rejection):
        refuse(chosen.code, chosen.detail, as_json=as_json, exit_code=USAGE)
    return chosen


def _entrants(loaded: Loaded, models: str | None, as_json: bool) -> tuple[Entrant, ...]:
    if models is None:
        found = asyncio.run(default_entrants(loaded))
        if not found:
            refuse("no-model", "no model can be asked; `tierwise doctor` says what would mend it", as_json=as_json)
        return found
    entrants = []
    for ref in dict.fromkeys(part.strip() for part in models.split(",")):
        entrant = entrant_of(loaded.config, ref)
        if isinstance(entrant, Rejection):
            refuse(entrant.code, entrant.detail, as_json=as_json, exit_code=USAGE)
        entrants.append(entrant)
    return tuple(entrants)


def _judge(loaded: Loaded, cases: tuple[EvalCase, ...], ref: str | None, as_json: bool) -> Entrant | None:
    """Who judges, where any case wants it."""
    if not any("judge" in case.scored_by for case in cases):
        return None
    judge = judge_of(loaded.config, ref)
    if isinstance(judge, Rejection):
        refuse(judge.code, judge.detail, as_json=as_json, exit_code=USAGE)
    return judge


def _earlier(file: Path, plan: Plan, as_json: bool) -> Campaign | None:
    if not file.exists() or not file.stat().st_size:
        return None
    done = read_campaign(file)
    if isinstance(done, Rejection):
        refuse(done.code, done.detail, as_json=as_json, exit_code=USAGE)
    if done.plan != plan:
        words = f"{str(file)!r} holds results of other cases, models or repetitions; name another file with --run"
        refuse("other-run", words, as_json=as_json, exit_code=USAGE)
    return done


def _new_file(loaded: Loaded, plan: Plan) -> Path:
    stamp = datetime.now(UTC).strftime("%Y%m%dT%H%M%S.%fZ")
    return loaded.ledger_path.parent / "evals" / f"{stamp}-{plan.cases[:8]}.jsonl"


def _cap(budget: str | None, as_json: bool) -> int | None:
    if budget is None:
        return None
    try:
        usd = Decimal(budget)
    except InvalidOperation:
        usd = Decimal(-1)
    if not 0 <= usd <= 10**6:
        words = f"--budget takes US dollars from 0 to a million, like 2.50, not {budget!r}"
        refuse("usage", words, as_json=as_json, exit_code=USAGE)
    return int(usd * PICO_USD_PER_USD)
