"""Actions that users define in their configuration."""

from dataclasses import dataclass
from typing import Literal

from tierwise.actions.base import COMMON_CHECKS, Action, Difficulty, Scope, Site, Target
from tierwise.actions.targets import callable_here, selected_lines, selection_or_symbol, whole_file
from tierwise.checks import Check

CustomScope = Literal["selection", "symbol", "file"]

_DIFFICULTY_OF_TIER = {
    "local": Difficulty.MECHANICAL,
    "bulk": Difficulty.STANDARD,
    "top": Difficulty.DEEP,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class CustomAction:
    """What a configuration says of an action of the user's own."""

    id: str
    title: str
    instructions: str
    kind: str = "refactor.rewrite"
    tier: Literal["local", "bulk", "top"] | None = None
    scope: CustomScope = "symbol"
    languages: tuple[str, ...] = ()


def _find_in_scope(scope: CustomScope, site: Site) -> Target | None:
    match scope:
        case "selection":
            return selected_lines(site) or selection_or_symbol(site)
        case "symbol":
            return callable_here(site)
        case "file":
            return whole_file(site)


def custom_action(options: CustomAction) -> Action:
    """Turn a user's definition into an action like the built-in ones."""
    leaf = "".join(part.title() if i else part for i, part in enumerate(options.id.split("_")))
    kind = options.kind if "tierwise" in options.kind else f"{options.kind}.tierwise.{leaf}"
    title = options.title.replace("{", "{{").replace("}", "}}").replace("{{target}}", "{target}")
    return Action(
        id=options.id,
        title=title if "{target}" in title else f"{title}: {{target}}",
        kind=kind,
        difficulty=_DIFFICULTY_OF_TIER.get(options.tier or "bulk", Difficulty.STANDARD),
        scope=Scope.SPAN,
        find_target=lambda site: _find_in_scope(options.scope, site),
        instructions=options.instructions,
        checks=(*COMMON_CHECKS, Check.IN_SCOPE, Check.NOT_EMPTIED, Check.IMPORTS_RESOLVE, Check.NAMES_DEFINED),
        allows_imports=True,
        languages=frozenset(options.languages) or None,
        tier=options.tier,
        output_ratio=1.3,
    )
