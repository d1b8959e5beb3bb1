"""The fault server itself: its shapes are what the SDKs expect, and it can be run and steered from outside."""

import asyncio
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx2
import ollama
import openai
import pytest
from openai.types.chat import ChatCompletion, ChatCompletionChunk

from servers.fault import FaultServer
from servers.scenarios import ReplyRule, Scenario

MESSAGES: list[dict[str, str]] = [{"role": "system", "content": "be brief"}, {"role": "user", "content": "say it"}]


def events_in(content: bytes) -> list[str]:
    """The events of a stream."""
    return [line.removeprefix("data: ") for line in content.decode().split("\n") if line.startswith("data: ")]


async def post(url: str, **more: Any) -> httpx2.Response:
    """Send a chat without any SDK."""
    async with httpx2.AsyncClient(trust_env=False) as http:
        return await http.post(url, json={"model": "m", "messages": MESSAGES, **more})


async def test_openai_events_pass_the_sdks_own_types() -> None:
    async with FaultServer() as server:
        answer = await post(
            f"{server.openai_url}/chat/completions", stream=True, stream_options={"include_usage": True}
        )
    *events, done = events_in(answer.content)
    chunks = [ChatCompletionChunk.model_validate_json(event, strict=True) for event in events]
    assert done == "[DONE]"
    assert chunks[0].choices[0].delta.role == "assistant"
    assert chunks[-2].choices[0].finish_reason == "stop"
    assert chunks[-1].choices == []
    assert chunks[-1].usage is not None
    assert chunks[-1].usage.prompt_tokens == 4


async def test_openai_without_a_stream() -> None:
    async with FaultServer() as server:
        answer = await post(f"{server.openai_url}/chat/completions")
    completion = ChatCompletion.model_validate_json(answer.content, strict=True)
    assert completion.choices[0].message.content
    assert completion.choices[0].finish_reason == "stop"


async def test_ollama_lines_pass_the_sdks_own_types() -> None:
    async with FaultServer() as server:
        answer = await post(f"{server.url}/api/chat", stream=True)
    parts = [ollama.ChatResponse.model_validate_json(line) for line in answer.content.splitlines()]
    assert [part.done for part in parts] == [False] * (len(parts) - 1) + [True]
    assert (parts[-1].done_reason, parts[-1].prompt_eval_count) == ("stop", 4)


@pytest.mark.parametrize(
    ("status", "openai_error", "ollama_words"),
    [
        (401, openai.AuthenticationError, "unauthorized"),
        (404, openai.NotFoundError, "model 'm' not found"),
        (429, openai.RateLimitError, "too many"),
        (503, openai.InternalServerError, "server busy"),
    ],
)
async def test_errors_are_what_the_sdks_expect(status: int, openai_error: type[Exception], ollama_words: str) -> None:
    async with FaultServer() as server:
        server.book.default = Scenario(fault="status", status=status)
        client = openai.AsyncOpenAI(base_url=server.openai_url, api_key="k", max_retries=0)
        with pytest.raises(openai_error):
            await client.chat.completions.create(model="m", messages=[{"role": "user", "content": "x"}])
        await client.close()
        async with ollama.AsyncClient(server.url, trust_env=False) as sdk:
            with pytest.raises(ollama.ResponseError, match=ollama_words) as caught:
                await sdk.chat("m", MESSAGES)
    assert caught.value.status_code == status


async def test_rules_see_only_what_ollama_kept() -> None:
    async with FaultServer() as server:
        server.book.rules = (
            ReplyRule(when="^START", reply="saw the start"),
            ReplyRule(when="END$", reply="saw the end"),
        )
        text = "START" + "x" * 40_000 + "END"
        asked = [{"role": "user", "content": text}]
        replies = []
        for num_ctx in (16_384, 4096):
            answer = await post(f"{server.url}/api/chat", messages=asked, stream=False, options={"num_ctx": num_ctx})
            replies.append((answer.json()["message"]["content"], answer.json()["prompt_eval_count"]))
        server.book.heeds_truncate = True
        refused = await post(f"{server.url}/api/chat", messages=asked, truncate=False)
    assert replies == [("saw the start", 10_002), ("saw the end", 2050)]
    assert (refused.status_code, refused.json()) == (400, {"error": "the input length exceeds the context length"})


@pytest.fixture
def address(tmp_path: Path) -> Iterator[str]:
    """A fault server in another process, with a script."""
    script = tmp_path / "script.json"
    script.write_text(json.dumps({"rules": [{"when": "say", "reply": "as the script says"}]}), encoding="utf-8")
    command = [sys.executable, "-m", "servers.fault", "--port", "0", "--script", str(script)]
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parent.parent)}
    with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        yield process.stdout.readline().strip()
        process.kill()


async def test_it_is_steered_from_another_process(address: str) -> None:
    first = await post(f"{address}/api/chat", stream=False)
    assert first.json()["message"]["content"] == "as the script says"
    async with httpx2.AsyncClient(base_url=address, trust_env=False) as http:
        queue = [{"fault": "status", "status": 429, "headers": {"Retry-After": "3"}}, {"fault": "stall"}]
        await http.post("/_control", json={"queue": queue})
        second = await post(f"{address}/v1/chat/completions", stream=True)
        assert (second.status_code, second.headers["retry-after"]) == (429, "3")
        third = asyncio.create_task(post(f"{address}/v1/chat/completions", stream=True))
        await http.get("/_control?chats=3")
        third.cancel()
        record = (await http.get("/_control?chats=3&closed=1")).json()
    assert [call["scenario"] for call in record["calls"]] == ["normal", "status-429", "stall"]
    assert [call["has_closed_early"] for call in record["calls"]] == [False, False, True]
    assert record["calls"][2]["body"]["messages"] == MESSAGES
    assert record["queued"] == 0
