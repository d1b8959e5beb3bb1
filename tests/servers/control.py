"""The endpoint through which a test in another process arranges scenarios and reads the record.

`POST /_control` takes `{"reset"?: true, "queue"?: [Scenario], "default"?: Scenario, "rules"?: [ReplyRule],
"models"?: {name: window}, "key"?: str}`. `GET /_control` answers `{"calls": [Call], "queued": int, "now": float}`, and
`GET /_control?chats=3&closed=1` waits up to ten seconds until so many chats came and so many were closed early.
"""

import time
from typing import Any
from urllib.parse import parse_qs, urlsplit

from servers.http_wire import Request, Responder
from servers.scenarios import Book, ReplyRule, Scenario


def apply_control(book: Book, order: dict[str, Any]) -> None:
    """Arrange what the order says."""
    if order.get("reset"):
        book.calls.clear()
        book.queue.clear()
        book.rules, book.default, book.models, book.key = (), Scenario(), None, None
    book.queue += [Scenario(**scenario) for scenario in order.get("queue", ())]
    if "default" in order:
        book.default = Scenario(**order["default"])
    if "rules" in order:
        book.rules = tuple(ReplyRule(**rule) for rule in order["rules"])
    if "models" in order:
        book.models = order["models"]
    if "key" in order:
        book.key = order["key"]


async def control(book: Book, request: Request, out: Responder) -> None:
    """Serve one request to the endpoint."""
    if request.method == "POST":
        apply_control(book, request.document)
        await out.document(200, {})
        return
    query = {name: int(values[0]) for name, values in parse_qs(urlsplit(request.path).query).items()}

    def is_met(book: Book) -> bool:
        n_closed = sum(call.has_closed_early for call in book.chats)
        return query.get("chats", 0) <= len(book.chats) and query.get("closed", 0) <= n_closed

    try:
        await book.wait_for(is_met)
    except TimeoutError:
        await out.document(408, {"error": f"{query} did not come about", "calls": len(book.calls)})
        return
    calls = [call.to_json() for call in book.calls]
    await out.document(200, {"calls": calls, "queued": len(book.queue), "now": time.monotonic()})
