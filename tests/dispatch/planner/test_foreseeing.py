"""The preview of a planned change: the scout's or the plan's request as it is then sent, and words for the rest."""

import json
from pathlib import Path
from typing import Any

import pytest

from context.ways_out import Servers, project_with_servers
from dispatch.planner.conftest import FILES, SHAPES
from dispatch.project import Project
from servers.fault import FaultServer
from tierwise.dispatch import Proposal, Refusal, Task, run_action
from tierwise.dispatch.previewing import Preview, preview, preview_json, preview_text
from tierwise.routing.tiers import Tier
from tierwise.text import Span

WORDS = "Rename area to surface"
ALL_PLANNED = {"single_call_tokens": 0}
LARGE = {"single_call_tokens": 0, "outline_tokens": 500}


def task_on(project: Project, **fields: Any) -> Task:
    """The refactoring, at its function."""
    snapshot = project.read(project.work / "shapes.py")
    assert snapshot is not None
    fields = {"action_id": "refactor_across_files", "instruction": WORDS, "selection": Span(4, 4)} | fields
    return Task(snapshot=snapshot, **fields)


async def seen(servers: Servers, task: Task) -> Preview:
    """The preview of a task, for which nothing may be sent."""
    n_calls = [len(server.book.calls) for server in servers.all]
    found = await preview(servers.project.runtime, task, servers.project)
    assert isinstance(found, Preview), found
    assert [len(server.book.calls) for server in servers.all] == n_calls
    assert json.loads(json.dumps(preview_json(found)))["outbound"][0]["purpose"] == found.outbound[0].purpose
    return found


async def ran(project: Project, task: Task) -> Proposal | Refusal:
    """The task carried out, as far as the servers' answers let it."""
    return await run_action(project.runtime, task, project, project.told.append)


def lay_out(project: Project, n_more: int = 0) -> None:
    for name, text in FILES.items():
        project.write(name, text)
    for number in range(n_more):
        text = f"def function_number_{number}(first, second):\n    return first, area, surface\n"
        project.write(f"other/module_{number}.py", text)


async def check_sent(servers: Servers, task: Task, server: FaultServer, found: Preview, at: int = 0) -> None:
    """The first call of a run is the one that was shown, byte for byte."""
    before = len(server.book.chats)
    outcome = await ran(servers.project, task)
    shown, sent = found.outbound[0], server.book.chats[before]
    assert shown.body == sent.body
    assert shown.n_bytes == int(sent.headers["content-length"])
    (left,) = outcome.attempts[at].sent
    assert (left.n_bytes, left.files) == (shown.n_bytes, shown.files)
    assert shown.origin == server.url == left.origin


async def test_a_plan_is_shown_as_it_is_sent(tmp_path: Path) -> None:
    async with project_with_servers(tmp_path, planner=ALL_PLANNED) as servers:
        lay_out(servers.project)
        task = task_on(servers.project)
        found = await seen(servers, task)
        assert (found.outbound[0].purpose, found.outbound[0].tier) == ("plan", Tier.TOP)
        assert "return width * height" not in json.dumps(found.outbound[0].body)
        assert set(found.outbound[0].files) == set(FILES)
        text = preview_text(found)
        assert "the plan, " in text
        assert "def area(width, height)" in text
        for words in ("at most 2000 tokens", "in a call of its own", servers.bulk.url, "out of 3: shapes.py"):
            assert words in text, words
        await check_sent(servers, task, servers.top, found)


async def test_a_scout_is_shown_first_and_then_what_it_picked(tmp_path: Path) -> None:
    settings = {"planner": LARGE, "roles": {"economy": "middle/tiny"}}
    async with project_with_servers(tmp_path, **settings) as servers:
        lay_out(servers.project, n_more=60)
        task = task_on(servers.project)
        found = await seen(servers, task)
        assert [(one.purpose, one.model) for one in found.outbound] == [("scout", "middle/tiny")]
        assert any("is asked for a plan" in note for note in found.notes)
        servers.bulk.book.reply = lambda _: '{"files": ["other/module_59.py"]}'
        await check_sent(servers, task, servers.bulk, found)
        n_bulk = len(servers.bulk.book.chats)
        again = await seen(servers, task)
        assert again.outbound[0].purpose == "plan"
        assert "function_number_59" in json.dumps(again.outbound[0].body)
        await check_sent(servers, task, servers.top, again)
        assert len(servers.bulk.book.chats) == n_bulk


async def test_an_unclear_instruction_shows_the_question_that_comes_first(tmp_path: Path) -> None:
    settings = {"planner": ALL_PLANNED, "roles": {"economy": "middle/tiny"}}
    async with project_with_servers(tmp_path, **settings) as servers:
        lay_out(servers.project)
        task = task_on(servers.project, action_id="do", instruction="update area to do the other thing")
        found = await seen(servers, task)
        assert [one.purpose for one in found.outbound][:2] == ["classification", "edit"]
        assert any("could be read two ways" in note for note in found.notes)
        servers.bulk.book.reply = lambda _: '{"level": "deep"}'
        await check_sent(servers, task, servers.bulk, found)
        again = await seen(servers, task)
        assert [one.purpose for one in again.outbound][:1] == ["plan"]


async def test_what_may_not_leave_is_not_in_the_preview_of_a_plan(tmp_path: Path) -> None:
    settings = {"planner": ALL_PLANNED, "privacy": {"local_only": ["uses.py"]}}
    async with project_with_servers(tmp_path, **settings) as servers:
        lay_out(servers.project)
        servers.project.runtime.candidates = tuple(_elsewhere(one) for one in servers.project.runtime.candidates)
        found = await seen(servers, task_on(servers.project))
        assert "uses.py" not in json.dumps([one.body for one in found.outbound])
        assert any("may not leave this machine" in note for note in found.notes)
        kept = Task(
            action_id="refactor_across_files",
            snapshot=servers.project.write("uses.py", FILES["uses.py"]),
            selection=Span(30, 30),
            instruction=WORDS,
        )
        found = await seen(servers, kept)
        assert {one.tier for one in found.outbound} == {Tier.LOCAL}
        assert not any(servers.bulk.url in note for note in found.notes)


def _elsewhere(candidate: Any) -> Any:
    from dataclasses import replace

    return replace(candidate, is_on_this_machine=candidate.tier is Tier.LOCAL)


@pytest.mark.parametrize("tier", [Tier.LOCAL, Tier.BULK])
async def test_a_tier_asked_for_by_name_is_asked_for_all_of_it(tmp_path: Path, tier: Tier) -> None:
    async with project_with_servers(tmp_path, planner=ALL_PLANNED) as servers:
        lay_out(servers.project)
        found = await seen(servers, task_on(servers.project, tier=tier))
        assert {one.tier for one in found.outbound} == {tier}
        assert not any(servers.top.url in note for note in found.notes)
        await ran(servers.project, task_on(servers.project, tier=tier))
        assert servers.top.book.chats == []


async def test_a_small_change_is_shown_without_a_plan(tmp_path: Path) -> None:
    async with project_with_servers(tmp_path) as servers:
        lay_out(servers.project)
        found = await seen(servers, task_on(servers.project))
        assert {one.purpose for one in found.outbound} == {"edit"}
        assert SHAPES.split("\n")[1] in preview_text(found)
        assert found.notes == ()
