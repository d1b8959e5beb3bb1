"""API keys: where they are found, and the one server each may go to.

A key lives in the editor's secret storage, in an environment variable or in the system's keyring, never in a file of
settings. Reading a keyring may wait for the user to unlock it: call these functions from a thread.
"""
# ruff: noqa: PLC0415 - the keyring is slow to import and most people never need it.

import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from tierwise.backends.options import AnyBackendOptions, KeyedOptions
from tierwise.backends.origins import Origin
from tierwise.config.bindings import origin_of

KEYRING_SERVICE = "tierwise"
"""The name to give a keyring entry where the user has no wish of their own."""
ReadKeyring = Callable[[str, str], str | None]
"""Given a service and a user name: the secret, or None."""


@dataclass(frozen=True, slots=True)
class Key:
    """A secret and the server it is for. Its text shows in no log and no traceback."""

    origin: Origin
    source: str
    """Where it was found, e.g. `environment variable ZAI_API_KEY`."""
    value: str = field(repr=False)

    def for_server(self, url: str) -> str | None:
        """The secret, if it is for the server of this address; None otherwise, and never over plain http elsewhere."""
        origin = Origin.of(url)
        is_safe = origin.scheme == "https" or origin.is_loopback
        return self.value if origin == self.origin and is_safe else None


@dataclass(frozen=True, slots=True)
class EditorKey:
    """A key an editor handed over from its secret storage, with the address it is for."""

    url: str
    value: str = field(repr=False)


def find_key(
    options: AnyBackendOptions,
    *,
    editor_keys: Sequence[EditorKey] = (),
    env: Mapping[str, str] | None = None,
    read_keyring: ReadKeyring | None = None,
) -> Key | None:
    """The key of a backend: from the editor, else the environment, else the keyring; None when there is none.

    A backend that needs no key gets one only from an editor that has one for exactly its server. The keyring is asked
    only for a backend that names its entry: loading it costs every window memory, and its owner may have to unlock it.
    """
    origin = origin_of(options)
    if origin is None or not isinstance(options, KeyedOptions):
        return None
    for editor_key in editor_keys:
        if _is_for(editor_key.url, origin) and (value := _clean(editor_key.value)):
            return Key(origin, "the editor's secret storage", value)
    env = os.environ if env is None else env
    if options.api_key_env is not None and (value := _clean(env.get(options.api_key_env, ""))):
        return Key(origin, f"environment variable {options.api_key_env}", value)
    service = options.keyring_service
    if service is None:
        return None
    read = read_system_keyring if read_keyring is None else read_keyring
    value = _clean(read(service, str(origin)) or "")
    return Key(origin, f"keyring entry {service!r}", value) if value else None


def _is_for(url: str, origin: Origin) -> bool:
    try:
        return Origin.of(url) == origin
    except ValueError:
        return False


def _clean(value: str) -> str:
    """Without the blanks and line breaks that copying adds; empty for what can stand in no HTTP header."""
    value = value.strip()
    return value if value.isascii() and value.isprintable() and " " not in value else ""


def read_system_keyring(service: str, user: str) -> str | None:
    """A secret from the system's keyring; None where there is none, or no keyring, or one that keeps plain text."""
    import keyring
    from keyring.errors import KeyringError

    if not _is_encrypted():
        return None
    try:
        return keyring.get_password(service, user)
    except KeyringError:
        return None


def _is_encrypted() -> bool:
    """Whether the keyring in use is a real one; the package `keyrings.alt` writes plain text."""
    import keyring

    module = type(keyring.get_keyring()).__module__
    return not module.startswith(("keyrings.alt", "keyring.backends.fail", "keyring.backends.null"))
