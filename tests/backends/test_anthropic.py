"""Anthropic's own interface: its cache, its counts, replies to a schema; and that our fake speaks it."""

from decimal import Decimal
from typing import Any

import pytest

from backends.check_backends import call, call_once, options_for, request
from servers.fault import FaultServer
from servers.scenarios import Scenario
from tierwise.backends.base import ChatMessage, ChatRequest, FailureKind, Usage
from tierwise.backends.options import AnthropicOptions
from tierwise.backends.registry import connect
from tierwise.config import load_config
from tierwise.config.prices import PriceTable
from tierwise.routing.money import cost

STABLE = "the file, which stays\n" * 400
"""2,200 tokens to the fault server, which keeps fronts of 1,024 and more."""
N_STABLE = (len(STABLE) + len("be brief")) // 4


def asked(question: str, **more: Any) -> ChatRequest:
    """A request whose front is the same for every question."""
    turns = (ChatMessage("system", "be brief"), ChatMessage("user", STABLE + question, n_stable=len(STABLE)))
    given = {"max_output_tokens": 900, "deadline_s": 20.0, **more}
    return ChatRequest(model="claude", messages=turns, **given)


async def usages(cache: str, n_calls: int) -> list[Usage]:
    """The counts of so many calls in a row about the same code."""
    found = []
    async with FaultServer() as server:
        backend = connect(options_for("anthropic", server, cache=cache))
        for number in range(n_calls):
            outcome = await call(backend, asked(f"question {number}"))
            assert outcome.completion is not None
            found.append(outcome.completion.usage)
        await backend.aclose()
    return found


@pytest.mark.parametrize(
    ("cache", "written", "read"),
    [
        ("never", [False, False, False], [False, False, False]),
        ("always", [True, False, False], [False, True, True]),
        ("auto", [False, True, False], [False, False, True]),
    ],
)
async def test_the_cache_is_written_and_read(cache: str, written: list[bool], read: list[bool]) -> None:
    counts = await usages(cache, 3)
    assert [usage.cache_write_tokens == N_STABLE for usage in counts] == written
    assert [usage.cached_tokens == N_STABLE for usage in counts] == read
    assert len({usage.input_tokens for usage in counts}) == 1, "the whole prompt counts, wherever it was read"


def test_what_the_cache_costs() -> None:
    table = PriceTable()
    table.warm()
    price = table.price_of("anthropic/claude-opus-4-5", load_config(env={}).config)
    assert price is not None
    assert price.cache_write is not None
    assert price.cache_read is not None
    assert Decimal(price.cache_write) / price.input == Decimal("1.25")
    assert Decimal(price.cache_read) / price.input == Decimal("0.1")
    plain = cost(price, input_tokens=1000, output_tokens=10)
    written = cost(price, input_tokens=1000, output_tokens=10, cache_write_tokens=800)
    read = cost(price, input_tokens=1000, output_tokens=10, cached_tokens=800)
    assert written - plain == 800 * (price.cache_write - price.input)
    assert plain - read == 800 * (price.input - price.cache_read)


async def test_the_body_of_a_request() -> None:
    schema = {"type": "object", "properties": {}, "additionalProperties": False}
    async with FaultServer() as server:
        options = options_for("anthropic", server, effort="low", extra_body={"thinking": {"type": "adaptive"}})
        await call_once(options, asked("why", schema=schema, temperature=0.5))
        body, headers = server.book.chats[0].body, server.book.chats[0].headers
    assert (body["max_tokens"], body["temperature"], body["stream"]) == (900, 0.5, True)
    assert body["output_config"] == {"effort": "low", "format": {"type": "json_schema", "schema": schema}}
    assert body["thinking"] == {"type": "adaptive"}
    assert body["system"] == [{"type": "text", "text": "be brief"}]
    assert [block["text"] for block in body["messages"][0]["content"]] == [STABLE, "why"]
    assert headers["anthropic-version"] == "2023-06-01"


async def test_a_model_without_structured_replies_answers_through_a_tool() -> None:
    message = "output_config.format: Extra inputs are not permitted"
    async with FaultServer() as server:
        server.book.queue = [
            Scenario(fault="status", status=400, message=message),
            Scenario(reply='{"a": 1}'),
            Scenario(reply='{"a": 2}'),
        ]
        backend = connect(options_for("anthropic", server))
        replies = [await call(backend, asked("x", schema={"type": "object"})) for _ in range(2)]
        await backend.aclose()
        bodies = [chat.body for chat in server.book.chats]
    assert [reply.completion.text for reply in replies if reply.completion is not None] == ['{"a": 1}', '{"a": 2}']
    assert "output_config" in bodies[0]
    for body in bodies[1:]:
        assert "output_config" not in body
        assert body["tool_choice"] == {"type": "tool", "name": "reply"}


