"""Frames are found again after anything a client may send."""

import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tierwise.lsp.frames import MAX_FRAME_BYTES, Oversized, encode_frame, read_frame

GOOD = b"Content-Length: 2\r\n\r\n{}"


def frames(content: bytes) -> list[bytes | Oversized]:
    """Everything that is read from a stream."""
    source = io.BufferedReader(io.BytesIO(content))
    found = []
    while (frame := read_frame(source)) is not None:
        found.append(frame)
    return found


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (GOOD, [b"{}"]),
        (GOOD * 3, [b"{}"] * 3),
        (b"content-length:2\r\n\r\n{}", [b"{}"]),
        (b"CONTENT-LENGTH: 2 \r\nContent-Type: x; charset=utf-8\r\n\r\n{}", [b"{}"]),
        (b"Content-Type: x\r\nContent-Length: 2\r\n\r\n{}", [b"{}"]),
        (b"Content-Length: 2\n\n{}", [b"{}"]),
        (b"Content-Length: -5\r\n\r\n" + GOOD, [b"{}"]),
        (b"Content-Length: two\r\n\r\n" + GOOD, [b"{}"]),
        (b"\r\n\r\n" + GOOD, [b"{}"]),
        (b"Content-Length: 0\r\n\r\n" + GOOD, [b"", b"{}"]),
        (b"Content-Length: 9\r\n\r\n{}", []),
        (b"noise" * 50_000 + b"\r\n" + GOOD, [b"{}"]),
        (b"", []),
    ],
)
def test_reads_what_is_there(content: bytes, expected: list[bytes]) -> None:
    assert frames(content) == expected


@pytest.mark.parametrize("off_by", [-1, 1])
def test_a_length_that_is_off_by_one_costs_one_message(off_by: int) -> None:
    body = b'{"jsonrpc":"2.0"}'
    wrong = b"Content-Length: %d\r\n\r\n%b" % (len(body) + off_by, body)
    assert frames(GOOD + wrong + GOOD + GOOD + GOOD)[-2:] == [b"{}", b"{}"]


@pytest.mark.parametrize(
    ("body", "request_id"),
    [
        (b"", None),
        (b'{"jsonrpc":"2.0","id":17,"method":"x"', 17),
        (b'{"jsonrpc":"2.0","id":"a-1","method":"x"', "a-1"),
        (b'{"method":"textDocument/didOpen","params":{"text":"\\"id\\": 3"', None),
    ],
)
def test_a_hundred_gigabytes_are_refused_and_what_follows_is_read(body: bytes, request_id: int | str | None) -> None:
    content = b"Content-Length: 100000000000\r\n\r\n" + body + GOOD
    assert frames(content) == [Oversized(10**11, request_id), b"{}"]


def test_the_cap_itself_is_allowed() -> None:
    body = b" " * MAX_FRAME_BYTES
    assert frames(encode_frame(body)) == [body]


@given(st.lists(st.binary(max_size=50), max_size=5))
def test_what_is_encoded_is_read_again(bodies: list[bytes]) -> None:
    assert frames(b"".join(map(encode_frame, bodies))) == bodies


@given(st.binary(max_size=400))
def test_no_bytes_whatever_stop_the_reader(noise: bytes) -> None:
    assert len(frames(noise + b"\r\n" + GOOD)) <= noise.count(b"\n") + 2
