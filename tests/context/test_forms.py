"""The form an answer is asked in: as configured, else what is cheapest until it fits; each form works to the end."""

from pathlib import Path
from typing import Any

import pytest

from context.ways_out import project_with_servers
from dispatch.project import Project, fenced
from tierwise.dispatch import Proposal, Refusal, Task
from tierwise.dispatch.forms import Count, choose_form, fitting_share
from tierwise.dispatch.prepare import prepare
from tierwise.dispatch.prepared import Prepared
from tierwise.edits import ReplyFormat
from tierwise.routing.money import FREE, Price
from tierwise.routing.tiers import Candidate, Tier
from tierwise.text import Span

CODE = "import re\n\n\ndef first(words):\n    return words[0]\n\n\ndef last(words):\n    return words[-1]\n"
PAID = Price(input=5_000_000, output=25_000_000)
LOCAL = Candidate(tier=Tier.LOCAL, backend="here", model="qwen2.5-coder:7b", price=FREE, is_on_this_machine=True)
OPUS = Candidate(tier=Tier.TOP, backend="above", model="claude-opus-5-5", price=PAID)
REPLIES = {
    ReplyFormat.SPAN: fenced("def last(words):\n    return words[len(words) - 1]\n"),
    ReplyFormat.WHOLE: fenced(CODE.replace("words[-1]", "words[len(words) - 1]")),
    ReplyFormat.SEARCH_REPLACE: (
        "a.py\n```python\n<<<<<<< SEARCH\n    return words[-1]\n=======\n    return words[len(words) - 1]\n"
        ">>>>>>> REPLACE\n```\n"
    ),
    ReplyFormat.UDIFF: (
        "```diff\n--- a.py\n+++ a.py\n@@ @@\n def last(words):\n-    return words[-1]\n"
        "+    return words[len(words) - 1]\n```\n"
    ),
    ReplyFormat.PATCH: (
        "*** Begin Patch\n*** Update File: a.py\n@@ def last(words):\n-    return words[-1]\n"
        "+    return words[len(words) - 1]\n*** End Patch\n"
    ),
    ReplyFormat.JSON: '{"edits": [{"path": "a.py", "old": "words[-1]", "new": "words[len(words) - 1]"}]}',
}
WORDS = {
    ReplyFormat.SPAN: "complete new text of the target",
    ReplyFormat.WHOLE: "complete text of the file",
    ReplyFormat.SEARCH_REPLACE: "SEARCH/REPLACE",
    ReplyFormat.UDIFF: "unified diff",
    ReplyFormat.PATCH: "*** Begin Patch",
    ReplyFormat.JSON: "JSON object",
}


@pytest.mark.parametrize("form", REPLIES)
async def test_a_configured_form_is_asked_for_and_read(form: ReplyFormat, tmp_path: Path) -> None:
    models: dict[str, Any] = {"middle/m": {"reply_format": str(form)}}
    async with project_with_servers(tmp_path, models=models) as servers:
        servers.bulk.book.reply = lambda _: REPLIES[form]
        snapshot = servers.project.write("a.py", CODE)
        outcome = await servers.project.act("refactor", snapshot, "last(", tier=Tier.BULK)
        asked = servers.bulk.book.chats[0].messages
    assert isinstance(outcome, Proposal), outcome
    assert outcome.changes[0].after == CODE.replace("words[-1]", "words[len(words) - 1]")
    assert WORDS[form] in asked[0]["content"]
    assert ("def first" in asked[-1]["content"]) is (form is not ReplyFormat.SPAN), "who quotes sees the whole file"


def prepared_on(project: Project, n_lines: int, action: str = "refactor") -> Prepared:
    """A function of so many lines."""
    body = "".join(f"    total = compute(items, start={n})\n" for n in range(n_lines))
    text = f"def work(items):\n{body}    return items\n"
    snapshot = project.write("long.py", text)
    task = Task(action_id=action, snapshot=snapshot, selection=Span(4, 4))
    found = project.runtime.action(action)
    assert found is not None
    prepared = prepare(found, task, project)
    assert not isinstance(prepared, Refusal)
    return prepared