async def test_a_model_that_takes_no_temperature_is_asked_without() -> None:
    async with FaultServer() as server:
        message = "`temperature` is deprecated for this model."
        server.book.queue.append(Scenario(fault="status", status=400, message=message))
        outcome = await call_once(options_for("anthropic", server), request())
        assert ["temperature" in chat.body for chat in server.book.chats] == [True, False]
    assert outcome.completion is not None


async def test_tokens_are_counted_before_a_prompt_that_is_too_long_is_sent() -> None:
    async with FaultServer() as server:
        options = options_for("anthropic", server, count_tokens=True)
        fitting = await call_once(options, asked("x", window=4096))
        outcome = await call_once(options, asked("x", window=2500))
        assert len(server.book.chats) == 1
        counted = [call.body for call in server.book.calls if call.path.endswith("/count_tokens")]
    assert fitting.completion is not None
    assert fitting.completion.usage.input_tokens == 2203
    assert outcome.error is not None
    assert outcome.error.kind is FailureKind.TOO_LONG
    assert "2203 tokens" in outcome.error.words
    assert all(set(body) == {"model", "system", "messages"} for body in counted)


async def test_an_error_in_a_stream_is_what_its_name_says() -> None:
    async with FaultServer() as server:
        server.book.default = Scenario(fault="status", status=400, message="prompt is too long: 9 tokens > 8 maximum")
        too_long = await call_once(options_for("anthropic", server), request())
        server.book.default = Scenario(
            fault="status", status=400, message="Your credit balance is too low to access the Anthropic API"
        )
        broke = await call_once(options_for("anthropic", server), request())
    assert too_long.error is not None
    assert too_long.error.kind is FailureKind.TOO_LONG
    assert broke.error is not None
    assert broke.error.kind is FailureKind.RATE_LIMITED
    assert "no credit" in broke.error.words


async def test_a_name_without_a_date_is_found_in_the_list() -> None:
    async with FaultServer() as server:
        server.book.models = {"claude-opus-5-5-20260901": 200_000, "other": 1000}
        backend = connect(options_for("anthropic", server, api_key_env="K"), key="k")
        health = await backend.probe(("claude-opus-5-5", "claude-opus"))
        await backend.aclose()
    assert health.failure is FailureKind.NO_MODEL
    assert "'claude-opus'" in health.words
    assert health.windows["claude-opus-5-5"] == 200_000


@pytest.mark.parametrize(
    "url", ["https://api.anthropic.com", "https://api.anthropic.com/", "https://api.anthropic.com/v1"]
)
def test_the_address_may_end_as_users_of_the_compatible_way_write_it(url: str) -> None:
    assert AnthropicOptions(type="anthropic", base_url=url).base_url == "https://api.anthropic.com"


@pytest.mark.slow
async def test_the_vendors_own_library_understands_our_server_and_our_requests() -> None:
    anthropic = pytest.importorskip("anthropic", reason="the development group has it")
    from anthropic.types.message_create_params import MessageCreateParamsStreaming
    from pydantic import TypeAdapter

    async with FaultServer() as server:
        await call_once(options_for("anthropic", server, cache="always"), asked("x", schema={"type": "object"}))
        TypeAdapter(MessageCreateParamsStreaming).validate_python(server.book.chats[0].body)
        sdk = anthropic.AsyncAnthropic(base_url=server.url, api_key="k", max_retries=0)
        body = {"model": "claude", "max_tokens": 50, "messages": [{"role": "user", "content": "say it"}]}
        async with sdk.messages.stream(**body) as stream:
            text = "".join([piece async for piece in stream.text_stream])
            final = await stream.get_final_message()
        assert text.startswith("word0")
        assert (final.stop_reason, final.usage.input_tokens) == ("end_turn", 2)
        assert (await sdk.messages.count_tokens(model="claude", messages=body["messages"])).input_tokens == 2
        for status, error in ((401, anthropic.AuthenticationError), (429, anthropic.RateLimitError)):
            server.book.default = Scenario(fault="status", status=status)
            with pytest.raises(error):
                await sdk.messages.create(**body)
        await sdk.close()
