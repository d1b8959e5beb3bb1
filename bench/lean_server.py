"""A chat server that costs next to nothing, so that what is measured is its clients: canned streams, no parsing.

`POST /<pieces>/v1/chat/completions` streams so many pieces. Prints its port.
"""

import asyncio
import json
from functools import cache


@cache
def answer(n_pieces: int) -> bytes:
    """The whole response, each piece a chunk and an event of its own."""
    events = [_event({"content": f"piece{number} "}) for number in range(n_pieces)]
    usage = {"prompt_tokens": 20, "completion_tokens": n_pieces, "total_tokens": 20 + n_pieces}
    events += [_event({}, finish="stop"), _event(None, usage=usage), b"data: [DONE]\n\n"]
    body = b"".join(b"%x\r\n%s\r\n" % (len(event), event) for event in events)
    return (
        b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n"
        + body
        + b"0\r\n\r\n"
    )


def _event(delta: dict[str, str] | None, finish: str | None = None, usage: dict[str, int] | None = None) -> bytes:
    choices = [] if delta is None else [{"index": 0, "delta": delta, "finish_reason": finish}]
    document = {"id": "x", "object": "chat.completion.chunk", "created": 1, "model": "m", "choices": choices}
    return b"data: " + json.dumps(document | ({} if usage is None else {"usage": usage})).encode() + b"\n\n"


class Lean(asyncio.Protocol):
    """One connection."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Remember where answers go."""
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        self._data = b""

    def data_received(self, data: bytes) -> None:
        """Answer each request that is whole."""
        self._data += data
        while True:
            head, end, rest = self._data.partition(b"\r\n\r\n")
            if not end:
                return
            length = next(
                (int(line[15:]) for line in head.lower().split(b"\r\n") if line[:15] == b"content-length:"), 0
            )
            if len(rest) < length:
                return
            self._data = rest[length:]
            path = head.split(b" ", 2)[1].split(b"/")
            self._transport.write(answer(int(path[1])))


async def main() -> None:
    """Serve until the process is ended."""
    server = await asyncio.get_running_loop().create_server(Lean, "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(main())
