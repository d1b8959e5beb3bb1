"""What a preview shows is what is sent, to the byte of its content, and a preview sends nothing."""

import json
from pathlib import Path
from typing import Any

import pytest

from context.shapes import VENDORS, Forge
from context.ways_out import WIRES, project_with_servers
from dispatch.project import fenced
from tierwise.dispatch import Proposal, Refusal, Task
from tierwise.dispatch.previewing import Preview, preview, preview_json, preview_text
from tierwise.dispatch.reports import attempt_json
from tierwise.routing.tiers import Tier
from tierwise.text import Span

CODE = """\
import re


def parse(words, pattern=r"\\d+"):
    return re.match(pattern, words)
"""
DOCUMENTED = CODE.replace("    return", '    """Match the beginning of `words`."""\n    return').split("\n\n\n")[1]


def task_on(project: Any, text: str, action: str, tier: Tier | None) -> Task:
    """An action on the function."""
    snapshot = project.write("a.py", text)
    at = text.index("parse(") if "parse(" in text else 0
    return Task(action_id=action, snapshot=snapshot, selection=Span(at, at), tier=tier)


@pytest.mark.parametrize("tier", WIRES)
async def test_what_is_shown_is_what_is_sent(tier: str, tmp_path: Path) -> None:
    async with project_with_servers(tmp_path) as servers:
        task = task_on(servers.project, CODE, "document", Tier(tier))
        found = await preview(servers.project.runtime, task, servers.project)
        assert isinstance(found, Preview)
        assert [server.book.chats for server in servers.all] == [[], [], []]
        server = getattr(servers, tier)
        server.book.reply = lambda _: fenced(DOCUMENTED)
        outcome = await servers.project.act("document", task.snapshot, "parse(", tier=Tier(tier))
        sent = server.book.chats[0]
    assert isinstance(outcome, Proposal), outcome
    (shown,) = found.outbound
    (left,) = outcome.attempts[0].sent
    assert (left.origin, left.n_bytes, left.files) == (server.url, shown.n_bytes, shown.files)
    assert attempt_json(outcome.attempts[0])["sent"][0]["tokens"] == shown.n_tokens
    assert shown.body == sent.body
    assert shown.n_bytes == int(sent.headers["content-length"])
    assert shown.url == server.url + sent.path
    assert shown.files == ("a.py",)


async def test_the_whole_ladder_is_shown_with_what_it_sees(tmp_path: Path) -> None:
    async with project_with_servers(tmp_path) as servers:
        task = task_on(servers.project, CODE, "add_type_hints", None)
        found = await preview(servers.project.runtime, task, servers.project)
        assert isinstance(found, Preview)
        document = json.loads(json.dumps(preview_json(found)))
        text = preview_text(found)
    assert [one["tier"] for one in document["outbound"]] == ["local", "bulk", "top"]
    for one in document["outbound"]:
        assert one["files"] == ["a.py"]
        assert 0 < one["tokens"] < one["bytes"]
        assert one["url"] in text
    assert "def parse" in text


async def test_a_file_that_is_never_sent_has_no_preview(tmp_path: Path) -> None:
    async with project_with_servers(tmp_path) as servers:
        servers.project.write(".aiignore", "a.py\n")
        task = task_on(servers.project, CODE, "document", None)
        found = await preview(servers.project.runtime, task, servers.project)
    assert isinstance(found, Refusal)
    assert found.code == "never-sent"


async def test_what_is_too_long_is_said_and_not_sent(tmp_path: Path) -> None:
    long = CODE + "".join(f"    total = compute(items, start={n})\n" for n in range(1500))
    async with project_with_servers(tmp_path) as servers:
        task = task_on(servers.project, long, "refactor", Tier.LOCAL)
        found = await preview(servers.project.runtime, task, servers.project)
        outcome = await servers.project.act("refactor", task.snapshot, "parse(", tier=Tier.LOCAL)
        assert servers.local.book.chats == []
    assert isinstance(outcome, Refusal)
    if isinstance(found, Preview):
        assert all("do not fit the window" in words for _, words in found.skipped)
        assert found.outbound == ()


async def test_secrets_are_shown_as_what_is_sent_and_come_back(tmp_path: Path) -> None:
    secret = VENDORS["github"](Forge(8))
    code = CODE.replace("import re\n", f'import re\n\nTOKEN = "{secret}"\n').replace("words, ", "words, token=TOKEN, ")
    remote = {"privacy": {"local_only": []}}
    async with project_with_servers(tmp_path, **remote) as servers:
        runtime = servers.project.runtime
        runtime.candidates = tuple(_elsewhere(candidate) for candidate in runtime.candidates)
        task = task_on(servers.project, code, "refactor", Tier.BULK)
        found = await preview(runtime, task, servers.project)
        assert isinstance(found, Preview)
        (shown,) = found.outbound
        assert secret not in json.dumps(shown.body)
        assert shown.secrets == ("github-pat",)
        name = next(word for word in preview_text(found).split('"') if word.startswith("TIERWISE_SECRET_"))
        new = code.split("\n\n\n")[1].replace("return re", f'token = token or "{name}"\n    return token and re')
        servers.bulk.book.reply = lambda _: fenced(new)
        outcome = await servers.project.act("refactor", task.snapshot, "parse(", tier=Tier.BULK)
        sent = json.dumps(servers.bulk.book.chats[0].body)
    assert secret not in sent
    assert name in sent
    assert isinstance(outcome, Proposal), outcome
    assert f'token or "{secret}"' in (outcome.changes[0].after or "")


def _elsewhere(candidate: Any) -> Any:
    from dataclasses import replace

    return replace(candidate, is_on_this_machine=candidate.tier is Tier.LOCAL)


async def test_a_model_that_a_local_server_passes_on_counts_as_elsewhere(tmp_path: Path) -> None:
    async with project_with_servers(tmp_path, privacy={"local_only": ["a.py"]}) as servers:
        servers.local.book.remote_host = "https://ollama.com:443"
        await servers.project.runtime.probe()
        task = task_on(servers.project, CODE, "document", None)
        found = await preview(servers.project.runtime, task, servers.project)
    assert isinstance(found, Preview)
    assert not any(one.tier is Tier.LOCAL for one in found.outbound)
