"""Subtasks side by side: order, bound, failure and cancel."""

import asyncio

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tierwise.dispatch.planner.crew import side_by_side
from tierwise.dispatch.planner.plan import Subtask


def subtask(number: int, after: list[int]) -> Subtask:
    """A subtask that waits for some with lower numbers."""
    return Subtask(id=str(number), title="", files=(), after=tuple(str(n) for n in after))


graphs = st.integers(1, 9).flatmap(
    lambda n: st.tuples(*(st.lists(st.integers(0, max(0, i - 1)), unique=True, max_size=3) for i in range(n)))
)


@given(graphs, st.integers(1, 4), st.randoms(use_true_random=False))
def test_nobody_begins_before_those_it_waits_for(graph: tuple[list[int], ...], limit: int, random: object) -> None:
    subtasks = [subtask(i, [n for n in after if n < i]) for i, after in enumerate(graph)]
    order = list(subtasks)
    random.shuffle(order)  # type: ignore[attr-defined]
    ended: list[str] = []
    most = 0

    async def run() -> None:
        nonlocal most
        busy = 0

        async def carry(one: Subtask) -> str:
            nonlocal busy, most
            assert set(one.after) <= set(ended)
            busy += 1
            most = max(most, busy)
            for _ in range(int(one.id) % 3):
                await asyncio.sleep(0)
            busy -= 1
            return one.id

        async for one, result in side_by_side(order, carry, limit):
            assert result == one.id
            ended.append(result)

    asyncio.run(run())
    assert sorted(ended) == sorted(one.id for one in subtasks)
    assert most <= limit


async def test_leaving_early_cancels_the_rest_and_waits_for_it() -> None:
    closed: list[str] = []

    async def carry(one: Subtask) -> str:
        if one.id == "0":
            return one.id
        try:
            await asyncio.Event().wait()
        finally:
            await asyncio.sleep(0)
            closed.append(one.id)
        return one.id

    workers = side_by_side([subtask(n, []) for n in range(3)], carry, 3)
    async for one, _ in workers:
        assert one.id == "0"
        break
    await workers.aclose()
    assert sorted(closed) == ["1", "2"]


async def test_a_fault_in_one_ends_all() -> None:
    async def carry(one: Subtask) -> str:
        if one.id == "1":
            raise ValueError(one.id)
        await asyncio.Event().wait()
        return one.id

    with pytest.raises(ValueError, match="1"):
        async for _ in side_by_side([subtask(n, []) for n in range(3)], carry, 3):
            pass
