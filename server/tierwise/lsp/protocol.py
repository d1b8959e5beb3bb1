"""The protocol's rules on top of pygls: every request answered once, cancelled for real, and never with our insides.

pygls 2.1 leaves malformed requests unanswered, runs cancelled commands to their end, breaks its own shutdown, and sends
tracebacks to the client. Everything that mends this is here and in `transport`.
"""

import asyncio
import inspect
import json
import logging
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import cattrs
from lsprotocol import types
from pygls.exceptions import JsonRpcException
from pygls.protocol import LanguageServerProtocol

from tierwise.lsp.frames import Oversized
from tierwise.lsp.messages import Failed, MessageId, document_uri, is_expendable, is_message_id, misfit
from tierwise.lsp.transport import Outbox

if TYPE_CHECKING:
    from pygls.lsp.server import LanguageServer

logger = logging.getLogger(__name__)

REPLY_TIMEOUT_S = 60.0
"""How long a client may take to answer a request of ours."""
_CANCEL_GRACE_S = 2.0
"""A cancelled request is answered after this long even if its work has not ended yet."""

_Codes = types.ErrorCodes
_LspCodes = types.LSPErrorCodes


@dataclass(slots=True, eq=False)
class Pending:
    """A request of the client that has not been answered yet."""

    id: MessageId
    method: str
    task: asyncio.Future[Any] | None = None
    is_answered: bool = False


