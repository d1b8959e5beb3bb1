"""Make a runtime from a loaded configuration."""

from collections.abc import Sequence

from tierwise.backends.options import KeyedOptions
from tierwise.config import Loaded, default_ledger_file
from tierwise.config.keys import EditorKey, ReadKeyring, find_key
from tierwise.config.prices import PriceTable
from tierwise.dispatch.caching import Replies
from tierwise.dispatch.runtime import Runtime
from tierwise.dispatch.sources import Surroundings
from tierwise.dispatch.under_way import UnderWay
from tierwise.store.cache import cache_beside
from tierwise.store.errors import LedgerError
from tierwise.store.ledger import Ledger, open_ledger


def ledger_of(loaded: Loaded) -> tuple[Ledger | None, str | None]:
    """The open ledger, with what dead processes left running swept; or None and the sentence why there is none."""
    try:
        ledger = open_ledger(loaded.ledger_path)
        ledger.sweep()
    except LedgerError as err:
        return None, str(err)
    return ledger, None


_PRICES = PriceTable()
"""One table for the process: it is loaded once, whatever is reloaded."""


def loaded_prices() -> PriceTable:
    """The table, loaded; slow the first time."""
    _PRICES.warm()
    return _PRICES


def open_runtime(
    loaded: Loaded,
    *,
    ledger: Ledger | None = None,
    ledger_problem: str | None = None,
    editor_keys: Sequence[EditorKey] = (),
    under_way: UnderWay | None = None,
) -> Runtime:
    """The live bundle for a configuration; nothing heavy is imported, nothing connected or started yet."""
    keys = _Keys(loaded, editor_keys)
    config = loaded.config

    def warm() -> None:
        _PRICES.warm()
        keys.ask_keyring()

    surroundings = Surroundings(
        find_key=keys.find,
        price_of=lambda ref: _PRICES.price_of(ref, config),
        window_of=lambda ref: _PRICES.window_of(ref, config),
        warm=warm,
        price_table=lambda: _PRICES.version,
        log_dir=default_ledger_file().parent,
    )
    replies = Replies(config.cache, None if ledger is None else cache_beside(ledger.path))
    return Runtime(
        config, surroundings, ledger=ledger, ledger_problem=ledger_problem, replies=replies, under_way=under_way
    )


class _Keys:
    """The keys of the configured backends.

    The system's keyring is slow to import and may wait for its owner, so it is asked once, in a thread, after the
    editor's keys and the environment.
    """

    def __init__(self, loaded: Loaded, editor_keys: Sequence[EditorKey]) -> None:
        self._backends = loaded.config.backends
        self._editor_keys = tuple(editor_keys)
        self._found = {name: self._look_up(name, lambda _service, _user: None) for name in self._backends}

    def find(self, backend: str) -> str | None:
        """The key of one backend; None when there is none, or none yet."""
        return self._found.get(backend)

    def ask_keyring(self) -> None:
        """Look in the keyring for what was not found elsewhere; to be called in a thread."""
        for name, options in self._backends.items():
            if self._found[name] is None and isinstance(options, KeyedOptions) and options.needs_key:
                self._found[name] = self._look_up(name, None)

    def _look_up(self, backend: str, read_keyring: ReadKeyring | None) -> str | None:
        key = find_key(self._backends[backend], editor_keys=self._editor_keys, read_keyring=read_keyring)
        return None if key is None else key.value
