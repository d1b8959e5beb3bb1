"""A prompt that does not fit is an error or is noticed; it is never answered as if it had been read."""

import pytest

from backends.check_backends import call_once, options_for, request
from servers.fault import FaultServer
from servers.scenarios import BYTES_PER_TOKEN, Scenario
from tierwise.backends.base import FailureKind, Usage
from tierwise.backends.truncation import was_cut

WINDOW = 4096


def text_of(n_tokens: int) -> str:
    """A prompt of so many tokens."""
    return "abcd" * n_tokens


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
    ("n_bytes", "n_counted", "window", "is_cut"),
    [
        (4000, 1000, None, False),
        (4000, 700, None, False),  # Code with deep indentation: 5.7 bytes to a token.
        (4000, 590, None, True),
        (800, 20, None, False),  # Too short to judge.
        (9100, 2050, 4096, True),  # Exactly what a cut leaves, of a text that may have been longer than the window.
        (8200, 2050, 4096, False),
        (9100, 2056, 4096, False),
    ],
)
def test_what_counts_as_cut(n_bytes: int, n_counted: int, window: int | None, is_cut: bool) -> None:
    asked = request(text="abcd" * ((n_bytes - len("be brief")) // 4), window=window)
    assert was_cut(asked, Usage(input_tokens=n_counted, output_tokens=1)) is is_cut


def test_deep_indentation_is_not_taken_for_a_cut() -> None:
    lines = [f"{' ' * 40}call_{number}(a, b)" for number in range(100)]
    asked = request(text="\n".join(lines))
    assert not was_cut(asked, Usage(input_tokens=9 * len(lines), output_tokens=1))
    assert was_cut(asked, Usage(input_tokens=2 * len(lines), output_tokens=1))


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
    assert BYTES_PER_TOKEN * 1000 / 3 <= outcome.completion.usage.input_tokens
