"""One table of answers and faults, the same for every backend that speaks over a wire."""

from dataclasses import replace

import pytest

from backends.check_backends import QUICK, WIRES, call_once, options_for, request
from servers.endings import ALL as ENDINGS
from servers.fault import FaultServer
from servers.faults import FAULTS
from servers.scenarios import BYTES_PER_TOKEN, Scenario
from tierwise.backends.base import FailureKind, Usage

TEXT = "word0 word1 word2 word3 word4 word5 word6 word7 word8 word9 word10 word11 for m"
COUNTED = Usage(input_tokens=6, output_tokens=-(-len(TEXT) // BYTES_PER_TOKEN))
ESTIMATED = Usage(input_tokens=7, output_tokens=-(-len(TEXT) // 3), is_estimated=True)

GOOD = {
    "normal": (TEXT, COUNTED),
    "chatter-after-end": (TEXT, COUNTED),
    "split-characters": ("zoë ✓ 🎉", COUNTED),
    "separators": ("a\u2028b\x85c", COUNTED),
    "usage-small": (TEXT, replace(COUNTED, input_tokens=3)),
    "usage-missing": (TEXT, ESTIMATED),
    "usage-negative": (TEXT, ESTIMATED),
    "usage-zero": (TEXT, ESTIMATED),
}
SLOW = {
    "slow-first-byte": FailureKind.TIMEOUT_FIRST_TOKEN,
    "slow-first-token": FailureKind.TIMEOUT_FIRST_TOKEN,
    "heartbeats": FailureKind.TIMEOUT_FIRST_TOKEN,
    "stall": FailureKind.TIMEOUT_BETWEEN_TOKENS,
    "stall-with-heartbeats": FailureKind.TIMEOUT_BETWEEN_TOKENS,
    "drip": FailureKind.TIMEOUT_TOTAL,
}
BROKEN = {
    "cut": FailureKind.NO_FINISH,
    "done-without-finish": FailureKind.NO_FINISH,
    "finish-without-done": FailureKind.NO_FINISH,
    "broken-off": FailureKind.CONNECTION,
    "reset": FailureKind.CONNECTION,
    "reset-before": FailureKind.CONNECTION,
    "html": FailureKind.PROTOCOL,
    "html-as-stream": {
        "openai": FailureKind.NO_FINISH,
        "ollama": FailureKind.PROTOCOL,
        "anthropic": FailureKind.NO_FINISH,
    },
    "document": FailureKind.PROTOCOL,
    "broken-json": FailureKind.PROTOCOL,
    "wrong-shape": FailureKind.PROTOCOL,
    "bad-utf8": FailureKind.PROTOCOL,
    "lone-surrogate": FailureKind.PROTOCOL,
    "giant-line": FailureKind.PROTOCOL,
    "endless-line": FailureKind.PROTOCOL,
    "flood": FailureKind.PROTOCOL,
    "compressed": FailureKind.PROTOCOL,
    "length": FailureKind.LENGTH,
    "content-filter": FailureKind.FILTERED,
    "unknown-finish": FailureKind.PROTOCOL,
    "empty": FailureKind.EMPTY,
    "blank": FailureKind.EMPTY,
    "only-reasoning": FailureKind.EMPTY,
    "error-in-stream": FailureKind.SERVER_ERROR,
    "status-307": FailureKind.PROTOCOL,
    "status-400": FailureKind.BAD_REQUEST,
    "status-401": FailureKind.AUTHENTICATION,
    "status-402": FailureKind.RATE_LIMITED,
    "status-403": FailureKind.AUTHENTICATION,
    "status-404": FailureKind.NO_MODEL,
    "status-408": FailureKind.OVERLOADED,
    "status-409": FailureKind.OVERLOADED,
    "status-413": FailureKind.TOO_LONG,
    "status-422": FailureKind.BAD_REQUEST,
    "status-429": FailureKind.RATE_LIMITED,
    "status-500": FailureKind.SERVER_ERROR,
    "status-502": FailureKind.SERVER_ERROR,
    "status-503": FailureKind.OVERLOADED,
    "status-529": FailureKind.OVERLOADED,
}
PAID = ("length", "content-filter", "unknown-finish", "empty", "blank", "only-reasoning", "done-without-finish")
"""Failures of which the server still told what they cost; Ollama's last line comes with all of them."""


def test_every_fault_has_its_line() -> None:
    assert set(FAULTS) - {"refusal"} <= {*GOOD, *SLOW, *BROKEN}
    assert set(ENDINGS) <= set(FAULTS.values())


@pytest.mark.parametrize("wire", WIRES)
@pytest.mark.parametrize("fault", GOOD)
async def test_a_whole_reply_is_a_completion(wire: str, fault: str) -> None:
    text, usage = GOOD[fault]
    async with FaultServer() as server:
        outcome = await call_once(options_for(wire, server), request(f"m@{fault}"))
    assert outcome.error is None
    assert outcome.completion is not None
    assert outcome.completion.text == text == "".join(outcome.pieces)
    assert outcome.completion.usage == usage
    assert outcome.completion.model == "m"
    assert 0 < outcome.completion.first_token_s <= outcome.completion.duration_s


@pytest.mark.parametrize("wire", WIRES)
@pytest.mark.parametrize("fault", BROKEN)
async def test_anything_less_is_a_failure(wire: str, fault: str) -> None:
    expected = BROKEN[fault]
    kind = expected[wire] if isinstance(expected, dict) else expected
    async with FaultServer() as server:
        outcome = await call_once(options_for(wire, server), request(f"m@{fault}"))
        assert len(server.book.chats) == 1, "a failed call must not be repeated"
    assert outcome.completion is None
    assert outcome.error is not None
    assert outcome.error.kind is kind, outcome.error.words
    assert outcome.error.n_output_chars >= len("".join(outcome.pieces))
    if fault in PAID:
        assert outcome.error.usage is not None
        assert outcome.error.usage.input_tokens == COUNTED.input_tokens
    check_words(outcome.error.words)


@pytest.mark.parametrize("wire", WIRES)
@pytest.mark.parametrize("fault", SLOW)
async def test_each_clock_runs_out_and_closes_the_socket(wire: str, fault: str) -> None:
    async with FaultServer() as server:
        options = options_for(wire, server, **QUICK)
        outcome = await call_once(options, request(f"m@{fault}", deadline_s=0.6 if fault == "drip" else 5.0))
        await server.book.wait_for(lambda book: book.chats[0].has_closed_early)
    assert outcome.error is not None
    assert outcome.error.kind is SLOW[fault]
    check_words(outcome.error.words)


@pytest.mark.parametrize("wire", ["openai", "anthropic"])
async def test_a_refusal_is_no_reply(wire: str) -> None:
    async with FaultServer() as server:
        outcome = await call_once(options_for(wire, server), request("m@refusal"))
    assert outcome.error is not None
    assert outcome.error.kind is FailureKind.FILTERED


@pytest.mark.parametrize("wire", WIRES)
async def test_reasoning_counts_but_is_no_content(wire: str) -> None:
    scenario = Scenario(reasoning="first I think", reasoning_tokens=3, cached_tokens=4, reply="the answer is here")
    async with FaultServer() as server:
        server.book.queue.append(scenario)
        outcome = await call_once(options_for(wire, server), request())
    assert outcome.completion is not None
    assert outcome.completion.text == "the answer is here"
    expected = (0, 0) if wire == "ollama" else (4, 3)
    assert (outcome.completion.usage.cached_tokens, outcome.completion.usage.reasoning_tokens) == expected


@pytest.mark.parametrize("wire", WIRES)
async def test_nobody_there(wire: str) -> None:
    async with FaultServer() as server:
        options = options_for(wire, server)
    outcome = await call_once(options, request())
    assert outcome.error is not None
    assert outcome.error.kind is FailureKind.REFUSED
    check_words(outcome.error.words)
    assert "start" in outcome.error.words


def check_words(words: str) -> None:
    """One sentence for people: a single line, not long, without a full stop or a Python name in it."""
    assert words
    assert "\n" not in words
    assert not words.endswith(".")
    assert len(words) < 400
    assert "Error(" not in words
