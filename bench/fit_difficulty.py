"""`python -m bench.fit_difficulty`: fit the weights of `tierwise.routing.difficulty_weights` to real commits.

Cases come from TIERWISE_CASES, as for `make eval-route`. The strength of the penalty is chosen by leaving each
repository out in turn. Needs scikit-learn, which is in the dependency group `peers` and never needed at run time.
"""

import functools
import sys
import warnings
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from tierwise.evals.route_cases import RouteCase, read_route_cases
from tierwise.evals.route_score import weighted_error
from tierwise.routing.difficulty import FEATURES, LEVELS, Difficulties, features_of
from tierwise.text import Rejection

FITTED_TO = Path(__file__).parent / "difficulty_cases.txt"
"""The ids of the commits the shipped weights were fitted to, one a line."""
TARGET = Path(__file__).parent.parent / "server" / "tierwise" / "routing" / "difficulty_weights.py"
STRENGTHS = (0.01, 0.02, 0.05, 0.1, 0.2)
"""Of the inverse penalty, strongest penalty first."""
NEARLY = 0.02
Weights = dict[str, tuple[float, ...]]


@functools.cache
def features_in(case: RouteCase) -> dict[str, float]:
    """The features of a case, computed once."""
    return features_of(case.instruction, case.files)


def matrix(cases: Sequence[RouteCase]) -> tuple[Any, Any]:
    """Features and classes as arrays."""
    import numpy as np

    x = np.array([[features_in(case).get(name, 0.0) for name in FEATURES] for case in cases])
    return x, np.array([LEVELS.index(case.truth) for case in cases])


def fit(cases: Sequence[RouteCase], strength: float) -> tuple[tuple[float, ...], Weights]:
    """Intercepts and weights on plain features, of a logistic regression on standardized ones."""
    from sklearn.linear_model import LogisticRegression
    from sklearn.preprocessing import StandardScaler

    x, y = matrix(cases)
    scaler = StandardScaler().fit(x)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        model = LogisticRegression(C=strength, max_iter=5000).fit(scaler.transform(x), y)
    weights = model.coef_ / scaler.scale_
    intercepts = model.intercept_ - weights @ scaler.mean_
    by_name = {name: tuple(float(w) for w in weights[:, i]) for i, name in enumerate(FEATURES)}
    return tuple(float(b) for b in intercepts), by_name


def left_out(cases: Sequence[RouteCase], strength: float) -> dict[str, Difficulties]:
    """The prediction for each case by weights that never saw its repository."""
    found = {}
    for repository in sorted({case.repository for case in cases}):
        intercepts, weights = fit([case for case in cases if case.repository != repository], strength)
        for case in cases:
            if case.repository == repository:
                found[case.id] = Difficulties.of_features(features_in(case), intercepts, weights)
    return found


def best_strength(cases: Sequence[RouteCase]) -> float:
    """The strongest penalty whose weighted error, each repository left out in turn, is nearly the least there is."""

    def error(strength: float) -> float:
        found = left_out(cases, strength)
        return weighted_error([(case.truth, found[case.id].level) for case in cases])

    errors = {strength: error(strength) for strength in STRENGTHS}
    return min(strength for strength in STRENGTHS if errors[strength] <= min(errors.values()) + NEARLY)


def nested(cases: Sequence[RouteCase]) -> dict[str, Difficulties]:
    """As `left_out`, with the strength chosen anew without the repository that is left out."""
    found = {}
    for repository in sorted({case.repository for case in cases}):
        others = [case for case in cases if case.repository != repository]
        intercepts, weights = fit(others, best_strength(others))
        for case in cases:
            if case.repository == repository:
                found[case.id] = Difficulties.of_features(features_in(case), intercepts, weights)
    return found


def write(cases: Sequence[RouteCase], strength: float, error: float) -> None:
    """Write the weights as a module."""
    intercepts, weights = fit(cases, strength)
    repositories = ", ".join(sorted({case.repository for case in cases}))
    lines = [
        '"""Weights of the difficulty estimate. Written by `python -m bench.fit_difficulty`; not to be edited by hand.',
        "",
        f"A multinomial logistic regression (scikit-learn, C = {strength:g}) on {len(cases)} real commits, whose class",
        "was computed from their diff. The repositories:",
        f"{repositories}.",
        f"Weighted error, each repository left out in turn: {error:.3f}.",
        '"""',
        "",
        f"INTERCEPTS = ({', '.join(f'{b:.4f}' for b in intercepts)})",
        '"""Log-odds of mechanical, standard and deep work before anything is known."""',
        "WEIGHTS = {",
    ]
    for name in FEATURES:
        lines.append(f'    "{name}": ({", ".join(f"{w:.4f}" for w in weights[name])}),')
    lines += ["}", '"""By feature, what it adds to each of them."""', ""]
    TARGET.write_text("\n".join(lines), "utf-8")
    FITTED_TO.write_text("".join(f"{case.id}\n" for case in cases), "utf-8")


def main() -> int:
    """Choose, fit, write."""
    cases = read_route_cases(None if len(sys.argv) < 2 else Path(sys.argv[1]))
    if isinstance(cases, Rejection):
        print(cases.detail)
        return 2
    strength = best_strength(cases)
    found = left_out(cases, strength)
    error = weighted_error([(case.truth, found[case.id].level) for case in cases])
    write(cases, strength, error)
    print(f"C = {strength:g}, weighted error with each repository left out {error:.3f}, written to {TARGET}")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
