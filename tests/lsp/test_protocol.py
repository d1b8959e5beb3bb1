"""Every request gets exactly one reply, cancelling is real, and nothing of ours leaks."""

import asyncio
import json
import logging
from typing import Any

import pytest
from lsprotocol import types

from lsp.speaking import Speaker
from tierwise.lsp.frames import Oversized
from tierwise.lsp.messages import Failed

COMMAND = "workspace__executeCommand"
METHOD = "workspace/executeCommand"
RUN = {"command": "tierwise.run", "arguments": []}


async def test_requests_before_initialize_are_refused_with_the_code_of_the_protocol() -> None:
    speaker = Speaker()
    speaker.request(1, METHOD, RUN)
    assert (await speaker.error(1))[0] == -32002


async def test_initialize_twice_is_refused() -> None:
    speaker = Speaker().initialize()
    speaker.request(1, "initialize", {"processId": None, "rootUri": None, "capabilities": {}})
    assert (await speaker.error(1))[0] == -32600


async def test_requests_after_shutdown_are_refused_and_exit_is_orderly() -> None:
    speaker = Speaker().initialize()
    speaker.request(1, "shutdown")
    assert (await speaker.reply(1))["result"] is None
    speaker.request(2, METHOD, RUN)
    assert (await speaker.error(2))[0] == -32600
    speaker.notify("exit")
    assert speaker.codes == [0]


async def test_exit_without_shutdown_is_an_error() -> None:
    speaker = Speaker().initialize()
    speaker.notify("exit")
    assert speaker.codes == [1]


@pytest.mark.parametrize(
    ("message", "reply_id", "code"),
    [
        (b"{", None, -32700),
        (b"\xff\xfe", None, -32700),
        (b"[" * 100_000, None, -32700),
        (b"[1]", None, -32600),
        (b"null", None, -32600),
        ({"jsonrpc": "2.0", "id": None, "method": "shutdown"}, None, -32600),
        ({"jsonrpc": "2.0", "id": {"a": 1}, "method": "shutdown"}, None, -32600),
        ({"jsonrpc": "2.0", "id": True, "method": "shutdown"}, None, -32600),
        ({"jsonrpc": "1.0", "id": 7, "method": "shutdown"}, 7, -32600),
        ({"id": 7, "method": "shutdown"}, 7, -32600),
        ({"jsonrpc": "2.0", "id": 7, "method": 3}, 7, -32600),
        ({"jsonrpc": "2.0", "id": 7}, 7, -32600),
        ({"jsonrpc": "2.0", "id": 7, "method": "no/such"}, 7, -32601),
        ({"jsonrpc": "2.0", "id": "a", "method": METHOD}, "a", -32602),
        ({"jsonrpc": "2.0", "id": 1.5, "method": METHOD, "params": 3}, 1.5, -32602),
        ({"jsonrpc": "2.0", "id": 7, "method": METHOD, "params": []}, 7, -32602),
        ({"jsonrpc": "2.0", "id": 7, "method": METHOD, "params": {"command": "x", "arguments": 5}}, 7, -32602),
    ],
)
async def test_what_is_no_proper_request_is_answered_all_the_same(message: Any, reply_id: Any, code: int) -> None:
    speaker = Speaker().initialize()
    speaker.say(message)
    assert (await speaker.error(reply_id))[0] == code
    speaker.request(99, "shutdown", {})
    assert (await speaker.reply(99))["result"] is None


async def test_an_oversized_message_is_answered_under_its_id() -> None:
    speaker = Speaker().initialize()
    speaker.protocol.receive(Oversized(10**11, 5))
    assert (await speaker.error(5))[0] == -32600


@pytest.mark.parametrize("place", ["range", "position", "character"])
async def test_malformed_parameters_name_the_place_and_not_the_value(place: str) -> None:
    speaker = Speaker().initialize()
    secret = "user-code-in-a-wrong-place"
    good = {"start": {"line": 0, "character": 0}, "end": {"line": 0, "character": 0}}
    bad: Any = {
        "range": secret,
        "position": {**good, "start": secret},
        "character": {**good, "end": {"line": 0, "character": 2**40}},
    }[place]
    params = {"textDocument": {"uri": "file:///a"}, "range": bad, "context": {"diagnostics": []}}
    speaker.request(1, "textDocument/codeAction", params)
    code, words = await speaker.error(1)
    assert code == -32602
    assert "range" in words
    assert secret not in words


async def test_a_nested_jsonrpc_key_is_only_data() -> None:
    seen: list[Any] = []
    speaker = Speaker(**{COMMAND: lambda params: seen.append(params.arguments)}).initialize()
    speaker.request(1, METHOD, {"command": "x", "arguments": [{"jsonrpc": "2.0", "id": 9, "method": "exit"}]})
    assert (await speaker.reply(1))["result"] is None
    assert seen == [({"jsonrpc": "2.0", "id": 9, "method": "exit"},)]


async def test_an_id_in_use_is_refused_and_the_first_request_still_answered() -> None:
    gate = asyncio.Event()

    async def wait(_: Any) -> str:
        await gate.wait()
        return "first"

    speaker = Speaker(**{COMMAND: wait}).initialize()
    speaker.request(1, METHOD, RUN)
    speaker.request(1, METHOD, RUN)
    assert (await speaker.error(1))[0] == -32600
    gate.set()
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    assert [reply.get("result") for reply in speaker.replies(1)] == [None, "first"]


