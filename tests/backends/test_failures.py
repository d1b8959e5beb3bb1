"""Words and waiting times behind an error, for the shapes real servers use."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from backends.check_backends import call_once, options_for, request
from servers.fault import FaultServer
from servers.scenarios import Scenario
from tierwise.backends.base import FailureKind
from tierwise.backends.failures import (
    HttpFailure,
    Site,
    failure_of_status,
    parse_error,
    parse_retry_after,
    tidy,
)

SITE = Site(name="models.example", when_down="wait", when_key_refused="check it", when_model_missing="pull {model}")
NOW_S = 1_795_000_000.0


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({}, None),
        ({"retry-after": "0"}, 0.0),
        ({"retry-after": "2"}, 2.0),
        ({"retry-after": "1.5"}, 1.5),
        ({"retry-after": "-1"}, 0.0),
        ({"retry-after": "1e999"}, 86_400.0),
        ({"retry-after": "nan"}, None),
        ({"retry-after": "soon"}, None),
        ({"retry-after": ""}, None),
        ({"retry-after": "Wed, 18 Nov 2026 11:10:20 GMT"}, 220.0),
        ({"retry-after": "Wed, 18 Nov 2020 12:27:00 GMT"}, 0.0),
        ({"retry-after": "Wed, 99 Nov 2026 12:27:00 GMT"}, None),
        ({"retry-after-ms": "250", "retry-after": "9"}, 0.25),
    ],
)
def test_retry_after(headers: dict[str, str], seconds: float | None) -> None:
    assert parse_retry_after(headers, NOW_S) == seconds


@pytest.mark.parametrize("wire", ["openai", "ollama"])
async def test_the_waiting_time_reaches_the_failure(wire: str) -> None:
    async with FaultServer() as server:
        server.book.queue.append(Scenario(fault="status", status=429, headers={"Retry-After": "7"}))
        outcome = await call_once(options_for(wire, server), request())
    assert outcome.error is not None
    assert outcome.error.retry_after_s == 7.0


SHAPES = [
    (404, '{"error":"model \'a:7b\' not found"}', FailureKind.NO_MODEL, "pull m"),
    (400, '{"error":{"message":"The model `a` does not exist","code":"model_not_found"}}', FailureKind.NO_MODEL, "m"),
    (400, '{"error":{"code":"1211","message":"Unknown Model, please check."}}', FailureKind.NO_MODEL, "pull m"),
    (400, '{"error":{"message":"the request exceeds the available context size"}}', FailureKind.TOO_LONG, "context"),
    (400, '{"error":{"type":"invalid_request_error","message":"prompt is too long: 9"}}', FailureKind.TOO_LONG, "9"),
    (400, '{"detail":[{"loc":["body","x"],"msg":"extra fields"}]}', FailureKind.BAD_REQUEST, "extra"),
    (400, '{"error":{"code":"content_filter","message":"blocked"}}', FailureKind.FILTERED, "blocked"),
    (429, '{"error":{"code":"insufficient_quota","message":"exceeded"}}', FailureKind.RATE_LIMITED, "no credit"),
    (429, '{"error":{"code":"1302","message":"High concurrency"}}', FailureKind.RATE_LIMITED, "High concurrency"),
    (402, '{"error":{"message":"Insufficient Balance"}}', FailureKind.RATE_LIMITED, "no credit"),
    (404, "<html>Not Found</html>", FailureKind.PROTOCOL, "check the address"),
    (404, "", FailureKind.PROTOCOL, "check the address"),
    (500, '{"error":"model requires more system memory (8 GiB)"}', FailureKind.SERVER_ERROR, "system memory"),
    (503, '{"error":{"code":503,"message":"Loading model"}}', FailureKind.OVERLOADED, "Loading model"),
    (500, '{"error":{"type":"overloaded_error","message":"Overloaded"}}', FailureKind.OVERLOADED, "busy"),
    (302, "", FailureKind.PROTOCOL, "redirects"),
    (401, '{"error":{"message":"Incorrect API key provided: sk-abc."}}', FailureKind.AUTHENTICATION, "check it"),
]


@pytest.mark.parametrize(("status", "body", "kind", "words"), SHAPES)
def test_errors_in_the_shapes_of_real_servers(status: int, body: str, kind: FailureKind, words: str) -> None:
    failure = failure_of_status(SITE, "m", HttpFailure(status, {}, body))
    assert failure.kind is kind
    assert words in failure.words
    assert not failure.words.endswith(".")
    assert "sk-abc" not in failure.words


@given(st.integers(100, 599), st.text())
def test_no_body_breaks_the_reading_of_it(status: int, body: str) -> None:
    words = failure_of_status(SITE, "m {0} {name}", HttpFailure(status, {"retry-after": body}, body)).words
    assert "\n" not in words


DOCUMENTS = st.recursive(
    st.none() | st.booleans() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=5,
)


@settings(max_examples=50)
@given(DOCUMENTS)
def test_no_document_breaks_the_reading_of_it(document: object) -> None:
    assert isinstance(parse_error(json.dumps({"error": document})).message, str)


def test_a_message_becomes_one_short_line() -> None:
    assert tidy("two\nlines\x1b[31m and a bell\x07.") == "two lines [31m and a bell"
    assert len(tidy("x" * 1000)) == 240
