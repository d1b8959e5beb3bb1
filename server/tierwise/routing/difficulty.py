"""How hard a free instruction is: the chances of mechanical, standard and deep work. Pure, without a model.

The words alone are weak evidence; which files they are about and what stands in them carries more. The estimate is a
small linear model whose weights stand in `difficulty_weights`.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from tierwise.actions.base import Difficulty
from tierwise.routing.difficulty_weights import INTERCEPTS, WEIGHTS
from tierwise.routing.file_facts import GivenFile, file_features
from tierwise.routing.instruction_words import GROUPS, LABELS, word_features

LEVELS = (Difficulty.MECHANICAL, Difficulty.STANDARD, Difficulty.DEEP)
UNDER_COST, OVER_COST = 2.0, 1.0
"""What it counts to take work for easier, or for harder, than it is."""
_CLEAR = 0.25
"""By how much the expected cost of the second best guess must be higher for the best one to need no second opinion."""


@dataclass(frozen=True, slots=True)
class Difficulties:
    """The chances of the three levels; they add up to one."""

    mechanical: float
    standard: float
    deep: float

    @classmethod
    def of_features(
        cls,
        features: Mapping[str, float],
        intercepts: Sequence[float] = INTERCEPTS,
        weights: Mapping[str, Sequence[float]] = WEIGHTS,
    ) -> "Difficulties":
        """The estimate from features by name; names without a weight count for nothing."""
        scores = list(intercepts)
        for name, value in features.items():
            for level, weight in enumerate(weights.get(name, ())):
                scores[level] += weight * value
        highest = max(scores)
        parts = [math.exp(score - highest) for score in scores]
        total = sum(parts)
        return cls(*(part / total for part in parts))

    @classmethod
    def certain(cls, level: Difficulty) -> "Difficulties":
        """All the chance on one level."""
        return cls(*(float(one is level) for one in LEVELS))

    def chance(self, level: Difficulty) -> float:
        """The chance of one level."""
        return (self.mechanical, self.standard, self.deep)[LEVELS.index(level)]

    def expected_cost(self, guess: Difficulty) -> float:
        """What it would cost on average to take the work for `guess`."""
        at = LEVELS.index(guess)
        chances = (self.mechanical, self.standard, self.deep)
        return sum(
            chance * (UNDER_COST if at < true else OVER_COST) for true, chance in enumerate(chances) if true != at
        )

    @property
    def level(self) -> Difficulty:
        """The level it is best taken for: to guess too low costs twice as much as to guess too high."""
        return min(LEVELS, key=self.expected_cost)

    @property
    def is_clear(self) -> bool:
        """Whether no other level would be nearly as good a guess."""
        costs = sorted(self.expected_cost(level) for level in LEVELS)
        return _CLEAR <= costs[1] - costs[0]


def features_of(instruction: str, files: Sequence[GivenFile]) -> dict[str, float]:
    """Everything the estimate looks at, by name; zeros are left out."""
    return word_features(instruction) | file_features(instruction, files)


def estimate_difficulties(instruction: str, files: Sequence[GivenFile]) -> Difficulties:
    """The chances of the three levels for an instruction about files."""
    return Difficulties.of_features(features_of(instruction, files))


def _all_features() -> tuple[str, ...]:
    kinds = ("code", "test", "example", "docs", "settings")
    return (
        *(f"first:{name}" for name in GROUPS),
        *(f"label:{name}" for name in LABELS),
        *("labelled", "first_words", "first_short", "first_joined", "first_quotes"),
        *("rest_length", "rest_long", "rest_items", "rest_paragraphs", "names"),
        *("n", "n=1", "n=2", "n>2"),
        *(f"{part}_{kind}" for part in ("n", "only", "any") for kind in kinds),
        *("code>1", "code>2", "one_code_and_tests", "more_code_and_tests", "no_code", "one_code_alone"),
        *("one_test_alone", "one_code_of_many", "size_all", "size_largest", "size_smallest"),
        *("n_tiny", "n_new", "any_new", "new_code", "package_file", "release_file", "made_file", "python"),
        *("folders", "folders>2", "one_suffix", "names_found", "names_missing", "names_often", "words_found"),
        *("file_named", "stem_named"),
    )


FEATURES = _all_features()
"""The features that have a weight."""
