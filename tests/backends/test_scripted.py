"""The scripted backend: rules from a file, the same every time."""

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest

from backends.check_backends import Outcome, call_once, cancelled, request
from tierwise.backends.base import BackendError, FailureKind, Usage
from tierwise.backends.options import ScriptedOptions
from tierwise.backends.registry import connect


def options_for_rules(folder: Path, rules: Any) -> ScriptedOptions:
    """Options of a backend with these rules."""
    script = folder / "script.json"
    script.write_text(rules if isinstance(rules, str) else json.dumps(rules), encoding="utf-8")
    return ScriptedOptions(type="scripted", script=str(script))


async def check_script(folder: Path, rules: Any, text: str, model: str = "m") -> Outcome:
    """Ask the rules something."""
    return await call_once(options_for_rules(folder, rules), request(model, text, deadline_s=0.3))


async def test_the_first_rule_that_fits_answers(tmp_path: Path) -> None:
    rules = [
        {"when": "tests?.*parse", "model": "other", "reply": "for the other model"},
        {"when": "tests?.*parse", "reply": "for any model", "chunks": 4},
        {"when": ".", "reply": "for anything"},
    ]
    outcome = await check_script(tmp_path, rules, "write tests\nfor parse_date")
    assert outcome.completion is not None
    assert outcome.completion.text == "for any model"
    assert len(outcome.pieces) == 4
    assert outcome.completion.usage == Usage(input_tokens=9, output_tokens=4)
    assert (await check_script(tmp_path, rules, "test parse", "other")).pieces[0].startswith("for")


async def test_counts_can_be_set(tmp_path: Path) -> None:
    usage: dict[str, Any] = {"input_tokens": 1000, "output_tokens": 20, "cached_tokens": 900, "reasoning_tokens": 5}
    outcome = await check_script(tmp_path, [{"when": "", "reply": "x", "usage": usage}], "hi")
    assert outcome.completion is not None
    assert outcome.completion.usage == Usage(**usage)


@pytest.mark.parametrize("kind", FailureKind)
async def test_every_failure_can_be_had(tmp_path: Path, kind: FailureKind) -> None:
    outcome = await check_script(tmp_path, [{"when": "", "reply": "some text", "fail": kind.value}], "hi")
    assert outcome.error is not None
    assert outcome.error.kind is kind
    assert outcome.error.n_output_chars == 9
    assert outcome.error.usage is not None


@pytest.mark.parametrize("rules", [[{"when": "never this", "reply": "x"}], [], [{"when": "hi", "reply": ""}]])
async def test_nothing_to_say_is_a_failure(tmp_path: Path, rules: Any) -> None:
    outcome = await check_script(tmp_path, rules, "hi")
    assert outcome.error is not None
    assert outcome.error.kind is FailureKind.EMPTY
    assert "script.json" in outcome.error.words


async def test_hold_ends_with_the_deadline(tmp_path: Path) -> None:
    outcome = await check_script(tmp_path, [{"when": "", "reply": "halfhalf", "hold": True}], "hi")
    assert outcome.error is not None
    assert outcome.error.kind is FailureKind.TIMEOUT_TOTAL
    assert "".join(outcome.pieces) == "half"


async def test_hold_can_be_cancelled(tmp_path: Path) -> None:
    backend = connect(options_for_rules(tmp_path, [{"when": "", "reply": "halfhalf", "hold": True}]))
    arrived = asyncio.Event()
    task = asyncio.create_task(backend.complete(request(), lambda _: arrived.set()))
    await arrived.wait()
    assert await cancelled(task)


@pytest.mark.parametrize(
    ("rules", "words"),
    [
        ("not json", "not JSON"),
        ([{"when": "(", "reply": "x"}], "regular expression"),
        ([{"when": "x", "reply": "x", "surplus": 1}], "0.surplus"),
        ({"when": "x"}, "tuple"),
        ([{"when": "x", "fail": "no-such-kind"}], "0.fail"),
    ],
)
def test_a_wrong_script_is_refused_with_its_fault(tmp_path: Path, rules: Any, words: str) -> None:
    options = options_for_rules(tmp_path, rules)
    with pytest.raises(BackendError, match=words) as caught:
        connect(options)
    assert caught.value.kind is FailureKind.NOT_CONFIGURED


def test_a_missing_script_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BackendError, match="cannot be read"):
        connect(ScriptedOptions(type="scripted", script=str(tmp_path / "absent.json")))
