"""A server that makes vectors, in Ollama's protocol and in OpenAI's, and what can be wrong with one."""

import asyncio
import zlib
from collections.abc import Sequence
from typing import Any

from servers.http_wire import Listener, Request, Responder

SIZE = 64


def counted(text: str) -> list[float]:
    """A vector of how often three letters follow each other: alike for texts that share words."""
    row = [0.0] * SIZE
    padded = f"  {text.lower()}  "
    for start in range(len(padded) - 2):
        row[zlib.crc32(padded[start : start + 3].encode()) % SIZE] += 1.0
    return row


class VectorServer(Listener):
    """Listens on a loopback port and remembers what it was asked."""

    def __init__(self, fault: str = "", *, is_passed_on: bool = False) -> None:
        """`fault` is what goes wrong; `is_passed_on` lets the model run on another machine."""
        super().__init__(self._answer)
        self.fault = fault
        self._is_passed_on = is_passed_on
        self.asked: list[tuple[str, Any]] = []
        """Path and body of every request."""

    @property
    def texts(self) -> list[str]:
        """Every text it was to make a vector of."""
        return [text for _, body in self.asked for text in (body or {}).get("input", ())]

    async def _answer(self, request: Request, reader: asyncio.StreamReader, out: Responder) -> None:
        self.asked.append((request.path, request.document))
        if self.fault == "silent":
            await reader.read()
            return
        if self.fault.isdigit():
            await out.document(int(self.fault), {"error": "no vectors today"})
            return
        if request.path == "/api/show":
            await out.document(200, {"remote_host": "https://elsewhere.example"} if self._is_passed_on else {})
            return
        if self.fault == "html":
            await out.whole(200, b"<html>hello</html>", {"Content-Type": "text/html"})
            return
        await out.document(200, self._document(request, request.document["input"]))

    def _document(self, request: Request, texts: Sequence[str]) -> dict[str, Any]:
        rows = [counted(text) for text in texts]
        if self.fault == "fewer":
            rows = rows[1:]
        if self.fault == "zeros":
            rows = [[0.0] * SIZE for _ in texts]
        n_tokens = sum(len(text.split()) for text in texts)
        if request.path.endswith("/embeddings"):
            listed = [{"index": index, "embedding": row} for index, row in enumerate(rows)]
            return {"data": listed[::-1], "usage": {"prompt_tokens": n_tokens, "total_tokens": n_tokens}}
        return {"model": "words", "embeddings": rows, "prompt_eval_count": n_tokens}
