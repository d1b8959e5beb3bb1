"""What is believed of models before this machine's ledger knows better. Figures with their sources; nothing is fitted.

Three chances of a right first answer for each model, by how hard the work is:

- mechanical: EDIT-Bench, the share solved of the third of its 540 questions that most models solve;
- standard: EDIT-Bench, the share of all its questions solved (edit requests gathered from users of an editor);
- deep: Aider's polyglot leaderboard, the share passed within two tries (225 exercises over several steps).

EDIT-Bench: question counts as solved when all of its tests pass; 44 models, single answers. Aider: the best published
run of the model. They were measured on other work than ours, so they are worth only a few observations.
"""

import functools
from collections.abc import Mapping
from dataclasses import dataclass

from tierwise.actions.base import Difficulty
from tierwise.routing.tiers import Tier


@dataclass(frozen=True, slots=True)
class Skill:
    """The chance of a right first answer by difficulty; None where nobody published one."""

    mechanical: float
    standard: float
    deep: float | None = None

    def at(self, level: Difficulty) -> float | None:
        """The chance at one level."""
        match level:
            case Difficulty.MECHANICAL:
                return self.mechanical
            case Difficulty.STANDARD:
                return self.standard
            case Difficulty.DEEP:
                return self.deep


TIER_SKILLS = {
    Tier.LOCAL: Skill(0.716, 0.348, 0.090),
    Tier.BULK: Skill(0.907, 0.553, 0.610),
    Tier.TOP: Skill(0.937, 0.592, 0.787),
}
"""For models nobody measured, means of four.

EDIT-Bench: llama-3.1-8b, gemma-3n-e4b, gemma-3-12b, qwen3-14b (local); glm-4.6, kimi-k2, deepseek-v3.1, qwen3-coder
(bulk); claude-sonnet-4, -4.5, -3.7, gpt-5-high (top). Polyglot: gpt-4o-mini, gemma-3-27b, codestral, qwen2.5-coder-32b
(local); kimi-k2, deepseek-v3.2, deepseek-v3, qwen3-235b (bulk); gpt-5 medium, claude-opus-4, gemini-2.5-pro, o3
(top)."""

MODEL_SKILLS = (
    ("claude-opus", Skill(0.944, 0.648, 0.720)),
    ("claude-sonnet-4-5", Skill(0.950, 0.598, 0.613)),
    ("claude-sonnet-4.5", Skill(0.950, 0.598, 0.613)),
    ("claude-sonnet", Skill(0.944, 0.648, 0.613)),
    ("gpt-5-mini", Skill(0.933, 0.541)),
    ("gpt-5-nano", Skill(0.856, 0.457)),
    ("gpt-5", Skill(0.911, 0.528, 0.867)),
    ("gpt-4o-mini", Skill(0.844, 0.478, 0.036)),
    ("gpt-4o", Skill(0.883, 0.533, 0.231)),
    ("gemini-2.5-pro", Skill(0.839, 0.513, 0.791)),
    ("gemini-2.5-flash", Skill(0.973, 0.519, 0.551)),
    ("glm-5", Skill(0.939, 0.565)),
    ("glm-4.6", Skill(0.939, 0.565)),
    ("kimi-k2", Skill(0.922, 0.565, 0.591)),
    ("deepseek-v3", Skill(0.894, 0.543, 0.702)),
    ("deepseek-chat", Skill(0.894, 0.543, 0.702)),
    ("qwen3-coder", Skill(0.872, 0.539)),
    ("qwen3-14b", Skill(0.906, 0.459)),
    ("qwen3:14b", Skill(0.906, 0.459)),
    ("qwen2.5-coder:32b", Skill(0.772, 0.400, 0.164)),
    ("qwen2.5-coder-32b", Skill(0.772, 0.400, 0.164)),
    ("gpt-oss-120b", Skill(0.683, 0.413, 0.418)),
    ("gpt-oss:120b", Skill(0.683, 0.413, 0.418)),
    ("llama-3.1-8b", Skill(0.667, 0.341)),
    ("llama3.1:8b", Skill(0.667, 0.341)),
    ("gemma-3-27b", Skill(0.728, 0.370, 0.049)),
    ("gemma3:27b", Skill(0.728, 0.370, 0.049)),
)
"""By a piece of the model's name, the first that fits. Claude Opus has no EDIT-Bench run and is given Sonnet 4's;
GLM-5.1 is given GLM-4.6's."""


@functools.lru_cache(maxsize=256)
def prior_chance(model: str, tier: Tier, level: Difficulty) -> float:
    """The chance of a right first answer of a model, of its tier where nobody measured the model."""
    name = model.lower()
    for piece, skill in MODEL_SKILLS:
        if piece in name:
            known = skill.at(level)
            if known is not None:
                return known
            break
    return TIER_SKILLS[tier].at(level) or 0.5


PriorCounts = Mapping[tuple[str, Difficulty], tuple[float, float]]
"""By `backend/model` and difficulty: golden cases passed, and how many there were."""
PUBLISHED_WEIGHT = 12.0
"""How many golden cases the published figures are worth."""


def measured_chance(published: float, counts: PriorCounts, ref: str, level: Difficulty) -> float:
    """The chance after a model was measured on golden cases: the published one counts as some cases among them."""
    n_passed, n = counts.get((ref, level), (0.0, 0.0))
    return (PUBLISHED_WEIGHT * published + n_passed) / (PUBLISHED_WEIGHT + n)


@dataclass(frozen=True, slots=True)
class Pace:
    """How long answers take."""

    first_token_s: float
    tokens_per_s: float

    def seconds(self, output_tokens: int) -> float:
        """From the call to its end."""
        return self.first_token_s + output_tokens / self.tokens_per_s


TIER_PACES = {Tier.LOCAL: Pace(0.5, 35.0), Tier.BULK: Pace(2.0, 60.0), Tier.TOP: Pace(2.0, 60.0)}
"""Assumed until the ledger has timed a model: a 7B model on a small GPU, and ordinary hosted ones."""
