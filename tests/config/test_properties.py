"""Whatever anybody writes: loading never raises, a workspace never loosens, and the package stays cheap to import."""

import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from config.loading import load
from tierwise.config import DEFAULTS, Config, Loaded
from tierwise.config.keypaths import dotted, leaves, put
from tierwise.config.root import Config as RootConfig
from tierwise.config.sections import MODEL_TIER_NAMES, ActionOptions

KEYS = [path for path, _ in leaves(DEFAULTS.model_dump(mode="json")) if path != ("actions",)]
KEYS += [("actions", action, name) for action in ("refactor", "mine", "new") for name in ActionOptions.model_fields]
KEYS += [("backends", "evil", name) for name in ("type", "base_url", "host", "script")]
KEYS += [("privacy",), ("limits",), ("tiers", "top"), ("unknown",), ("log", "unknown")]
VALUES: list[Any] = [
    True, False, 0, 1, 2, 10**9, -1, 0.5, 1e9, "", "x", "local", "bulk", "top", "never", "sandbox", "ollama",
    "scripted", "https://evil.example/v1", "zai/glm-5.1", "quickfix", [], ["!*"], ["*"], ["evil/x"], ["python"],
    ["zai/x", 3], {}, {"x": 1},
]  # fmt: skip
TREES = st.lists(st.tuples(st.sampled_from(KEYS), st.sampled_from(VALUES)), max_size=8)
PROPERTY = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
USER = """
[tiers.bulk]
enabled = false
[privacy]
local_only = ["legal/"]
[actions.mine]
title = "Mine"
instructions = "Do it"
tier = "local"
languages = ["python", "go"]
[actions.refactor]
enabled = false
"""


def tree_of(settings_list: list[tuple[tuple[str, ...], Any]]) -> dict[str, Any]:
    """A tree of settings; later ones replace earlier ones that are in the way."""
    tree: dict[str, Any] = {}
    for path, value in settings_list:
        put(tree, path, value)
    return tree


def toml_of(tree: dict[str, Any]) -> str:
    """A tree as TOML, one dotted key a line."""
    return "".join(f"{dotted(path)} = {value_of(value)}\n" for path, value in leaves(tree))


def value_of(value: object) -> str:
    """One value as TOML."""
    match value:
        case bool():
            return str(value).lower()
        case list():
            return "[" + ", ".join(map(value_of, value)) + "]"
        case dict():
            return "{" + ", ".join(f"{name} = {value_of(item)}" for name, item in value.items()) + "}"
        case str():
            return f"'{value}'"
        case _:
            return str(value)


def in_new_folder(**sources: Any) -> Loaded:
    """Load in a folder of its own."""
    with TemporaryDirectory() as folder:
        return load(Path(folder), **sources)


def check_tighter(before: Config, after: Config, loaded: Loaded) -> None:
    """Nothing that `before` forbids is possible with `after`."""
    if not loaded.is_guarded:
        assert after.roles == before.roles
    for name in ("backends", "models", "native", "ledger", "log"):
        assert getattr(after, name) == getattr(before, name)
    assert after.checks.python == before.checks.python
    assert after.checks.test_timeout_s <= before.checks.test_timeout_s
    assert after.checks.allow_running_tests in ("never", before.checks.allow_running_tests)
    for tier in MODEL_TIER_NAMES:
        now, then = getattr(after.tiers, tier), getattr(before.tiers, tier)
        assert then.enabled or not now.enabled
        assert set(now.models) <= set(then.models)
        assert getattr(after.limits.deadline_s, tier) <= getattr(before.limits.deadline_s, tier)
    for name in ("max_file_bytes", "max_attempts", "max_output_tokens"):
        assert getattr(after.limits, name) <= getattr(before.limits, name)
    for name in ("never_send", "local_only"):
        then = getattr(before.privacy, name)
        assert getattr(after.privacy, name)[: len(then)] == then
        assert not any(glob.startswith("!") for glob in getattr(after.privacy, name)[len(then) :])
    check_actions_tighter(before, after, loaded)


def check_actions_tighter(before: Config, after: Config, loaded: Loaded) -> None:
    """The user's actions are offered no more often, start no higher and say the same; new ones are marked."""
    for action, options in after.actions.items():
        if action in loaded.workspace_actions:
            assert action not in before.actions
            assert options.tier in (None, "local", "bulk")
            continue
        then = before.actions.get(action, ActionOptions())
        assert then.enabled or not options.enabled
        assert set(options.languages) <= set(then.languages) or not then.languages
        assert options.tier in (then.tier, "local")
        definition = {"title", "instructions", "kind", "scope"}
        assert options.model_dump(include=definition) == then.model_dump(include=definition)


BEFORE = in_new_folder(user=USER).config


@given(TREES)
@PROPERTY
def test_no_workspace_file_loosens_anything(tree: list[tuple[tuple[str, ...], Any]]) -> None:
    loaded = in_new_folder(user=USER, workspace=toml_of(tree_of(tree)))
    check_tighter(BEFORE, loaded.config, loaded)


@given(TREES, TREES, st.booleans())
@PROPERTY
def test_no_mixture_of_settings_raises(
    user: list[tuple[tuple[str, ...], Any]], editor: list[tuple[tuple[str, ...], Any]], trusted: bool
) -> None:
    loaded = in_new_folder(user=toml_of(tree_of(user)), editor=tree_of(editor), trusted=trusted)
    assert RootConfig.model_validate(loaded.config.model_dump()) == loaded.config
    refs = [ref for tier in MODEL_TIER_NAMES for ref in getattr(loaded.config.tiers, tier).models]
    assert all(loaded.config.backend_of(ref) is not None for ref in refs)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8) | st.sampled_from(
        ["tiers", "local", "models", "backends", "zai", "type", "privacy", "never_send", "actions", "log", "tierwise"]
    ), inner, max_size=4),
    max_leaves=20,
)  # fmt: skip


@given(JSON)
@PROPERTY
def test_no_editor_settings_raise(editor: object) -> None:
    loaded = in_new_folder(editor=editor)
    assert loaded.is_good or loaded.problems


def test_importing_the_package_is_cheap() -> None:
    code = "import sys, tierwise.config; print(*sorted(sys.modules))"
    loaded = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True).stdout.split()
    heavy = {"keyring", "watchfiles", "genai_prices", "openai", "ollama", "httpx", "apsw", "ast_grep_py", "pygls"}
    assert not heavy & set(loaded)