class TierwiseProtocol(LanguageServerProtocol):
    """Reads messages, calls the handlers registered on the server, writes the answers."""

    def __init__(self, server: "LanguageServer", converter: cattrs.Converter) -> None:
        super().__init__(server, converter)
        self.converter = converter
        self.outbox: Outbox | None = None
        self.on_exit: Callable[[int], None] | None = None
        """Called with the exit code once the client has said goodbye."""
        self._pending: dict[MessageId, Pending] = {}
        self._is_initialized = False
        self._n_sent = 0

    def _register_builtin_features(self) -> None:
        """Leave out pygls' own handlers: they keep a second, unreliable copy of every document."""

    # Messages from the client

    def receive(self, frame: bytes | Oversized) -> None:
        """Take one message in. Never raises: whatever is wrong with it is answered or logged."""
        if isinstance(frame, Oversized):
            self._refuse(frame.request_id, _Codes.InvalidRequest, f"a message of {frame.n_bytes} bytes is too large")
            return
        try:
            message = json.loads(frame)
        except (ValueError, RecursionError):
            self._refuse(None, _Codes.ParseError, "a message was not JSON")
            return
        if not isinstance(message, dict):
            self._refuse(None, _Codes.InvalidRequest, "a message was not a JSON object")
            return
        method = message.get("method")
        if "id" not in message:
            self._receive_notification(method, message.get("params"))
        elif method is None and ("result" in message or "error" in message):
            self._receive_response(message)
        else:
            self._receive_request(message["id"], method, message)

    def _receive_request(self, message_id: Any, method: Any, message: dict[str, Any]) -> None:
        if not is_message_id(message_id):
            self._refuse(None, _Codes.InvalidRequest, "the id of a request must be a number or a string")
        elif not isinstance(method, str) or message.get("jsonrpc") != self.VERSION:
            self._refuse(message_id, _Codes.InvalidRequest, "a request needs a method and jsonrpc '2.0'")
        elif message_id in self._pending:
            self._refuse(message_id, _Codes.InvalidRequest, "this id belongs to a request that is not answered yet")
        elif self._shutdown:
            self._refuse(message_id, _Codes.InvalidRequest, "the server has been shut down")
        elif method == types.INITIALIZE and self._is_initialized:
            self._refuse(message_id, _Codes.InvalidRequest, "the server is initialized already")
        elif method != types.INITIALIZE and not self._is_initialized:
            self._refuse(message_id, _Codes.ServerNotInitialized, "the first request must be 'initialize'")
        else:
            self._call(message_id, method, message.get("params"))

    def _call(self, message_id: MessageId, method: str, raw_params: Any) -> None:
        """Run a request's handler: to its end at once if it is a plain function, else as a task."""
        pending = self._pending[message_id] = Pending(message_id, method)
        if method == types.SHUTDOWN:
            pending.task = asyncio.ensure_future(self._shut_down(pending))
            pending.task.add_done_callback(lambda task: self._settle(pending, task.result))
            return
        handler = self.fm.features.get(method)
        if handler is None:
            self._answer_error(pending, _Codes.MethodNotFound, f"the method {method!r} is not supported")
            return
        try:
            outcome = handler(self._structured(method, raw_params))
            self._is_initialized |= method == types.INITIALIZE
            if not inspect.isawaitable(outcome):
                self._answer(pending, outcome)
                return
        except Exception as error:
            # This is the boundary: no exception passes it, the client always gets an answer.
            self._answer_exception(pending, error)
            return
        pending.task = asyncio.ensure_future(outcome)
        pending.task.add_done_callback(lambda task: self._settle(pending, task.result))

    def _receive_notification(self, method: Any, raw_params: Any) -> None:
        if method == types.EXIT:
            self._leave()
        elif not isinstance(method, str) or not self._is_initialized or self._shutdown:
            logger.info("ignored a notification outside of the session")
        elif method == types.CANCEL_REQUEST:
            self._cancel(raw_params.get("id") if isinstance(raw_params, dict) else None)
        elif handler := self.fm.features.get(method):
            try:
                outcome = handler(self._structured(method, raw_params))
                if inspect.isawaitable(outcome):
                    asyncio.ensure_future(outcome).add_done_callback(_log_outcome)
            except Exception as error:
                self._notification_failed(method, raw_params, error)

    def _notification_failed(self, method: str, raw_params: Any, error: Exception) -> None:
        logger.warning("the notification %r could not be used", method, exc_info=error)
        uri = document_uri(raw_params)
        if uri is not None and method.startswith("textDocument/did"):
            self.document_lost(uri)

    def document_lost(self, uri: str) -> None:
        """Called when a change of a document could not be taken in; the server overrides it."""

    def _structured(self, method: str, raw_params: Any) -> Any:
        """Turn parameters into their type; raises Failed with the path of what does not fit, never with its value."""
        params_type: Any = types.METHOD_TO_TYPES[method][2] if method in types.METHOD_TO_TYPES else None
        if params_type is None:
            return raw_params
        if raw_params is None:
            raw_params = {}
        try:
            return self.converter.structure(raw_params, params_type)
        except RecursionError:
            raise Failed(_Codes.InvalidParams, f"the parameters of {method!r} are nested too deeply") from None
        except Exception as error:
            raise Failed(_Codes.InvalidParams, f"the parameters of {method!r} do not fit: {misfit(error)}") from error

    # Cancelling, shutting down, leaving

    def _cancel(self, message_id: Any) -> None:
        pending = self._pending.get(message_id) if is_message_id(message_id) else None
        if pending is None or pending.task is None or pending.method == types.SHUTDOWN:
            return
        pending.task.cancel()
        loop = asyncio.get_running_loop()
        loop.call_later(_CANCEL_GRACE_S, self._answer_error, pending, _LspCodes.RequestCancelled, "cancelled")

    async def _shut_down(self, shutdown: Pending) -> None:
        """Cancel what is in flight, wait for it to be answered, then let the server close what it holds."""
        self._shutdown = True
        await self.cancel_all(besides=shutdown)
        if (handler := self.fm.features.get(types.SHUTDOWN)) is not None:
            await handler(None)

    async def cancel_all(self, besides: Pending | None = None) -> None:
        """Cancel every request in flight and wait a moment for their work to end."""
        tasks = [p.task for p in self._pending.values() if p is not besides and p.task is not None]
        for task in tasks:
            task.cancel()
        if tasks:
            await asyncio.wait(tasks, timeout=_CANCEL_GRACE_S)

    def _leave(self) -> None:
        if self.on_exit is not None:
            self.on_exit(0 if self._shutdown else 1)

    # Answers to the client

    def _settle(self, pending: Pending, result_of: Callable[[], Any]) -> None:
        try:
            self._answer(pending, result_of())
        except asyncio.CancelledError:
            self._answer_error(pending, _LspCodes.RequestCancelled, "cancelled")
        except Exception as error:
            self._answer_exception(pending, error)

    def _answer(self, pending: Pending, result: Any) -> None:
        self._reply(pending, {"result": self.converter.unstructure(result)})

    def _answer_exception(self, pending: Pending, error: Exception) -> None:
        if isinstance(error, JsonRpcException):
            self._answer_error(pending, error.code, error.message)
            return
        logger.error("the request %r failed", pending.method, exc_info=error)
        words = f"a fault inside Tierwise stopped {pending.method!r}, its log says where"
        self._answer_error(pending, _Codes.InternalError, words)

    def _answer_error(self, pending: Pending, code: int, message: str) -> None:
        self._reply(pending, {"error": _error(code, message)})

    def _refuse(self, message_id: MessageId, code: int, message: str) -> None:
        """Answer a request that never became one."""
        self._put(_encoded({"jsonrpc": self.VERSION, "id": message_id, "error": _error(code, message)}))

    def _reply(self, pending: Pending, outcome: dict[str, Any]) -> None:
        if pending.is_answered:
            return
        body = _encoded({"jsonrpc": self.VERSION, "id": pending.id, **outcome})
        # Only now: a result that cannot be encoded is answered with an error instead.
        pending.is_answered = True
        self._pending.pop(pending.id, None)
        self._put(body)

    # Messages of our own

    def _send_data(self, data: Any) -> None:
        """Called by pygls for notifications and for requests of the server."""
        message = self.converter.unstructure(data)
        self._put(_encoded(message), may_be_dropped=is_expendable(message))

    def _put(self, body: bytes, *, may_be_dropped: bool = False) -> None:
        if self.outbox is not None:
            self.outbox.put(body, may_be_dropped=may_be_dropped)

    def send_request_async(self, method: str, params: Any = None, msg_id: MessageId = None) -> Any:
        """What pygls' typed requests call, e.g. `workspace_apply_edit_async`."""
        return self.ask(method, params)

    async def ask(self, method: str, params: Any, timeout_s: float = REPLY_TIMEOUT_S) -> Any:
        """Send a request to the client and wait for its answer.

        Raises JsonRpcException when the client answers with an error, TimeoutError when it does not answer.
        """
        self._n_sent += 1
        message_id = f"tierwise-{self._n_sent}"
        future = asyncio.wrap_future(self.send_request(method, params, msg_id=message_id))
        try:
            async with asyncio.timeout(timeout_s):
                return await future
        finally:
            self._request_futures.pop(message_id, None)
            self._result_types.pop(message_id, None)

    def _receive_response(self, message: dict[str, Any]) -> None:
        message_id = message["id"] if isinstance(message["id"], int | str) else ""
        future = self._request_futures.pop(message_id, None)
        result_type = self._result_types.pop(message_id, None)
        if future is None or not future.set_running_or_notify_cancel():
            return
        complaint = message.get("error")
        if complaint is not None:
            words = str(complaint.get("message", "")) if isinstance(complaint, dict) else ""
            future.set_exception(Failed(_Codes.InternalError, words or "the client answered with an error"))
            return
        try:
            if result_type is None:
                # A request of our own, whose answer the protocol's types do not know.
                future.set_result(message.get("result"))
                return
            structured = self.converter.structure({"jsonrpc": "2.0", **message}, result_type)
            future.set_result(getattr(structured, "result", None))
        except Exception as error:
            future.set_exception(Failed(_Codes.InternalError, f"the client's answer does not fit: {misfit(error)}"))


def _encoded(message: dict[str, Any]) -> bytes:
    """Compact ASCII, so that a lone surrogate in a text travels as an escape."""
    return json.dumps(message, separators=(",", ":")).encode("ascii")


def _error(code: int, message: str) -> dict[str, Any]:
    return {"code": int(code), "message": message}


def _log_outcome(task: "asyncio.Future[Any]") -> None:
    if not task.cancelled() and (error := task.exception()) is not None:
        logger.error("a notification's work failed", exc_info=error)
