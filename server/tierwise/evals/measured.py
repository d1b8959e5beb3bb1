"""What golden sets say of models, as a file the router reads."""

from collections.abc import Sequence
from pathlib import Path

from tierwise.actions import CATALOGUE
from tierwise.config.eval_cases import EvalCase
from tierwise.dispatch.measured import Measured, priors_file, read_measured, save_measured
from tierwise.evals.run_files import Campaign

_LEVELS = {action.id: action.difficulty for action in CATALOGUE}


def measure(campaign: Campaign, cases: Sequence[EvalCase]) -> dict[str, dict[str, Measured]]:
    """How many cases each model passed, by how hard they are by nature; repetitions of a case count as one."""
    levels = {case.id: _LEVELS.get(case.action) for case in cases}
    shares: dict[tuple[str, str, str], list[bool]] = {}
    for run in campaign.latest.values():
        level = levels.get(run.case)
        if level is not None and run.is_passed is not None and run.stage is not None:
            shares.setdefault((run.model, str(level), run.case), []).append(run.is_passed)
    found: dict[str, dict[str, Measured]] = {}
    for (model, name, _), outcomes in shares.items():
        of_model = found.setdefault(model, {})
        old = of_model.get(name, Measured(0.0, 0))
        of_model[name] = Measured(old.n_passed + sum(outcomes) / len(outcomes), old.n + 1)
    return found


def write_priors(ledger: Path, found: dict[str, dict[str, Measured]]) -> Path:
    """Put these models' figures in the place of older ones; returns the file. Raises OSError."""
    path = priors_file(ledger)
    save_measured(path, {**read_measured(path), **found})
    return path
