"""Calls through the bare openai SDK, as its manual shows them. Argument: the port."""

import asyncio
import sys
import time
from collections.abc import AsyncIterator
from typing import Any, cast

import openai

from bench.worker import serve


async def main() -> None:
    """Serve orders."""
    clients: dict[int, openai.AsyncOpenAI] = {}

    async def call(n_pieces: int) -> float:
        if n_pieces not in clients:
            url = f"http://127.0.0.1:{sys.argv[1]}/{n_pieces}/v1"
            clients[n_pieces] = openai.AsyncOpenAI(base_url=url, api_key="none", max_retries=0)
        began, first = time.perf_counter(), 0.0
        stream = await clients[n_pieces].chat.completions.create(
            model="m",
            messages=[{"role": "user", "content": "say something"}],
            max_tokens=20_000,
            stream=True,
            stream_options={"include_usage": True},
        )
        async for chunk in cast(AsyncIterator[Any], stream):
            if not first and chunk.choices and chunk.choices[0].delta.content:
                first = time.perf_counter() - began
        return first

    await serve(call)


if __name__ == "__main__":
    asyncio.run(main())
