"""Where a runtime gets keys, prices and windows of models from."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from tierwise.routing.money import Price


@dataclass(frozen=True, slots=True, kw_only=True)
class Surroundings:
    """What a runtime takes from outside itself."""

    find_key: Callable[[str], str | None]
    """The key of a backend by its name in the configuration."""
    price_of: Callable[[str], Price | None]
    window_of: Callable[[str], int | None]
    warm: Callable[[], None] = lambda: None
    """Loads the price table and asks the keyring; slow, called in a thread."""
    price_table: Callable[[], str] = lambda: ""
    """Name and version of the price table; empty before it is loaded."""
    log_dir: Path | None = None
