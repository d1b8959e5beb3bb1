"""What passes the guards: every byte of a good reply, however it is cut; nothing of a bad one."""

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tierwise.backends.base import BackendError
from tierwise.backends.door import Door
from tierwise.backends.failures import Site
from tierwise.backends.origins import Origin
from tierwise.backends.wire import EVENT_STREAM, LINE_CAP, LineGuard

SITE = Site(name="models.example", when_down="", when_key_refused="", when_model_missing="")
DOOR = Door(
    origin=Origin.of("https://models.example/v1"),
    site=SITE,
    key="secret",
    chat_path="/chat/completions",
    stream_types=EVENT_STREAM,
)
TEXT = st.text(st.characters(exclude_characters="\r]", exclude_categories=["Cs"]))


@given(TEXT, st.lists(st.integers(0, 200), max_size=8))
def test_a_stream_passes_whole_however_it_is_cut(text: str, cuts: list[int]) -> None:
    content = text.encode()
    guard = LineGuard("x")
    places = sorted({min(cut, len(content)) for cut in cuts} | {0, len(content)})
    passed = b"".join(guard.feed(content[a:b]) for a, b in itertools.pairwise(places)) + guard.finish()
    assert passed == content


@given(st.binary(max_size=60).filter(lambda content: b"[DONE]" not in content), st.integers(1, 60))
def test_what_passes_is_always_utf8(content: bytes, cut: int) -> None:
    guard = LineGuard("x")
    try:
        passed = guard.feed(content[:cut]) + guard.feed(content[cut:]) + guard.finish()
    except BackendError:
        with pytest.raises(UnicodeDecodeError):
            content.decode()
    else:
        assert passed.decode() == content.decode()


@pytest.mark.parametrize("size", [LINE_CAP, LINE_CAP + 1])
@pytest.mark.parametrize("ending", [b"\n", b""])
def test_a_line_has_its_limit(size: int, ending: bytes) -> None:
    guard = LineGuard("x")
    content = b"y" * (size - len(ending)) + ending
    if size <= LINE_CAP:
        assert guard.feed(content) + guard.finish() == content
        return
    with pytest.raises(BackendError):
        guard.feed(content)


def test_what_follows_the_end_is_dropped() -> None:
    guard = LineGuard("x")
    assert guard.feed(b"data: 1\n\ndata: [DO") == b"data: 1\n\n"
    assert not guard.has_done
    assert guard.feed(b"NE]\n\n\xff junk\n") == b"data: [DONE]\n\n"
    assert guard.has_done
    assert guard.finish() == b""


@pytest.mark.parametrize(
    "url",
    [
        "https://models.example.evil.example/v1/chat/completions",
        "http://models.example/v1/chat/completions",
        "https://models.example:444/v1/chat/completions",
        "https://evil.example/models.example/chat/completions",
    ],
)
def test_the_key_leaves_for_its_own_origin_only(url: str) -> None:
    assert DOOR.headers("https://models.example/v1/chat/completions", {})["authorization"] == "Bearer secret"
    with pytest.raises(BackendError, match="nothing was sent"):
        DOOR.headers(url, {})


def test_the_key_is_not_shown() -> None:
    assert "secret" not in repr(DOOR)
