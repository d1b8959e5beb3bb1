"""No setting that somebody else can write moves a key to another server or reads a key it was not given for."""

from pathlib import Path
from typing import Any

import pytest

from config.loading import codes, load
from tierwise.backends.options import KeyedOptions
from tierwise.config import load_config
from tierwise.config.bindings import key_homes, origin_of
from tierwise.config.files import WORKSPACE_FILE
from tierwise.config.keys import EditorKey, find_key
from tierwise.config.root import DEFAULTS

KEYS = {"ZAI_API_KEY": "sk-zai", "ANTHROPIC_API_KEY": "sk-ant", "OPENAI_API_KEY": "sk-oai", "OLLAMA_API_KEY": "sk-oll"}
EVIL = "https://evil.example/v1"
BASE_URLS = [
    EVIL,
    "http://api.z.ai/api/paas/v4",
    "https://api.z.ai:8443/api",
    "https://api.z.ai.evil.example/v4",
    "https://api.z.ai@evil.example/v4",
    "https://api.z.ai:x@evil.example/v4",
    "https://evil.example/?https://api.z.ai",
    "https://evil.example/#https://api.z.ai",
    "https://evil.example\\@api.z.ai/",
    "https://\u0430pi.z.ai/api",
    "https://api.z.ai./api",
    "https://xn--pi-7kc.z.ai/api",
    "https://[::ffff:10.0.0.1]/api",
    "http://169.254.169.254/latest",
    "http://127.0.0.1:9/v1",
    "https://localhost.evil.example/",
]
EDITOR_SETTINGS: list[dict[str, Any]] = [
    *({"backends": {"zai": {"base_url": url}}} for url in BASE_URLS),
    {"backends.zai.base_url": EVIL},
    {"backends": {"ollama-cloud": {"host": EVIL}}},
    {"backends": {"zai": {"type": "ollama", "host": EVIL, "api_key_env": "ZAI_API_KEY"}}},
    {"backends": {"mine": {"type": "openai", "base_url": EVIL, "api_key_env": "ZAI_API_KEY"}}},
    {"backends": {"openai": {"api_key_env": "ANTHROPIC_API_KEY"}}},
    {
        "backends": {"mine": {"type": "openai", "base_url": EVIL, "api_key_env": "OPENAI_API_KEY"}},
        "tiers": {"local": {"models": ["mine/x"]}},
    },
]
WORKSPACE_FILES = [
    f"backends.zai.base_url = '{EVIL}'",
    f"[backends.mine]\ntype = 'openai'\nbase_url = '{EVIL}'\napi_key_env = 'ZAI_API_KEY'\n"
    "[tiers.local]\nmodels = ['mine/x']",
    "[backends.openai]\napi_key_env = 'ANTHROPIC_API_KEY'",
    f"[backends]\nzai = {{ type = 'ollama', host = '{EVIL}', api_key_env = 'ZAI_API_KEY' }}",
]
ENVIRONMENTS = [
    {"OPENAI_BASE_URL": EVIL, "OPENAI_API_BASE": EVIL},
    {"ANTHROPIC_BASE_URL": EVIL, "OLLAMA_HOST": EVIL, "ZAI_BASE_URL": EVIL},
    {"HTTP_PROXY": EVIL, "HTTPS_PROXY": EVIL, "ALL_PROXY": EVIL},
    {"TIERWISE_TOP_MODELS": "evil/x", "TIERWISE_BACKENDS_ZAI_BASE_URL": EVIL},
]


def check_keys_stay_home(loaded: Any, env: dict[str, str]) -> None:
    """Every key that is found is for the server the user's own settings name for it."""
    for name, options in loaded.config.backends.items():
        key = find_key(options, env=env, read_keyring=lambda _service, _user: None)
        if key is None:
            continue
        default = DEFAULTS.backends[name]
        assert isinstance(default, KeyedOptions)
        assert default.api_key_env is not None
        assert key.value == KEYS[default.api_key_env]
        assert key.origin == origin_of(default)
        assert key.for_server(EVIL) is None


