"""Prices and windows: exact, dated, and unknown rather than zero."""

from datetime import UTC, datetime
from typing import Any

import pytest

from tierwise.config import DEFAULTS, Config
from tierwise.config.prices import PriceTable
from tierwise.routing.money import FREE, Price

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)


@pytest.fixture(scope="module")
def table() -> PriceTable:
    table = PriceTable(now=lambda: NOW)
    table.warm()
    return table


def openai_at(url: str, models: dict[str, Any] | None = None) -> Config:
    """The defaults with one more backend, `other`."""
    other = {"type": "openai", "base_url": url}
    return Config.model_validate(
        {"backends": {**DEFAULTS.model_dump()["backends"], "other": other}, "models": models or {}}
    )


def test_every_default_model_has_the_price_and_window_it_should(table: PriceTable) -> None:
    known = {
        ref: (table.price_of(ref, DEFAULTS), table.window_of(ref, DEFAULTS))
        for tier in (DEFAULTS.tiers.local, DEFAULTS.tiers.bulk, DEFAULTS.tiers.top)
        for ref in tier.models
    }
    assert all(window is not None for _, window in known.values())
    free = {ref for ref, (price, _) in known.items() if price is not None and price.is_free}
    unknown = {ref for ref, (price, _) in known.items() if price is None}
    assert free == set(DEFAULTS.tiers.local.models)
    assert unknown == {"ollama-cloud/glm-4.6"}


def test_a_price_is_exact_and_says_where_it_is_from(table: PriceTable) -> None:
    price = table.price_of("zai/glm-5.1", DEFAULTS)
    assert price is not None
    assert (price.input, price.output, price.cache_read) == (1_400_000, 4_400_000, 260_000)
    assert price.source == f"{table.version}: zai/GLM-5.1"


def test_before_the_table_is_loaded_only_what_is_certain_is_known() -> None:
    cold = PriceTable()
    assert cold.price_of("ollama/x", DEFAULTS) == FREE
    assert cold.price_of("zai/glm-5.1", DEFAULTS) is None
    assert cold.window_of("zai/glm-5.1", DEFAULTS) == 200_000
    assert cold.version == ""


@pytest.mark.parametrize(
    "ref",
    ["ollama/qwen3-coder:480b-cloud", "ollama-cloud/anything", "anthropic/claude-nobody", "other/gpt-5.2", "nobody/x"],
)
def test_unknown_is_not_zero(table: PriceTable, ref: str) -> None:
    assert table.price_of(ref, openai_at("http://127.0.0.1:8000/v1")) is None


def test_scripted_replies_are_free_and_say_so(table: PriceTable) -> None:
    config = Config.model_validate({"backends": {"s": {"type": "scripted", "script": "x.json"}}, "models": {}})
    price = table.price_of("s/x", config)
    assert price is not None
    assert price.is_free
    assert "scripted" in price.source


OVERRIDES = [
    ({"input_usd_per_million": "0.5", "output_usd_per_million": 2}, Price(input=500_000, output=2_000_000)),
    (
        {"input_usd_per_million": 0.435, "output_usd_per_million": 1.74, "cache_read_usd_per_million": 0.1},
        Price(input=435_000, output=1_740_000, cache_read=100_000),
    ),
]


@pytest.mark.parametrize(("override", "price"), OVERRIDES)
def test_the_configuration_wins(table: PriceTable, override: dict[str, Any], price: Price) -> None:
    config = openai_at("https://api.openai.com/v1", {"other/gpt-5.2": override})
    assert table.price_of("other/gpt-5.2", config) == price


@pytest.mark.parametrize(
    ("url", "price_as", "entry"),
    [
        ("https://gateway.example/v1", "zai/glm-4.6", "zai/GLM-4.6"),
        ("https://openrouter.ai/api/v1", "z-ai/glm-5.1", "openrouter/z-ai/glm-5.1"),
        ("https://gateway.example/v1", "claude-opus-5-5", "anthropic/claude-opus-5-5"),
        ("https://gateway.example/v1", "nobody/nothing", None),
    ],
)
def test_a_model_may_be_priced_like_another(table: PriceTable, url: str, price_as: str, entry: str | None) -> None:
    price = table.price_of("other/mine", openai_at(url, {"other/mine": {"price_as": price_as}}))
    assert (None if price is None else price.source) == (None if entry is None else f"{table.version}: {entry}")


def test_a_price_that_depends_on_the_prompt_is_the_lowest_and_says_so(table: PriceTable) -> None:
    price = table.price_of("anthropic/claude-sonnet-4-5", DEFAULTS)
    assert price is not None
    assert (price.input, price.output) == (3_000_000, 15_000_000)
    assert price.source.endswith("(lowest step; more above 200000 input tokens)")


def test_a_price_that_changed_is_the_one_of_the_day(table: PriceTable) -> None:
    early = PriceTable(now=lambda: datetime(2026, 10, 1, tzinfo=UTC))
    early.warm()
    config = openai_at("https://openrouter.ai/api/v1")
    before, after = early.price_of("other/z-ai/glm-4.6", config), table.price_of("other/z-ai/glm-4.6", config)
    assert before is not None
    assert after is not None
    assert (before.input, after.input) == (430_000, 600_000)


def test_windows(table: PriceTable) -> None:
    config = Config.model_validate({"models": {"openai/gpt-5.2": {"window": 1000}}})
    assert table.window_of("openai/gpt-5.2", config) == 1000
    assert table.window_of("openai/gpt-5.2", DEFAULTS) == 400_000
    assert table.window_of("anthropic/claude-opus-5-5", DEFAULTS) == 1_000_000
    assert table.window_of("embedded/x", DEFAULTS) == 8192
    assert table.window_of("ollama/unheard-of", DEFAULTS) is None
