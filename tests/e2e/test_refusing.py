"""Everything that ends without an edit does so with one sentence for the user, and the document as it was."""

from typing import Any

import pytest
from lsprotocol import types

from e2e.conftest import Bench
from e2e.models import MARKED, PLAIN, documented
from servers.scenarios import Scenario

pytestmark = pytest.mark.asyncio(loop_scope="module")

PROSE = "I am sorry, but I cannot do that."
ELIDED = '```python\ndef double(number):\n    """Return twice the number."""\n    # ... rest of the code\n```\n'


@pytest.mark.parametrize(
    ("reply", "scenario"),
    [
        (PROSE, Scenario()),
        (ELIDED, Scenario()),
        ("```python\ndef double(number:\n```\n", Scenario()),
        ("```javascript\nfunction double(n) { return n * 2 }\n```\n", Scenario()),
        ("", Scenario(fault="empty")),
        (None, Scenario(fault="cut")),
        (None, Scenario(fault="length")),
        (None, Scenario(fault="html")),
        (None, Scenario(fault="status", status=401)),
        (None, Scenario(fault="status", status=404)),
    ],
    ids=["prose", "elided", "broken", "other-language", "empty", "cut", "length", "html", "wrong-key", "no-model"],
)
async def test_what_no_model_could_do_is_said_in_one_sentence(
    bench: Bench, reply: str | None, scenario: Scenario
) -> None:
    editor = bench.editor
    bench.models.book.default = scenario
    bench.models.book.reply = documented if reply is None else lambda _: reply
    uri, cursor = editor.open(f"file_{len(editor.texts)}.py", MARKED)
    result = await editor.choose("Document", uri, cursor)
    assert result["status"] == "refused"
    assert result["code"]
    assert editor.texts[uri] == PLAIN
    (message,) = editor.told
    assert message.startswith(f"Tierwise: {result['message']}")
    assert "\n" not in message
    assert not message.endswith(".")


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        ({"action": "no_such_action"}, "unknown-action"),
        ({"uri": "file:///never/opened.py"}, "not-open"),
        ({"uri": "git:/a.py"}, "unsupported-scheme"),
        ({"version": 99}, "stale"),
        ({"action": "do"}, "no-instruction"),
    ],
)
async def test_what_cannot_be_begun_is_said_in_one_sentence(bench: Bench, arguments: dict[str, Any], code: str) -> None:
    editor = bench.editor
    uri, cursor = editor.open(f"file_{len(editor.texts)}.py", MARKED)
    raw = {"action": "document", "uri": uri, "range": cursor, "version": 1} | arguments
    result = await editor.command("tierwise.run", raw)
    assert (result["status"], result["code"]) == ("refused", code)
    assert len(editor.told) == 1


@pytest.mark.parametrize(
    ("command", "arguments"),
    [
        ("no.such.command", []),
        ("tierwise.run", []),
        ("tierwise.run", ["text"]),
        ("tierwise.run", [{}, {}]),
        ("tierwise.run", [{"action": 3, "uri": "file:///a"}]),
        ("tierwise.run", [{"action": "format", "uri": "file:///a", "tier": "gold"}]),
        ("tierwise.run", [{"action": "format", "uri": "file:///a", "range": "all"}]),
        ("tierwise.run", [{"action": "format", "uri": "file:///a", "diagnostics": [4]}]),
        ("tierwise.run", [{"action": "format", "uri": "file:///a", "version": True}]),
        ("tierwise.stats", [{"since": "yesterday"}]),
    ],
)
async def test_wrong_arguments_are_answered_as_such(bench: Bench, command: str, arguments: list[Any]) -> None:
    editor = bench.editor
    with pytest.raises(Exception, match=r"command|argument") as wrong:
        await editor.command(command, *arguments)
    assert wrong.value.code == types.ErrorCodes.InvalidParams  # type: ignore[attr-defined]
