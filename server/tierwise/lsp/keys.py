"""Keys an editor hands over from its secret storage, and the servers that could take one."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from lsprotocol import types

from tierwise.backends.options import AnyBackendOptions, KeyedOptions
from tierwise.backends.origins import Origin
from tierwise.config.bindings import origin_of
from tierwise.config.keys import EditorKey, find_key
from tierwise.config.root import Config
from tierwise.config.sections import MODEL_TIER_NAMES, split_ref
from tierwise.lsp.messages import Failed

if TYPE_CHECKING:
    from tierwise.lsp.session import Session

METHOD = "tierwise/keys"
"""A request that replaces all keys of the editor; sent after `initialize`, and whenever they change."""
MAX_KEYS = 100


def editor_keys_of(params: object) -> tuple[EditorKey, ...]:
    """The keys of a request `{"keys": [{"url": …, "value": …}]}`.

    Raises Failed for anything else, with words that repeat nothing of it.
    """
    listed = params.get("keys") if isinstance(params, dict) else None
    if not isinstance(listed, list) or MAX_KEYS < len(listed):
        raise _unfit(f"'keys' must be a list of at most {MAX_KEYS}")
    return tuple(_editor_key(one) for one in listed)


def take_keys(session: "Session", params: object) -> dict[str, Any]:
    """Use exactly these keys from now on; what the servers are like then. Raises Failed for what are no keys."""
    keys = editor_keys_of(params)
    if session.host.set_keys(keys):
        session.keys_changed()
    return {"backends": keyed_backends(session.host.loaded.config, keys)}


def _editor_key(raw: object) -> EditorKey:
    url, value = (raw.get("url"), raw.get("value")) if isinstance(raw, dict) else (None, None)
    if not isinstance(url, str) or not isinstance(value, str):
        raise _unfit("each of 'keys' must have a 'url' and a 'value', both texts")
    return EditorKey(url, value)


def _unfit(words: str) -> Failed:
    return Failed(types.ErrorCodes.InvalidParams, f"the parameters of {METHOD!r} do not fit: {words}")


def keyed_backends(config: Config, editor_keys: Sequence[EditorKey]) -> list[dict[str, Any]]:
    """Every backend a key can be given to, with the address the key would be bound to; no key is in it.

    `source` says where its key was found, null where there is none; a keyring is not asked.
    """
    return [
        _described(config, name, options, origin, editor_keys)
        for name, options in config.backends.items()
        if isinstance(options, KeyedOptions) and (origin := origin_of(options)) is not None
    ]


def _described(
    config: Config, name: str, options: AnyBackendOptions, origin: Origin, editor_keys: Sequence[EditorKey]
) -> dict[str, Any]:
    key = find_key(options, editor_keys=editor_keys, read_keyring=lambda _service, _user: None)
    return {
        "name": name,
        "type": options.type,
        "origin": str(origin),
        "needsKey": isinstance(options, KeyedOptions) and options.needs_key,
        "isEncrypted": origin.scheme == "https" or origin.is_loopback,
        "source": None if key is None else key.source,
        "models": [
            ref for tier in MODEL_TIER_NAMES for ref in getattr(config.tiers, tier).models if split_ref(ref)[0] == name
        ],
    }
