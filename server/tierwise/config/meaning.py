"""What a schema cannot say: references that lead nowhere, half-defined actions, kinds that clash."""
# ruff: noqa: PLC0415 - the catalogue pulls in parsers, which a configuration without actions does not need.

from collections.abc import Iterator
from dataclasses import dataclass

from tierwise.config.keypaths import KeyPath, did_you_mean, dotted
from tierwise.config.root import Config
from tierwise.config.scopes import DEFINITION_KEYS
from tierwise.config.sections import MODEL_TIER_NAMES, ActionOptions, leaf_of, split_ref
from tierwise.config.similarity_options import is_bundled


@dataclass(frozen=True, slots=True)
class Contradiction:
    """A value that is well formed and cannot apply."""

    path: KeyPath
    code: str
    words: str


def find_contradictions(config: Config, unusable: frozenset[str] = frozenset()) -> tuple[Contradiction, ...]:
    """All of them, in the order of the configuration; `unusable` are backends that are written, but not rightly."""
    return (*_dangling_refs(config, unusable), *_bad_actions(config))


def _dangling_refs(config: Config, unusable: frozenset[str]) -> Iterator[Contradiction]:
    refs: list[tuple[KeyPath, str | None]] = [
        (("tiers", tier, "models", index), ref)
        for tier in MODEL_TIER_NAMES
        for index, ref in enumerate(getattr(config.tiers, tier).models)
    ]
    refs += [(("roles", "economy"), config.roles.economy), (("roles", "judge"), config.roles.judge)]
    refs += [(("tripwire", "judge"), config.tripwire.judge)]
    similarity = config.cache.similarity.model
    if similarity is not None and not is_bundled(similarity):
        refs += [(("cache", "similarity", "model"), similarity)]
    refs += [(("models", ref), ref) for ref in config.models]
    for path, ref in refs:
        if ref is None or config.backend_of(ref) is not None:
            continue
        name = split_ref(ref)[0]
        if name in unusable:
            why = f"which is not usable until [backends.{name}] is mended"
        else:
            hint = did_you_mean(name, config.backends) or f"; add [backends.{name}] or take the entry out"
            why = f"which is not configured{hint}"
        words = f"{dotted(path)} names the backend {name!r}, {why}"
        yield Contradiction(path, "unknown-backend", words)


def _bad_actions(config: Config) -> Iterator[Contradiction]:
    if not config.actions:
        return
    from tierwise.actions import BUILT_IN_IDS

    leaf_owners = {leaf_of(built_in): built_in for built_in in sorted(BUILT_IN_IDS)}
    for action_id, options in config.actions.items():
        path: KeyPath = ("actions", action_id)
        defined = [name for name in DEFINITION_KEYS if getattr(options, name) is not None]
        if action_id in BUILT_IN_IDS:
            for name in defined:
                words = f"{action_id!r} is a built-in action, which has its own {name}; give your action another id"
                yield Contradiction((*path, name), "built-in-action", words)
            continue
        owner = leaf_owners.setdefault(leaf_of(action_id), action_id)
        if owner != action_id:
            words = f"the action {action_id!r} would have the same kind as {owner!r}; give it another id"
            yield Contradiction(path, "action-collides", words)
        elif lacking := _lacking(options):
            words = _words_on_lacking(action_id, lacking, BUILT_IN_IDS)
            yield Contradiction(path, "action-unknown" if len(lacking) == 2 else "action-incomplete", words)


def _lacking(options: ActionOptions) -> list[str]:
    return [name for name in ("title", "instructions") if getattr(options, name) is None]


def _words_on_lacking(action_id: str, lacking: list[str], known: frozenset[str]) -> str:
    if len(lacking) == 2:
        hint = did_you_mean(action_id, known) or "; an action of your own needs a title and instructions"
        return f"there is no built-in action {action_id!r}{hint}"
    return f"the action {action_id!r} needs {lacking[0]}"
