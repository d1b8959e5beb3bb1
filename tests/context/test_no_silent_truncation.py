"""Prompts of half a window to four: read whole, refused before they are sent, or noticed; never answered half read."""

import random
import string
from pathlib import Path

import pytest

from backends.check_backends import call, options_for
from context.ways_out import project_with_servers
from servers import fault
from servers.fault import FaultServer
from servers.scenarios import Scenario
from tierwise.backends.base import ChatMessage, ChatRequest, FailureKind
from tierwise.backends.registry import connect
from tierwise.dispatch import Refusal
from tierwise.routing.tiers import Tier

WINDOWS = (2048, 4096, 8192)
MARK = "FIRST WORDS OF THE PROMPT"
SOURCES = [file.read_text("utf-8") for file in sorted(Path(fault.__file__).parents[1].rglob("*.py"))]


def code(chance: random.Random) -> str:
    """Real code."""
    return chance.choice(SOURCES)


def prose(chance: random.Random) -> str:
    """Words."""
    return " ".join("".join(chance.choices(string.ascii_lowercase, k=chance.randint(2, 9))) for _ in range(300))


def numbers(chance: random.Random) -> str:
    """A table."""
    return "\n".join(", ".join(str(chance.randint(0, 10**6)) for _ in range(8)) for _ in range(80))


def indented(chance: random.Random) -> str:
    """Deep nesting."""
    return "\n".join(f"{' ' * chance.randint(0, 60)}call_{n}(value)" for n in range(150))


KINDS = (code, code, prose, numbers, indented)


def text_of(chance: random.Random, n_bytes: int) -> str:
    """A text of so many bytes, most of one kind."""
    make = chance.choice(KINDS)
    text = ""
    while len(text.encode()) < n_bytes:
        text += make(chance) + "\n"
    return text.encode()[:n_bytes].decode("utf-8", "ignore")


@pytest.mark.slow
@pytest.mark.parametrize("heeds_truncate", [False, True])
async def test_two_thousand_prompts_at_a_server_that_cuts(heeds_truncate: bool) -> None:
    chance = random.Random(20261122)  # noqa: S311
    n_read = n_noticed = n_doubted = 0
    async with FaultServer() as server:
        server.book.heeds_truncate = heeds_truncate
        server.book.reply = lambda _: "done"
        backend = connect(options_for("ollama", server))
        for _ in range(1000):
            window = chance.choice(WINDOWS)
            share = chance.uniform(0.5, 4.0) if chance.random() < 0.8 else chance.uniform(0.9, 1.1)
            text = text_of(chance, int(share * window * 4))
            asked = ChatRequest(
                model="m",
                messages=(ChatMessage("system", MARK), ChatMessage("user", text)),
                max_output_tokens=100,
                deadline_s=20.0,
                window=window if chance.random() < 0.8 else None,
            )
            server.book.models = {"m": window}
            outcome = await call(backend, asked)
            fits = len(text.encode()) / 4 + 8 < min(window, asked.window or 4096)
            if outcome.completion is not None:
                assert fits, f"a prompt of {share:.2f} windows of {window} was answered half read"
                n_read += 1
                continue
            assert outcome.error is not None
            assert outcome.error.kind in (FailureKind.TRUNCATED_PROMPT, FailureKind.TOO_LONG)
            n_noticed += 1
            n_doubted += fits
        await backend.aclose()
    print(f"{n_read} read whole, {n_noticed} noticed, of which {n_doubted} were whole")
    assert n_doubted <= 10
    assert 100 < n_read


@pytest.mark.slow
async def test_an_action_whose_prompt_does_not_fit_is_not_sent(tmp_path: Path) -> None:
    """With the window known, what does not fit is refused before it is sent, or goes where it fits."""
    chance = random.Random(7)  # noqa: S311
    n_sent = n_refused = 0
    async with project_with_servers(tmp_path) as servers:
        servers.local.book.models = {"m": 8192}
        servers.local.book.default = Scenario(reply="no code")
        for number in range(60):
            body = "".join(f"    total = compute(items, start={n})\n" for n in range(chance.randint(20, 400)))
            snapshot = servers.project.write(f"f{number}.py", f"def f{number}(items):\n{body}    return items\n")
            servers.project.ledger.forget_breakers()
            outcome = await servers.project.act("refactor", snapshot, "def ", tier=Tier.LOCAL)
            assert isinstance(outcome, Refusal)
            n_refused += outcome.code in ("prompt-too-long", "no-model", "reply-cut-at-length")
            for chat in servers.local.book.chats:
                n_tokens = sum(fault.count_tokens(message["content"]) for message in chat.messages)
                assert n_tokens < chat.body["options"]["num_ctx"]
            n_sent += len(servers.local.book.chats)
            servers.local.book.calls.clear()
    print(f"{n_sent} sent, {n_refused} refused before that")
    assert n_sent
    assert n_refused
