"""Keys are found in order, belong to one server, and show nowhere."""

import traceback
from collections.abc import Callable, Iterator

import keyring.backend
import keyring.backends.fail
import keyring.errors
import pytest

from tierwise.backends.options import LlamaCppOptions, OllamaOptions, OpenAIOptions, ScriptedOptions
from tierwise.config.keys import EditorKey, Key, find_key, read_system_keyring

BY_ENV = OpenAIOptions(type="openai", base_url="https://api.example/v1", api_key_env="EXAMPLE_KEY")
BY_KEYRING = OpenAIOptions(type="openai", base_url="https://api.example/v1", keyring_service="example")
BY_BOTH = OpenAIOptions(
    type="openai", base_url="https://api.example/v1", api_key_env="EXAMPLE_KEY", keyring_service="tierwise"
)
WITHOUT = OllamaOptions(type="ollama")
ORIGIN = "https://api.example:443"
FROM_EDITOR = [EditorKey("https://api.example", "editor-secret")]


def two_entries(service: str, user: str) -> str | None:
    """A keyring with two entries."""
    return {("example", ORIGIN): "ring-secret", ("tierwise", ORIGIN): "shared-secret"}.get((service, user))


def no_keyring(service: str, user: str) -> str | None:
    """A keyring that must not be asked."""
    raise AssertionError(f"{service} was asked for {user}")


@pytest.mark.parametrize(
    ("options", "editor_keys", "env", "value", "source"),
    [
        (BY_ENV, FROM_EDITOR, {"EXAMPLE_KEY": "env-secret"}, "editor-secret", "the editor's secret storage"),
        (BY_ENV, [], {"EXAMPLE_KEY": " env-secret\n"}, "env-secret", "environment variable EXAMPLE_KEY"),
        (BY_BOTH, [], {"EXAMPLE_KEY": ""}, "shared-secret", "keyring entry 'tierwise'"),
        (BY_BOTH, [], {"EXAMPLE_KEY": "two\nlines"}, "shared-secret", "keyring entry 'tierwise'"),
        (BY_BOTH, [EditorKey("https://api.example:8443", "x")], {}, "shared-secret", "keyring entry 'tierwise'"),
        (BY_BOTH, [EditorKey("no address", "x")], {}, "shared-secret", "keyring entry 'tierwise'"),
        (BY_KEYRING, [], {"EXAMPLE_KEY": "env-secret"}, "ring-secret", "keyring entry 'example'"),
    ],
)
def test_where_a_key_is_found(
    options: OpenAIOptions, editor_keys: list[EditorKey], env: dict[str, str], value: str, source: str
) -> None:
    key = find_key(options, editor_keys=editor_keys, env=env, read_keyring=two_entries)
    assert key is not None
    assert (key.value, key.source, str(key.origin)) == (value, source, ORIGIN)


def test_the_keyring_is_asked_only_for_an_entry_that_is_named() -> None:
    assert find_key(BY_ENV, env={}, read_keyring=no_keyring) is None


@pytest.mark.parametrize(
    "options",
    [WITHOUT, LlamaCppOptions(type="llamacpp"), ScriptedOptions(type="scripted", script="x.json")],
)
def test_who_needs_no_key_gets_none(options: OllamaOptions | LlamaCppOptions | ScriptedOptions) -> None:
    assert find_key(options, editor_keys=FROM_EDITOR, env={"EXAMPLE_KEY": "x"}, read_keyring=no_keyring) is None


def test_a_local_server_gets_a_key_only_from_an_editor_that_has_one_for_it() -> None:
    key = find_key(WITHOUT, editor_keys=[EditorKey("http://127.0.0.1:11434", "x")], env={}, read_keyring=no_keyring)
    assert key is not None
    assert key.for_server("http://127.0.0.1:11434/api/chat") == "x"


@pytest.mark.parametrize(
    ("url", "is_given"),
    [
        ("https://api.example/v1/chat/completions", True),
        ("https://API.example:443/", True),
        ("http://api.example/v1", False),
        ("https://api.example.evil/", False),
        ("https://api.example:444/", False),
        ("https://example/", False),
    ],
)
def test_a_key_goes_to_its_server_only(url: str, is_given: bool) -> None:
    key = find_key(BY_ENV, env={"EXAMPLE_KEY": "env-secret"})
    assert key is not None
    assert (key.for_server(url) == "env-secret") is is_given


def test_a_key_never_travels_unencrypted() -> None:
    plain = OpenAIOptions(type="openai", base_url="http://models.lan/v1", api_key_env="EXAMPLE_KEY")
    key = find_key(plain, env={"EXAMPLE_KEY": "env-secret"})
    assert key is not None
    assert key.for_server("http://models.lan/v1") is None


def test_a_key_shows_nowhere() -> None:
    key = find_key(BY_ENV, env={"EXAMPLE_KEY": "env-secret"})
    assert isinstance(key, Key)
    error = ValueError(key)
    shown = f"{key!r} {key} {[key]} {FROM_EDITOR} {''.join(traceback.format_exception(error))}"
    assert "secret" not in shown.replace("secret storage", "")


class MemoryKeyring(keyring.backend.KeyringBackend):
    """A system keyring for one test."""

    priority = 1

    def __init__(self) -> None:
        super().__init__()
        self.entries: dict[tuple[str, str], str] = {}

    def get_password(self, service: str, username: str) -> str | None:
        return self.entries.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        self.entries[service, username] = password


class LockedKeyring(MemoryKeyring):
    """A system keyring whose user said no."""

    def get_password(self, service: str, username: str) -> str | None:
        raise keyring.errors.KeyringLocked("locked")


@pytest.fixture
def use_keyring() -> Iterator[Callable[[keyring.backend.KeyringBackend], None]]:
    before = keyring.get_keyring()
    yield keyring.set_keyring
    keyring.set_keyring(before)


UseKeyring = Callable[[keyring.backend.KeyringBackend], None]


def test_without_a_system_keyring_there_is_no_key(use_keyring: UseKeyring) -> None:
    use_keyring(keyring.backends.fail.Keyring())
    assert read_system_keyring("tierwise", ORIGIN) is None


def test_a_key_of_the_keyring_is_found_for_its_server_only(use_keyring: UseKeyring) -> None:
    ring = MemoryKeyring()
    use_keyring(ring)
    ring.set_password("tierwise", ORIGIN, "secret-value\n")
    key = find_key(BY_BOTH, env={})
    assert key is not None
    assert (key.value, key.source) == ("secret-value", "keyring entry 'tierwise'")
    elsewhere = BY_ENV.model_copy(update={"base_url": "https://evil.example/v1"})
    assert find_key(elsewhere, env={}) is None


def test_a_locked_keyring_is_no_key(use_keyring: UseKeyring) -> None:
    use_keyring(LockedKeyring())
    assert find_key(BY_BOTH, env={}) is None