@pytest.mark.parametrize(
    ("candidate", "n_lines", "form"),
    [
        (LOCAL, 10, ReplyFormat.SPAN),
        (LOCAL, 300, ReplyFormat.SPAN),
        (OPUS, 5, ReplyFormat.SPAN),
        (OPUS, 300, ReplyFormat.SEARCH_REPLACE),
    ],
)
async def test_who_is_asked_how(candidate: Candidate, n_lines: int, form: ReplyFormat, tmp_path: Path) -> None:
    project = Project(tmp_path)
    assert choose_form(prepared_on(project, n_lines), candidate, None, {}) is form
    await project.close()


async def test_what_would_be_cut_is_quoted(tmp_path: Path) -> None:
    project = Project(tmp_path)
    prepared = prepared_on(project, 300, "document")
    assert choose_form(prepared, LOCAL, None, {}) is ReplyFormat.SPAN
    assert choose_form(prepared, LOCAL, None, {}, max_output_tokens=2000) is ReplyFormat.SEARCH_REPLACE
    await project.close()


async def test_a_model_that_quotes_badly_is_asked_to_repeat(tmp_path: Path) -> None:
    project = Project(tmp_path)
    prepared = prepared_on(project, 300)
    bad = {(OPUS.ref, ReplyFormat.SEARCH_REPLACE): Count(2, 120)}
    assert choose_form(prepared, OPUS, None, bad) is ReplyFormat.SPAN
    good = {(LOCAL.ref, ReplyFormat.SEARCH_REPLACE): Count(150, 0)}
    assert fitting_share(LOCAL, ReplyFormat.SEARCH_REPLACE, {}) == pytest.approx(0.6)
    assert fitting_share(LOCAL, ReplyFormat.SEARCH_REPLACE, good) > 0.95
    assert choose_form(prepared, LOCAL, None, good) is ReplyFormat.SEARCH_REPLACE
    await project.close()


async def test_what_came_of_answers_is_learnt_and_kept(tmp_path: Path) -> None:
    models: dict[str, Any] = {"middle/m": {"reply_format": "search-replace"}}
    async with project_with_servers(tmp_path, models=models) as servers:
        snapshot = servers.project.write("a.py", CODE)
        for reply in (REPLIES[ReplyFormat.SEARCH_REPLACE], "I would rather not", REPLIES[ReplyFormat.SEARCH_REPLACE]):
            servers.bulk.book.reply = lambda _, reply=reply: reply
            await servers.project.act("refactor", snapshot, "last(", tier=Tier.BULK)
        (row,) = servers.project.ledger.reply_forms()
    assert (row.model, row.form, row.n_fitting, row.n_unfitting) == ("middle/m", "search-replace", 2, 1)


async def test_a_long_file_goes_to_who_can_repeat_it_or_is_refused_unpaid(tmp_path: Path) -> None:
    lines = "".join(f"value_{n}  =  compute( {n},  'some words to make it long' )\n" for n in range(800))
    models: dict[str, Any] = {"above/m": {"max_output_tokens": 4000}, "middle/m": {"max_output_tokens": 64_000}}
    async with project_with_servers(tmp_path, models=models, native={"enabled": False}) as servers:
        servers.bulk.book.reply = lambda _: fenced(lines.replace("  ", " "))
        servers.bulk.book.models = {"m": 200_000}
        snapshot = servers.project.write("long.py", lines)
        refused = await servers.project.act("format", snapshot, tier=Tier.TOP)
        assert servers.top.book.chats == []
        outcome = await servers.project.act("format", snapshot, tier=Tier.BULK)
        (asked,) = servers.bulk.book.chats
    assert isinstance(refused, Refusal)
    assert refused.code == "reply-cut-at-length"
    assert refused.cost_pico_usd == 0
    assert "select less code" in refused.words
    assert isinstance(outcome, Proposal), outcome
    assert 10_000 < asked.body["max_tokens"]