@pytest.mark.parametrize("settings", EDITOR_SETTINGS)
@pytest.mark.parametrize("trusted", [True, False])
def test_editor_settings_move_no_key(tmp_path: Path, settings: dict[str, Any], trusted: bool) -> None:
    loaded = load(tmp_path, editor=settings, trusted=trusted, env=KEYS)
    check_keys_stay_home(loaded, KEYS)
    expected = {"key-leaves-home", "bad-value"} if trusted else {"waits-for-trust"}
    assert set(codes(loaded)) & expected


@pytest.mark.parametrize("workspace", WORKSPACE_FILES)
@pytest.mark.parametrize("trusted", [True, False])
def test_workspace_files_move_no_key(tmp_path: Path, workspace: str, trusted: bool) -> None:
    loaded = load(tmp_path, workspace=workspace, trusted=trusted, env=KEYS)
    check_keys_stay_home(loaded, KEYS)
    assert loaded.config == DEFAULTS
    assert loaded.problems


@pytest.mark.parametrize("env", ENVIRONMENTS)
def test_the_environment_moves_no_key(tmp_path: Path, env: dict[str, str]) -> None:
    (tmp_path / "workspace").mkdir()
    (tmp_path / "workspace" / ".env").write_text(f"OPENAI_BASE_URL={EVIL}\nTIERWISE_CONFIG=evil.toml\n")
    loaded = load(tmp_path, env=KEYS | env)
    check_keys_stay_home(loaded, KEYS | env)
    assert loaded.config.backends == DEFAULTS.backends


def test_the_user_may_move_a_key_in_their_own_file(tmp_path: Path) -> None:
    user = "backends.zai.base_url = 'https://gateway.example/zai'"
    loaded = load(tmp_path, user=user, editor={"backends": {"zai": {"base_url": "https://gateway.example/other"}}})
    assert loaded.is_good
    (key,) = [find_key(loaded.config.backends["zai"], env=KEYS)]
    assert key is not None
    assert str(key.origin) == "https://gateway.example:443"


def test_an_editor_may_bring_a_server_with_a_key_of_its_own(tmp_path: Path) -> None:
    editor = {"backends": {"mine": {"type": "openai", "base_url": "https://my.example/v1", "api_key_env": "MY_KEY"}}}
    loaded = load(tmp_path, editor=editor)
    assert loaded.is_good
    assert "env:MY_KEY" in key_homes(loaded.config)


def test_a_key_from_the_editor_goes_to_its_own_server_only() -> None:
    keys = [EditorKey("https://api.openai.com/v1", "sk-oai")]
    assert find_key(DEFAULTS.backends["zai"], editor_keys=keys, env={}, read_keyring=lambda *_: None) is None
    found = find_key(DEFAULTS.backends["openai"], editor_keys=keys, env={})
    assert found is not None
    assert found.for_server("https://api.openai.com/v1/chat/completions") == "sk-oai"
    assert found.for_server("http://api.openai.com/v1") is None


def test_a_user_file_planted_in_a_workspace_waits_for_trust(tmp_path: Path) -> None:
    root = tmp_path / "workspace"
    root.mkdir()
    planted = root / "config.toml"
    planted.write_text(f"backends.zai.base_url = '{EVIL}'")
    env = {"TIERWISE_CONFIG": str(planted)}
    loaded = load_config(user_file=planted, workspace_roots=[root], trusted=False, env=env)
    assert codes(loaded) == ["planted-user-file", "guarded"]
    assert loaded.config.backends == DEFAULTS.backends
    trusted = load_config(user_file=planted, workspace_roots=[root], trusted=True, env=env)
    assert trusted.is_good


def test_a_workspace_file_that_changes_after_trust_is_a_stranger(tmp_path: Path) -> None:
    root = tmp_path / "workspace"
    root.mkdir()
    (root / WORKSPACE_FILE).write_text("limits.max_attempts = 3")
    agreed = load_config(workspace_roots=[root], trusted=True, env={}).files[0].sha256

    def check(_root: Path, digest: str | None) -> bool:
        return digest in (None, agreed)

    assert load_config(workspace_roots=[root], trusted=check, env={}).config.limits.max_attempts == 3
    (root / WORKSPACE_FILE).write_text("limits.max_attempts = 2")
    assert load_config(workspace_roots=[root], trusted=check, env={}).config.limits.max_attempts == 4
