"""A prompt that does not fit is an error or is noticed; it is never answered as if it had been read."""

import pytest

from backends.check_backends import call_once, options_for, request
from servers.fault import FaultServer
from servers.scenarios import BYTES_PER_TOKEN, Scenario
from tierwise.backends.base import FailureKind, Usage
from tierwise.backends.truncation import was_cut

WINDOW = 4096


LINE = "    total = compute(items, start=1)  # sum\n"


def text_of(n_tokens: int) -> str:
    """A prompt of so many tokens of the server, four bytes each."""
    return (LINE * (4 * n_tokens // len(LINE) + 1))[: 4 * n_tokens]


@pytest.mark.parametrize("share", [0.5, 0.9, 0.99])
async def test_a_prompt_that_fits_is_read(share: float) -> None:
    async with FaultServer() as server:
        options = options_for("ollama", server)
        outcome = await call_once(options, request(text=text_of(int(WINDOW * share)), window=WINDOW))
    assert outcome.completion is not None
    assert outcome.completion.usage.input_tokens == int(WINDOW * share) + 2


@pytest.mark.parametrize("share", [1.0, 1.01, 1.1, 1.5, 2.0, 4.0])
async def test_a_prompt_that_ollama_cut_is_noticed(share: float) -> None:
    async with FaultServer() as server:
        options = options_for("ollama", server)
        outcome = await call_once(options, request(text=text_of(int(WINDOW * share)), window=WINDOW))
    assert outcome.error is not None
    assert outcome.error.kind is FailureKind.TRUNCATED_PROMPT
    assert outcome.error.usage is not None
    assert outcome.error.usage.input_tokens == WINDOW // 2 + 2


async def test_without_a_window_ollamas_own_small_one_is_noticed_too() -> None:
    async with FaultServer() as server:
        outcome = await call_once(options_for("ollama", server), request(text=text_of(9000)))
    assert outcome.error is not None
    assert outcome.error.kind is FailureKind.TRUNCATED_PROMPT


async def test_openai_says_that_it_is_too_long() -> None:
    async with FaultServer() as server:
        server.book.models = {"m": WINDOW}
        outcome = await call_once(options_for("openai", server), request(text=text_of(2 * WINDOW)))
        assert len(server.book.chats) == 1
    assert outcome.error is not None
    assert outcome.error.kind is FailureKind.TOO_LONG
    assert "4096" in outcome.error.words


@pytest.mark.parametrize(
    ("n_tokens", "n_counted", "window", "is_cut"),
    [
        (1000, 1000, None, False),
        (1000, 760, None, False),
        (1000, 550, None, True),
        (60, 20, None, False),  # Too short to judge.
        (4300, 2050, 4096, True),
        (2050, 2050, 4096, False),  # Exactly what a cut leaves, of a prompt that fits.
    ],
)
def test_what_counts_as_cut(n_tokens: int, n_counted: int, window: int | None, is_cut: bool) -> None:
    asked = request(text=text_of(n_tokens), window=window)
    assert was_cut(asked, Usage(input_tokens=n_counted, output_tokens=1)) is is_cut


@pytest.mark.parametrize("window", [8192, None])
def test_dense_text_is_given_away_by_what_a_cut_leaves(window: int | None) -> None:
    numbers = ", ".join(str(n * 7919 % 10**6) for n in range(4000))
    asked = request(text=numbers, window=window)
    assert was_cut(asked, Usage(input_tokens=8192 // 2 + 2, output_tokens=1))
    assert not was_cut(asked, Usage(input_tokens=20_000, output_tokens=1))


def test_deep_indentation_is_not_taken_for_a_cut() -> None:
    lines = [f"{' ' * 40}call_{number}(a, b)" for number in range(100)]
    asked = request(text="\n".join(lines))
    assert not was_cut(asked, Usage(input_tokens=9 * len(lines), output_tokens=1))
    assert was_cut(asked, Usage(input_tokens=4 * len(lines), output_tokens=1))


async def test_a_local_server_behind_openais_protocol_is_judged_too() -> None:
    async with FaultServer() as server:
        server.book.default = Scenario(fault="usage-small")
        outcome = await call_once(options_for("openai", server), request(text=text_of(9000)))
    assert outcome.error is not None
    assert outcome.error.kind is FailureKind.TRUNCATED_PROMPT


async def test_no_counts_is_no_proof_of_a_cut() -> None:
    async with FaultServer() as server:
        server.book.default = Scenario(fault="usage-missing")
        outcome = await call_once(options_for("ollama", server), request(text=text_of(1000)))
    assert outcome.completion is not None
    assert outcome.completion.usage.is_estimated
    assert BYTES_PER_TOKEN * 1000 / 4 <= outcome.completion.usage.input_tokens


async def test_a_newer_ollama_says_itself_that_it_is_too_long() -> None:
    async with FaultServer() as server:
        server.book.heeds_truncate = True
        outcome = await call_once(options_for("ollama", server), request(text=text_of(2 * WINDOW), window=WINDOW))
    assert outcome.error is not None
    assert outcome.error.kind is FailureKind.TOO_LONG
