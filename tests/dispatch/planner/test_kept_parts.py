"""Parts of a plan that were carried out before are not paid for again, unless the user did not keep the change."""

from dispatch.planner.test_road import RENAME, TWO, act, planner, texts
from dispatch.project import Make
from tierwise.dispatch import Proposal


async def test_the_parts_of_a_plan_are_served_in_another_window_and_asked_anew_on_a_repeat(make: Make) -> None:
    first = make(planner(TWO), *RENAME)
    paid = await act(first)
    assert isinstance(paid, Proposal), paid
    assert [attempt.is_cached for attempt in paid.attempts] == [False, False, False]
    await first.close()
    project = make(planner(TWO), *RENAME)
    served = await act(project)
    assert isinstance(served, Proposal), served
    assert [attempt.is_cached for attempt in served.attempts] == [False, True, True]
    assert texts(served) == texts(paid)
    assert served.cost_pico_usd == paid.attempts[0].cost_pico_usd
    again = await act(project)
    assert isinstance(again, Proposal), again
    assert [attempt.is_cached for attempt in again.attempts] == [False, False, False]
    assert project.ledger.stats().total.n_calls == 3 + 1 + 3
