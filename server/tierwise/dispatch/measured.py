"""How models did on golden sets, in a file beside the ledger: `tierwise eval --write-priors` writes it."""

import json
import logging
import os
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

from tierwise.actions import Difficulty
from tierwise.routing.priors import PriorCounts

_LOG = logging.getLogger(__name__)
_KIND, _VERSION = "tierwise-priors", 1


class Measured(NamedTuple):
    """Cases of one difficulty with one model."""

    n_passed: float
    n: int


def priors_file(ledger: Path) -> Path:
    """Where the figures lie that belong to a ledger."""
    return ledger.with_name("priors.json")


def read_measured(path: Path) -> dict[str, dict[str, Measured]]:
    """The figures by model and difficulty; empty where there is no such file, or none that can be read."""
    try:
        document = json.loads(path.read_text("utf-8"))
        if document["kind"] != _KIND or document["version"] != _VERSION:
            return {}
        return {
            str(model): {str(Difficulty(level)): _counts(counts) for level, counts in levels.items()}
            for model, levels in document["models"].items()
        }
    except FileNotFoundError:
        return {}
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError) as err:
        _LOG.warning("the measured priors %r are not used: %s", str(path), err)
        return {}


def save_measured(path: Path, found: Mapping[str, Mapping[str, Measured]]) -> None:
    """Replace the file in one step. Raises OSError."""
    models = {
        model: {level: {"passed": round(one.n_passed, 4), "cases": one.n} for level, one in levels.items()}
        for model, levels in sorted(found.items())
    }
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f"{path.name}.{os.getpid()}.new")
    try:
        draft.write_text(json.dumps({"kind": _KIND, "version": _VERSION, "models": models}, indent=1) + "\n", "utf-8")
        draft.replace(path)
    finally:
        draft.unlink(missing_ok=True)


def prior_counts(ledger: Path) -> PriorCounts:
    """The same as the policy takes them."""
    return {
        (model, Difficulty(level)): (one.n_passed, float(one.n))
        for model, levels in read_measured(priors_file(ledger)).items()
        for level, one in levels.items()
    }


def _counts(counts: Mapping[str, float]) -> Measured:
    passed, n = float(counts["passed"]), int(counts["cases"])
    if not 0 <= passed <= n:
        raise ValueError(f"{passed:g} of {n} cases cannot have passed")
    return Measured(passed, n)
