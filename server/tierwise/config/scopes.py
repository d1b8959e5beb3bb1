"""What a workspace's own settings may say: less than the user allows, never more.

Every key that is not named here belongs to the machine's user alone, so a new option is closed until somebody
decides otherwise.
"""

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from tierwise.config.budgets import ASKING
from tierwise.config.keypaths import KeyPath, dotted
from tierwise.config.root import Config
from tierwise.config.sections import MODEL_TIER_NAMES, ActionOptions


class Scope(StrEnum):
    """Who may set a key."""

    MACHINE = "machine"
    """The user, in their own file, editor settings or environment."""
    WORKSPACE = "workspace"
    """The workspace too, to tighten what the user set."""


@dataclass(frozen=True, slots=True)
class Tightening:
    """A key that a workspace may tighten."""

    key: tuple[str, ...]
    """Its path; `*` stands for any one name."""
    find_objection: Callable[[object, object], str | None]
    """Given what applies and what the workspace asks for: why it would loosen, or None."""


def _only_off(now: object, asked: object) -> str | None:
    return "may only be turned off by a workspace" if asked is True and now is not True else None


def _only_lower(now: object, asked: object) -> str | None:
    if asked is None and now is not None:
        return f"may only be lowered by a workspace, and it is {now} already"
    is_higher = isinstance(now, int | float | Decimal) and isinstance(asked, int | float | Decimal) and now < asked
    return f"may only be lowered by a workspace, and it is {now} already" if is_higher else None


def _only_added(now: object, asked: object) -> str | None:
    del now
    is_negated = isinstance(asked, list | tuple) and any(str(glob).startswith("!") for glob in asked)
    return "may only be added to by a workspace, so a pattern must not start with '!'" if is_negated else None


def _only_never(now: object, asked: object) -> str | None:
    return "may only be set to 'never' by a workspace" if asked not in ("never", now) else None


def _only_lower_tier(now: object, asked: object) -> str | None:
    if now is None:
        return "may only be lowered by a workspace, and it is not set" if asked != MODEL_TIER_NAMES[0] else None
    if MODEL_TIER_NAMES.index(now) < MODEL_TIER_NAMES.index(asked):
        return f"may only be lowered by a workspace, and it is {now!r} already"
    return None


def _only_more_asking(now: object, asked: object) -> str | None:
    if now in ASKING and asked in ASKING and ASKING.index(asked) < ASKING.index(now):
        return f"may only be made stricter by a workspace, and it is {now!r} already"
    return None


def _only_fewer(now: object, asked: object) -> str | None:
    if not isinstance(now, tuple) or not isinstance(asked, tuple):
        return None
    if now and (not asked or not set(asked) <= set(now)):
        return f"may only be narrowed by a workspace, to some of {', '.join(map(str, now))}"
    return None


TIGHTENINGS = (
    Tightening(("tiers", "*", "enabled"), _only_off),
    Tightening(("privacy", "never_send"), _only_added),
    Tightening(("privacy", "local_only"), _only_added),
    Tightening(("limits", "max_file_bytes"), _only_lower),
    Tightening(("limits", "max_attempts"), _only_lower),
    Tightening(("limits", "max_output_tokens"), _only_lower),
    Tightening(("limits", "deadline_s", "*"), _only_lower),
    Tightening(("limits", "workspace_action_tier"), _only_lower_tier),
    Tightening(("budgets", "*", "soft_usd"), _only_lower),
    Tightening(("budgets", "*", "hard_usd"), _only_lower),
    Tightening(("budgets", "top_share_percent"), _only_lower),
    Tightening(("budgets", "ask_before_top"), _only_more_asking),
    Tightening(("checks", "allow_running_tests"), _only_never),
    Tightening(("checks", "project_tests"), _only_never),
    Tightening(("checks", "test_timeout_s"), _only_lower),
    Tightening(("cache", "enabled"), _only_off),
    Tightening(("actions", "*", "enabled"), _only_off),
    Tightening(("editor", "offer", "*", "*"), _only_off),
    Tightening(("actions", "*", "tier"), _only_lower_tier),
    Tightening(("actions", "*", "languages"), _only_fewer),
)
DEFINITION_KEYS = tuple(name for name in ActionOptions.model_fields if name not in ("enabled", "tier", "languages"))
"""What defines an action; a workspace may define new ones, and change no definition of the user's."""


def tightening_of(path: KeyPath) -> Tightening | None:
    """The rule for a key; None when a workspace may not set it at all."""
    for rule in TIGHTENINGS:
        if len(rule.key) == len(path) and all(want in ("*", part) for want, part in zip(rule.key, path, strict=True)):
            return rule
    return None


def is_definition(path: KeyPath) -> bool:
    """Whether a key is part of an action's definition."""
    return len(path) == 3 and path[0] == "actions" and path[2] in DEFINITION_KEYS


def is_section(path: KeyPath) -> bool:
    """Whether keys that a workspace may set lie below a path."""
    keys = [*(rule.key for rule in TIGHTENINGS), ("actions", "*", "title")]
    return any(
        len(path) < len(key) and all(want in ("*", part) for want, part in zip(key, path, strict=False)) for key in keys
    )


def scope_of(path: KeyPath) -> Scope:
    """Who may set a key."""
    return Scope.WORKSPACE if tightening_of(path) is not None or is_definition(path) else Scope.MACHINE


def find_objection(path: tuple[str, ...], before: Config, after: Config) -> str | None:
    """Why a workspace may not set a key the way it does, or None; `before` is without its file, `after` with it."""
    if len(path) < 2:
        return f"{dotted(path)!r} must be a table"
    is_new = path[0] == "actions" and path[1] not in before.actions
    if is_definition(path):
        return None if is_new else f"{dotted(path)!r} defines an action of the user's, which a workspace may not change"
    rule = tightening_of(path)
    if rule is None:
        return f"{dotted(path)!r} can be set by the user only, a workspace may not"
    if is_new and path[2] == "tier" and after.actions[path[1]].instructions is not None:
        return _objection_to_new_tier(path, before, after)
    objection = rule.find_objection(_value(before, path), _value(after, path))
    return None if objection is None else f"{dotted(path)!r} {objection}"


def _objection_to_new_tier(path: tuple[str, ...], before: Config, after: Config) -> str | None:
    asked = after.actions[path[1]].tier
    ceiling = before.limits.workspace_action_tier
    if asked is None or MODEL_TIER_NAMES.index(asked) <= MODEL_TIER_NAMES.index(ceiling):
        return None
    return f"{dotted(path)!r} asks for more than limits.workspace_action_tier allows, which is {ceiling!r}"


def _value(config: Config, path: tuple[str, ...]) -> object:
    """The value at a path of a validated configuration; an action nobody mentions has the defaults."""
    if path[0] == "actions":
        return getattr(config.actions.get(path[1], ActionOptions()), path[2])
    value: object = config
    for part in path:
        value = getattr(value, part)
    return value
