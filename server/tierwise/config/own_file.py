"""Settings that only the user's own file may make: addresses that something is sent to unasked."""

from collections.abc import Iterable

from tierwise.config.keypaths import MISSING, KeyPath, dotted, lookup, remove
from tierwise.config.layers import Layer, SourceKind
from tierwise.config.problems import Problem

OWN_FILE_ONLY: tuple[KeyPath, ...] = (("tripwire", "webhook"), ("ledger", "team"), ("cache", "team"), ("telemetry",))
"""Keys and tables that neither an editor nor the environment may set, since both can pass on what a project says."""
_HERE = (SourceKind.DEFAULT, SourceKind.USER)


def drop_foreign(layers: Iterable[Layer]) -> list[Problem]:
    """Take such keys out of all other layers, with a problem for each."""
    problems: list[Problem] = []
    for layer in layers:
        if layer.source.kind in _HERE:
            continue
        for path in OWN_FILE_ONLY:
            if lookup(layer.tree, path) is not MISSING:
                words = f"{dotted(path)!r} can be set in your own settings file only; the {layer.source} may not"
                problems.append(layer.problem("own-file-only", path, words))
                remove(layer.tree, path)
    return problems
