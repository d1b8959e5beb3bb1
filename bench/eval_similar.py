"""`python -m bench.eval_similar [--json]`, also `make eval-similar`: opposite and equal instructions, told apart.

Pairs of instructions about the same code: opposites, of which neither may be answered with an answer to the other, and
paraphrases, of which one may. Printed is what is served by the likeness of their vectors alone (bundled weights), by
their words alone, and by both as the reply cache does it. The threshold is chosen from the tuning half: the highest
that still serves 95 % of the paraphrases there whose words are alike.
"""

import argparse
import json
import math
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

from instructions.pairs import Pair, held_out_half, tuning_half, written_last
from tierwise.backends.base import BackendError
from tierwise.backends.embedding import BundledEmbedder
from tierwise.backends.vectors import likeness
from tierwise.config.similarity_options import SimilarityOptions
from tierwise.evals.intervals import wilson
from tierwise.routing.wording import differing

SETS = {"tuning half": tuning_half, "held-out half": held_out_half, "written last": written_last}
THRESHOLDS = (0.86, 0.88, 0.9, 0.92, 0.94, 0.96, 0.98)
KEPT = 0.95


class Likeness:
    """How near two instructions lie, each read once."""

    def __init__(self) -> None:
        self._embedder = BundledEmbedder()
        self._known: dict[str, tuple[float, ...]] = {}

    def of(self, pair: Pair) -> float:
        """The cosine."""
        for text in pair:
            if text not in self._known:
                self._known[text] = self._embedder.embed_now([text]).vectors[0]
        return likeness(self._known[pair[0]], self._known[pair[1]])


def chosen_threshold(near: Likeness) -> float:
    """The highest threshold, in steps of 0.01, that keeps most paraphrases of the tuning half."""
    scores = sorted(near.of(pair) for pair in tuning_half()[1] if differing(*pair) is None)
    return math.floor(scores[int((1 - KEPT) * len(scores))] * 100) / 100


def measured(
    near: Likeness, opposites: Sequence[Pair], paraphrases: Sequence[Pair], threshold: float
) -> dict[str, Any]:
    """What is served of both kinds, each way."""
    ways = {
        "vectors": lambda pair: threshold <= near.of(pair),
        "words": lambda pair: differing(*pair) is None,
        "both": lambda pair: differing(*pair) is None and threshold <= near.of(pair),
    }
    found: dict[str, Any] = {"n_opposites": len(opposites), "n_paraphrases": len(paraphrases)}
    for name, is_served in ways.items():
        n_wrong, n_right = sum(map(is_served, opposites)), sum(map(is_served, paraphrases))
        found[name] = {
            "opposites_served": n_wrong,
            "paraphrases_served": n_right,
            "precision": n_right / (n_right + n_wrong) if n_right + n_wrong else None,
            "recall": n_right / len(paraphrases),
        }
    return found


def shown(results: dict[str, Any]) -> str:
    """The table for people."""
    lines = [
        f"threshold from the tuning half: {results['chosen']:.2f}; configured unless set: {results['configured']:g}",
        "",
        f"{'':15}{'threshold':>10}{'opposites served':>30}{'paraphrases served':>30}",
        f"{'':25}{'vectors':>10}{'words':>10}{'both':>10}{'vectors':>10}{'words':>10}{'both':>10}",
    ]
    for name, by_threshold in results["sets"].items():
        for threshold, found in by_threshold.items():
            wrong = [
                f"{found[way]['opposites_served']:>3}/{found['n_opposites']}" for way in ("vectors", "words", "both")
            ]
            right = [
                f"{found[way]['paraphrases_served']:>3}/{found['n_paraphrases']}"
                for way in ("vectors", "words", "both")
            ]
            lines.append(f"{name:15}{threshold:>10}" + "".join(f"{cell:>10}" for cell in wrong + right))
    n = results["unseen_opposites"]
    true_share = wilson(0, n)
    lines += [
        "",
        f"by both, {results['unseen_wrong']} of {n} opposites that nothing was fitted to are served; with none, the"
        f" true share lies in {true_share.low:.1%} to {true_share.high:.1%} (95 %)",
        "all pairs were written for this purpose by whoever wrote the comparison; users' own words may differ more",
    ]
    return "\n".join(lines)


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure and print; exit 1 when an opposite is served or hardly any paraphrase is."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args(arguments)
    try:
        near = Likeness()
    except BackendError as err:
        print(err.words, file=sys.stderr)
        return 2
    configured = SimilarityOptions().threshold
    sets = {
        name: {f"{threshold:.2f}": measured(near, *pairs(), threshold) for threshold in THRESHOLDS}
        for name, pairs in SETS.items()
    }
    unseen = [sets[name][f"{configured:.2f}"] for name in ("held-out half", "written last")]
    n_wrong = sum(found["both"]["opposites_served"] for found in unseen)
    results = {
        "chosen": chosen_threshold(near),
        "configured": configured,
        "sets": sets,
        "unseen_opposites": sum(found["n_opposites"] for found in unseen),
        "unseen_wrong": n_wrong,
    }
    print(json.dumps(results, indent=1) if options.json else shown(results))
    is_useful = all(0.6 <= found["both"]["recall"] for found in unseen)
    is_safe = not any(found["both"]["opposites_served"] for by in sets.values() for found in by.values())
    return 0 if is_safe and is_useful else 1


if __name__ == "__main__":
    sys.exit(main())
