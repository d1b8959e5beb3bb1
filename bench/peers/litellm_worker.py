"""Calls through LiteLLM's Router, as its manual shows them; runs in an environment of its own. Argument: the port."""

import asyncio
import os
import sys
import time
from pathlib import Path

os.environ |= {"LITELLM_LOCAL_MODEL_COST_MAP": "True", "LITELLM_LOG": "ERROR"}
sys.path.insert(0, str(Path(__file__).parents[1]))

from litellm import Router
from worker import serve

MESSAGES = [{"role": "user", "content": "say something"}]


def router(port: str, pieces: tuple[int, ...]) -> Router:
    """Three tiers that fall back to each other, as our dispatcher is set up."""
    models = [
        {
            "model_name": f"{tier}-{n_pieces}",
            "litellm_params": {
                "model": "openai/m",
                "api_base": f"http://127.0.0.1:{port}/{n_pieces}/v1",
                "api_key": "none",
                "input_cost_per_token": 1e-6,
                "output_cost_per_token": 4e-6,
            },
        }
        for tier in ("local", "bulk", "top")
        for n_pieces in pieces
    ]
    fallbacks = [{f"bulk-{n_pieces}": [f"top-{n_pieces}"]} for n_pieces in pieces]
    return Router(model_list=models, fallbacks=fallbacks, num_retries=1)


async def main() -> None:
    """Serve orders."""
    made = router(sys.argv[1], (12, 2000))

    async def call(n_pieces: int) -> float:
        began, first = time.perf_counter(), 0.0
        stream = await made.acompletion(
            model=f"bulk-{n_pieces}",
            messages=MESSAGES,
            max_tokens=20_000,
            stream=True,
            stream_options={"include_usage": True},
        )
        async for chunk in stream:
            if not first and chunk.choices and chunk.choices[0].delta.content:
                first = time.perf_counter() - began
        return first

    await serve(call)


if __name__ == "__main__":
    asyncio.run(main())
