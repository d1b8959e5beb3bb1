"""What an edit does not mean stays as it is, in every encoding of positions and with every line ending."""

from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from e2e.interleaving import Interleaving, Run
from e2e.profiles import NVIM, RESOLVING, STRICT
from e2e.world import World, world_of

SIGNS = "ab #\t é€\u0301\u200b😀\U0001d4b3\x0c\x0b\x1c\x85\u2028\ufeff"
COMMENTS = st.lists(st.text(SIGNS, max_size=12).map(lambda words: f"# {words}"), max_size=4)
ENDINGS = st.sampled_from(["\n", "\r\n", "mixed"])


@pytest.fixture(scope="module", params=[NVIM, STRICT, RESOLVING], ids=lambda profile: f"{profile.name}")
def world(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """One server for each encoding: UTF-16, UTF-8, UTF-32."""
    with world_of(tmp_path_factory.mktemp("bytes"), request.param) as started:
        yield started


def check_kept(world: World, before: str, after: str, target: str, ending: str, is_ended: bool) -> None:
    """Document one function between two texts; both must be as they were."""
    interleaving = Interleaving(world, "\n", "plain", "\n")
    try:
        documented = target.replace(":\n", ':\n    """Give it."""\n')
        eol = "\n" if ending == "mixed" else ending
        first, last = before.replace("\n", "\r\n" if ending == "mixed" else eol), after.replace("\n", eol)
        last = last if is_ended or not last else last.removesuffix(eol)
        text = first + target.replace("\n", eol) + last
        uri = interleaving.editor.uri("text.py")
        interleaving.editor.open(uri, text)
        place = interleaving.editor.range(uri, text.index("def target") + 4)
        run = Run(0, {}, f"```python\n{documented}```\n")
        interleaving.is_restoring = True
        interleaving.start({"action": "document", "uri": uri, "range": place}, run)
        interleaving.model_answers(0, is_good=True)
        interleaving.client_answers("takes", confirms=True)
        now = interleaving.editor.buffers[uri].text
        assert now.startswith(first), (text, now)
        assert now.endswith(last), (text, now)
        middle = now[len(first) : len(now) - len(last)]
        assert middle.replace("\r\n", "\n") == documented, (text, now, outcome(world, run))
    finally:
        interleaving.leave()


def outcome(world: World, run: Run) -> Any:
    """What the server answered."""
    return world.conversation.outcome(run.number)


def check_many(world: World, n_texts: int) -> None:
    """The same for so many texts."""

    @settings(
        max_examples=n_texts, deadline=None, derandomize=True, database=None, suppress_health_check=list(HealthCheck)
    )
    @given(COMMENTS, COMMENTS, ENDINGS, st.booleans())
    def check(before: list[str], after: list[str], ending: str, is_ended: bool) -> None:
        texts = ["".join(f"{line}\n" for line in lines) for lines in (before, after)]
        check_kept(world, texts[0], texts[1], "def target(x):\n    return x\n", ending, is_ended)

    check()


@pytest.mark.slow
def test_texts_around_an_edit_are_kept(world: World) -> None:
    check_many(world, 60)


@pytest.mark.slow
def test_a_byte_order_mark_is_kept(world: World) -> None:
    check_kept(world, "\ufeff# 😀\n", "# end\n", "def target(x):\n    return x\n", "\r\n", is_ended=False)
