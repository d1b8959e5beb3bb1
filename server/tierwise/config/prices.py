"""Prices and windows: what the configuration says, else what the offline price table knows."""
# ruff: noqa: PLC0415 - the price table takes a third of a second to import, so it is loaded in the background.

import importlib.metadata
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import ROUND_CEILING, Decimal
from typing import TYPE_CHECKING

from tierwise.backends.options import (
    AnthropicOptions,
    LlamaCppOptions,
    OllamaOptions,
    OpenAIOptions,
    ScriptedOptions,
)
from tierwise.config.root import Config
from tierwise.config.sections import ModelOverride, split_ref
from tierwise.routing.money import FREE, Price, usd_per_million

if TYPE_CHECKING:
    from genai_prices.data_snapshot import DataSnapshot
    from genai_prices.types import ModelInfo, ModelPrice

SCRIPTED = Price(input=0, output=0, source="scripted replies cost nothing")


def _now() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class TableEntry:
    """What the table knows of a model on a server."""

    name: str
    """`provider/model`, as the table names them."""
    price: Price | None
    window: int | None


class PriceTable:
    """The offline table, empty until `warm` has loaded it; a lookup never waits and never leaves this machine."""

    def __init__(self, now: Callable[[], datetime] = _now) -> None:
        self._now = now
        self._snapshot: DataSnapshot | None = None
        self._version = ""

    @property
    def version(self) -> str:
        """Name and version of the table; empty before it is loaded."""
        return self._version

    def warm(self) -> None:
        """Load the table: about 0.3 s of computing the first time, so call it in a thread."""
        from genai_prices.data_snapshot import get_snapshot

        self._version = f"genai-prices {importlib.metadata.version('genai-prices')}"
        self._snapshot = get_snapshot()

    def price_of(self, ref: str, config: Config) -> Price | None:
        """What a model charges; None when nobody knows, which must not be taken for zero."""
        override = config.override_of(ref)
        configured = _configured_price(override)
        if configured is not None:
            return configured
        if override.price_as is not None:
            entry = self._find_named(override.price_as, config, ref)
            return None if entry is None else entry.price
        options = config.backend_of(ref)
        if isinstance(options, ScriptedOptions):
            return SCRIPTED
        if isinstance(options, LlamaCppOptions | OllamaOptions):
            return FREE if config.keeps_on_this_machine(ref) else None
        entry = self._entry_of(ref, config)
        return None if entry is None else entry.price

    def price_named(self, name: str) -> Price | None:
        """What a model of the table charges, by its name or by `provider/name`; None when the table has no such."""
        provider, _, model = name.partition("/")
        entry = self._find(model, provider=provider, url=None) if model else None
        entry = entry or self._find(name, provider=None, url=None)
        return None if entry is None else entry.price

    def window_of(self, ref: str, config: Config) -> int | None:
        """Tokens of prompt and reply a model takes together; None when nobody knows."""
        override = config.override_of(ref)
        options = config.backend_of(ref)
        if override.window is not None:
            return override.window
        if isinstance(options, LlamaCppOptions):
            return options.window
        entry = self._entry_of(ref, config)
        return None if entry is None else entry.window

    def _entry_of(self, ref: str, config: Config) -> TableEntry | None:
        options = config.backend_of(ref)
        if not isinstance(options, OpenAIOptions | AnthropicOptions):
            return None
        return self._find(split_ref(ref)[1], provider=None, url=options.base_url)

    def _find_named(self, name: str, config: Config, ref: str) -> TableEntry | None:
        """`provider/model` of the table, or a model's name on the backend's own server or anywhere."""
        provider, _, model = name.partition("/")
        options = config.backend_of(ref)
        url = options.base_url if isinstance(options, OpenAIOptions | AnthropicOptions) else None
        tries: list[tuple[str, str | None, str | None]] = [(model, provider, None)] if model else []
        tries += [(name, None, url)] if url is not None else []
        tries += [(name, None, None)]
        return next((e for m, p, u in tries if (e := self._find(m, provider=p, url=u)) is not None), None)

    def _find(self, model: str, *, provider: str | None, url: str | None) -> TableEntry | None:
        if self._snapshot is None:
            return None
        try:
            found_on, info = self._snapshot.find_provider_model(model, None, provider, url)
        except LookupError:
            return None
        price = _price_of_entry(info, self._now(), f"{self._version}: {found_on.id}/{info.id}")
        return TableEntry(f"{found_on.id}/{info.id}", price, info.context_window)


def _configured_price(override: ModelOverride) -> Price | None:
    if override.input_usd_per_million is None or override.output_usd_per_million is None:
        return None
    cached = override.cache_read_usd_per_million
    return Price(
        input=usd_per_million(override.input_usd_per_million),
        output=usd_per_million(override.output_usd_per_million),
        cache_read=None if cached is None else usd_per_million(cached),
        source="configuration",
    )


def _price_of_entry(info: "ModelInfo", at: datetime, source: str) -> Price | None:
    """The table's price at a moment, the lowest step where it depends on the prompt's length."""
    price = info.get_prices(at)
    per_input, per_output = _pico(price, "input_mtok"), _pico(price, "output_mtok")
    if per_input is None or per_output is None:
        return None
    return Price(
        input=per_input,
        output=per_output,
        cache_read=_pico(price, "cache_read_mtok"),
        cache_write=_pico(price, "cache_write_mtok"),
        source=source + _steps_in_words(price),
    )


def _pico(price: "ModelPrice", key: str) -> int | None:
    """Pico-USD per token; what is finer than that is rounded up, so that no cost is understated."""
    value = getattr(price, key, None)
    amount = value if isinstance(value, Decimal) or value is None else value.base
    return None if amount is None else usd_per_million(amount.quantize(Decimal("1e-6"), rounding=ROUND_CEILING))


def _steps_in_words(price: "ModelPrice") -> str:
    value = getattr(price, "input_mtok", None)
    if value is None or isinstance(value, Decimal) or not value.tiers:
        return ""
    return f" (lowest step; more above {value.tiers[0].start} input tokens)"