async def test_cancelling_reaches_the_work_of_a_command() -> None:
    ended = asyncio.Event()

    async def work(_: Any) -> None:
        try:
            await asyncio.Event().wait()
        finally:
            ended.set()

    speaker = Speaker(**{COMMAND: work}).initialize()
    speaker.request(1, METHOD, RUN)
    await asyncio.sleep(0)
    speaker.notify("$/cancelRequest", {"id": 1})
    assert (await speaker.error(1))[0] == -32800
    assert ended.is_set()


@pytest.mark.parametrize("params", [{"id": 1}, {"id": 404}, {"id": []}, {}, None, 3])
async def test_cancelling_before_after_twice_or_nonsense_does_no_harm(params: Any) -> None:
    speaker = Speaker(**{COMMAND: lambda _: "done"}).initialize()
    speaker.notify("$/cancelRequest", params)
    speaker.request(1, METHOD, RUN)
    speaker.notify("$/cancelRequest", params)
    speaker.notify("$/cancelRequest", params)
    assert (await speaker.reply(1))["result"] == "done"


async def test_work_that_cancels_itself_is_answered() -> None:
    async def work(_: Any) -> None:
        raise asyncio.CancelledError

    speaker = Speaker(**{COMMAND: work}).initialize()
    speaker.request(1, METHOD, RUN)
    assert (await speaker.error(1))[0] == -32800


async def test_shutdown_with_calls_in_flight_answers_them_all() -> None:
    n_cancelled = 0

    async def work(_: Any) -> None:
        nonlocal n_cancelled
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            n_cancelled += 1
            raise

    speaker = Speaker(**{COMMAND: work}).initialize()
    for message_id in range(1, 21):
        speaker.request(message_id, METHOD, RUN)
    await asyncio.sleep(0)
    speaker.request(99, "shutdown")
    assert (await speaker.reply(99))["result"] is None
    assert [(await speaker.error(message_id))[0] for message_id in range(1, 21)] == [-32800] * 20
    assert n_cancelled == 20


def boom(words: str) -> Any:
    """A handler that fails with the user's code in its message."""
    raise ValueError(words)


async def boom_later(words: str) -> Any:
    """The same, a moment later."""
    await asyncio.sleep(0)
    raise ValueError(words)


@pytest.mark.parametrize("fail", [boom, boom_later])
async def test_a_fault_of_ours_leaks_neither_code_nor_paths(fail: Any, caplog: pytest.LogCaptureFixture) -> None:
    speaker = Speaker(**{COMMAND: lambda _: fail("password = 'hunter2'")}).initialize()
    with caplog.at_level(logging.ERROR, "tierwise.lsp"):
        speaker.request(1, METHOD, RUN)
        code, words = await speaker.error(1)
    assert code == -32603
    assert "hunter2" not in words
    assert "/" not in words.replace(METHOD, "")
    assert caplog.records


async def test_a_result_that_cannot_be_encoded_is_answered_with_an_error() -> None:
    speaker = Speaker(**{COMMAND: lambda _: {"bad": {1, 2, object()}}}).initialize()
    speaker.request(1, METHOD, RUN)
    assert (await speaker.error(1))[0] == -32603


async def test_an_error_for_the_user_keeps_its_code_and_words() -> None:
    def fail(_: Any) -> None:
        raise Failed(-32803, "the model is not there")

    speaker = Speaker(**{COMMAND: fail}).initialize()
    speaker.request(1, METHOD, RUN)
    assert await speaker.error(1) == (-32803, "the model is not there")


async def asked(speaker: Speaker) -> tuple["asyncio.Task[Any]", str]:
    """Let the server ask the client something; the pending task and the id of the request."""
    params = types.ApplyWorkspaceEditParams(edit=types.WorkspaceEdit())
    task = asyncio.create_task(speaker.protocol.ask("workspace/applyEdit", params, timeout_s=0.05))
    await asyncio.sleep(0)
    return task, speaker.sent[-1]["id"]


async def test_a_request_of_ours_gets_its_typed_answer() -> None:
    speaker = Speaker().initialize()
    task, message_id = await asked(speaker)
    speaker.say({"jsonrpc": "2.0", "id": message_id, "result": {"applied": False, "failureReason": "moved"}})
    answer = await task
    assert (answer.applied, answer.failure_reason) == (False, "moved")


@pytest.mark.parametrize(
    "answer",
    [
        {"error": {"code": 1, "message": "no"}},
        {"error": "no"},
        {"result": {}},
        {"result": 5},
    ],
)
async def test_a_request_of_ours_survives_any_answer(answer: dict[str, Any]) -> None:
    speaker = Speaker().initialize()
    task, message_id = await asked(speaker)
    speaker.say({"jsonrpc": "2.0", "id": message_id, **answer})
    with pytest.raises(Failed):
        await task


async def test_a_request_of_ours_without_an_answer_leaves_nothing_behind() -> None:
    speaker = Speaker().initialize()
    task, message_id = await asked(speaker)
    with pytest.raises(TimeoutError):
        await task
    assert not speaker.protocol._request_futures
    assert not speaker.protocol._result_types
    speaker.say({"jsonrpc": "2.0", "id": message_id, "result": {"applied": True}})
    speaker.request(9, "shutdown")
    assert (await speaker.reply(9))["result"] is None


async def test_what_is_sent_has_the_protocols_names() -> None:
    speaker = Speaker().initialize()
    speaker.notify("textDocument/didOpen", {"textDocument": {"uri": "file:///a", "languageId": "x", "version": 1}})
    speaker.request(1, "textDocument/codeAction", {"nonsense": "\ud800"})
    await speaker.reply(1)
    assert all(json.dumps(message).isascii() for message in speaker.sent)
