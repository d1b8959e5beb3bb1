"""The catalogue as a configuration has it: built-in actions changed or left out, and the user's own."""

from dataclasses import replace

from tierwise.actions import BUILT_IN_IDS, CATALOGUE, Action, CustomAction, custom_action
from tierwise.config import Config


def catalogue_of(config: Config) -> tuple[Action, ...]:
    """The built-in actions in menu order, then the user's in the order of the configuration."""
    actions: list[Action] = []
    for action in CATALOGUE:
        options = config.actions.get(action.id)
        if options is None:
            actions.append(action)
        elif options.enabled:
            languages = frozenset(options.languages) or action.languages
            actions.append(replace(action, tier=options.tier, languages=languages))
    for action_id, options in config.actions.items():
        if action_id not in BUILT_IN_IDS and options.enabled and options.title and options.instructions:
            own = CustomAction(
                id=action_id,
                title=options.title,
                instructions=options.instructions,
                kind=options.kind or "refactor.rewrite",
                tier=options.tier,
                scope=options.scope or "symbol",
                languages=options.languages,
            )
            actions.append(custom_action(own))
    return tuple(actions)
