"""Which model solved which question of EDIT-Bench, and the two halves of the questions."""

import csv
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from tierwise.evals.route_cases import default_folder
from tierwise.routing.tiers import Tier
from tierwise.text import Rejection

OUTCOMES_FILE = "editbench_outcomes.csv"
MODELS = {Tier.LOCAL: "qwen3-14b", Tier.BULK: "glm-4.6", Tier.TOP: "claude-sonnet-4"}
"""The columns the tiers are taken from."""


@dataclass(frozen=True, slots=True)
class Question:
    """One edit request: whether the first answer of each tier's model passes all of its tests."""

    id: str
    ease: float
    """The mean share of tests passed over all models; used only to split the questions evenly."""
    is_solved: dict[Tier, bool]


def read_questions(path: Path | None = None) -> tuple[Question, ...] | Rejection:
    """The questions of a file, or of the folder that holds it; None: the default folder."""
    chosen = default_folder() if path is None else path
    file = chosen / OUTCOMES_FILE if chosen.is_dir() else chosen
    try:
        with file.open(encoding="utf-8", newline="") as lines:
            return tuple(_question_of(row) for row in csv.DictReader(lines))
    except OSError as err:
        words = f"the outcomes {str(file)!r} cannot be read ({err.strerror or err}); set TIERWISE_CASES to their folder"
        return Rejection("unreadable", words)
    except (ValueError, KeyError) as err:
        return Rejection("not-outcomes", f"{str(file)!r} lacks a column or a number: {err}")


def _question_of(row: dict[str, str]) -> Question:
    solved = {tier: float(row[model]) == 1.0 for tier, model in MODELS.items()}
    return Question(id=row["question_id"], ease=float(row["mean_pass_full_models"]), is_solved=solved)


def halves(questions: Sequence[Question]) -> tuple[tuple[Question, ...], tuple[Question, ...]]:
    """Two halves that are equally hard for models at large.

    The questions are sorted by ease, and of every four in a row the outer two go to the first half. No outcome of the
    three models in question is looked at more than any other model's. With 270 questions a split by chance would move
    every figure by 3 points.
    """
    ordered = sorted(questions, key=lambda q: (-q.ease, q.id))
    first = tuple(q for i, q in enumerate(ordered) if i % 4 in (0, 3))
    second = tuple(q for i, q in enumerate(ordered) if i % 4 in (1, 2))
    return first, second
