"""What a collector is told of a real server's work, and what it costs the work when the collector is no good."""

import asyncio
import json
import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from e2e.editor import Editor, editing, environment
from e2e.loaded import tierwise
from e2e.models import DOCUMENTED, MARKED, models
from servers.collector import Collector, Span, collecting
from servers.scenarios import Call, Scenario

FAST = {"OTEL_BSP_SCHEDULE_DELAY": "50", "OTEL_METRIC_EXPORT_INTERVAL": "50"}
WORSE = "I will not."
SECRET_WORDS = ("double", "number * 2", "Return twice", "click.py", "Document", "def ")
"""Code, prompts, names of symbols and files, none of which may be told."""


def told(url: str) -> str:
    """The setting that switches telemetry on."""
    return f'\n[telemetry]\notlp_endpoint = "{url}"\n'


async def document(editor: Editor, name: str) -> Any:
    """Document a function in a new file."""
    uri, cursor = editor.open(name, MARKED.replace("double", f"double_{name[0]}"))
    return await editor.choose("Document", uri, cursor)


def answers(call: Call) -> str:
    """The bulk model refuses, the top model knows."""
    name = "double_c" if "double_c" in str(call.messages) else "double_o"
    return WORSE if call.model == "medium" else f"```python\n{DOCUMENTED.replace('double', name)}```\n"


async def test_an_action_is_told_as_a_tree_of_spans_and_as_metrics(tmp_path: Path) -> None:
    root = tmp_path / "ws"
    env = {**FAST, "OTEL_SERVICE_NAME": "mine", "OTEL_RESOURCE_ATTRIBUTES": "team=red"}
    async with models() as served, collecting() as collector:
        served.book.reply = answers
        async with editing(root, served.config + told(collector.url), env=env) as editor:
            result = await document(editor, "click.py")
            assert result["status"] == "applied"
            await collector.until(lambda found: len(found.spans) >= 5 and found.metric("tierwise.spend"))
    check_tree(collector.spans, result, served.config)
    check_metrics(collector, result)
    assert collector.spans[0].resource["service.name"] == "mine"
    assert collector.spans[0].resource["team"] == "red"
    assert not any(words in repr(collector.spans) + repr(collector.points) for words in SECRET_WORDS)


def check_tree(spans: list[Span], result: Any, config: str) -> None:
    """One span for the click, below it one for each call and one for each check."""
    (above,) = (span for span in spans if not span.above)
    assert above.name == "tierwise.action document"
    assert {span.above for span in spans if span is not above} == {above.id}
    assert {span.trace for span in spans} == {above.trace}
    assert above.attributes["tierwise.outcome"] == "proposed"
    assert (above.attributes["tierwise.tier"], above.attributes["tierwise.calls"]) == ("top", 2)
    assert above.attributes["tierwise.cost_usd"] == pytest.approx(result["costPicoUsd"] / 10**12)
    bulk, top = sorted((span for span in spans if span.kind == 3), key=lambda span: span.began_ns)
    port = int(config.partition('base_url = "http://127.0.0.1:')[2].partition("/")[0])
    for span, model, verdict in ((bulk, "medium", "rejected"), (top, "large", "accepted")):
        found = span.attributes
        assert span.name == f"chat {model}"
        assert (found["gen_ai.operation.name"], found["gen_ai.provider.name"]) == ("chat", "openai")
        assert (found["gen_ai.request.model"], found["gen_ai.response.model"]) == (model, model)
        assert (found["server.address"], found["server.port"]) == ("127.0.0.1", port)
        assert found["gen_ai.response.finish_reasons"] == ["stop"]
        assert found["gen_ai.usage.input_tokens"] > 0
        assert found["gen_ai.usage.output_tokens"] > 0
        assert found["tierwise.verdict"] == verdict
        assert "error.type" not in found
        assert above.began_ns <= span.began_ns <= span.ended_ns <= above.ended_ns
    assert (bulk.attributes["tierwise.planned"], top.attributes["tierwise.planned"]) == ("first", "escalated")
    assert top.attributes["tierwise.reason.code"] == bulk.attributes["tierwise.verdict.code"]
    assert sorted(span.attributes["tierwise.verdict"] for span in spans if span.name == "tierwise.check") == [
        "accepted",
        "rejected",
    ]


def check_metrics(collector: Collector, result: Any) -> None:
    """The conventions' histograms with their buckets, and the money."""
    durations = collector.metric("gen_ai.client.operation.duration")
    assert {point.attributes["gen_ai.request.model"] for point in durations} == {"medium", "large"}
    assert all(point.unit == "s" and point.count == 1 for point in durations)
    assert durations[0].bounds == (
        0.01,
        0.02,
        0.04,
        0.08,
        0.16,
        0.32,
        0.64,
        1.28,
        2.56,
        5.12,
        10.24,
        20.48,
        40.96,
        81.92,
    )
    tokens = collector.metric("gen_ai.client.token.usage")
    assert {point.attributes["gen_ai.token.type"] for point in tokens} == {"input", "output"}
    assert tokens[0].bounds == (
        1, 4, 16, 64, 256, 1024, 4096, 16384, 65536, 262144, 1048576, 4194304, 16777216, 67108864,
    )  # fmt: skip
    read = sum(point.value for point in tokens if point.attributes["gen_ai.token.type"] == "input")
    assert read == sum(attempt["inputTokens"] for attempt in result["attempts"])
    spent = sum(point.value for point in collector.metric("tierwise.spend"))
    assert spent == pytest.approx(result["costPicoUsd"] / 10**12)
    (action,) = collector.metric("tierwise.actions")
    assert (action.attributes["tierwise.action"], action.value) == ("document", 1)


async def test_failures_headers_compression_and_deltas_are_told_too(tmp_path: Path) -> None:
    root = tmp_path / "ws"
    env = {
        **FAST,
        "OTEL_EXPORTER_OTLP_HEADERS": "api-key=k%21",
        "OTEL_EXPORTER_OTLP_COMPRESSION": "gzip",
        "OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE": "delta",
    }
    async with models() as served, collecting() as collector:
        env["OTEL_EXPORTER_OTLP_ENDPOINT"] = collector.url
        served.book.default = Scenario(fault="status", status=500)
        config = served.config + "\n[telemetry]\nenabled = true\n"
        async with editing(root, config, env=env) as editor:
            assert (await document(editor, "click.py"))["status"] == "refused"
            await collector.until(lambda found: found.spans and found.points)
            durations = list(collector.metric("gen_ai.client.operation.duration"))
    calls = [span for span in collector.spans if span.kind == 3]
    assert calls
    assert {span.attributes["error.type"] for span in calls} == {"server-error"}
    assert all(span.is_error for span in calls)
    assert all(point.is_delta and point.attributes["error.type"] == "server-error" for point in durations)
    # Nobody counted the tokens of a call that failed, so there is no such metric.
    assert not collector.metric("gen_ai.client.token.usage")
    assert all(head["api-key"] == "k!" and head["content-encoding"] == "gzip" for head in collector.headers)


@pytest.mark.parametrize("trouble", ["gone", "silent", "500", "503"])
async def test_a_collector_that_is_no_good_costs_the_action_nothing(tmp_path: Path, trouble: str) -> None:
    root = tmp_path / "ws"
    async with models() as served, collecting() as collector:
        collector.status = {"500": "500 Oops", "503": "503 Busy"}.get(trouble, "200 OK")
        collector.is_silent = trouble == "silent"
        url = nowhere() if trouble == "gone" else collector.url
        served.book.reply = answers
        async with editing(root, served.config + told(url), env=FAST) as editor:
            for name in ("click.py", "other.py"):
                assert (await document(editor, name))["status"] == "applied"
            if trouble != "gone":
                await collector.until(lambda found: found.paths)
            total = (await editor.command("tierwise.stats"))["total"]
            assert (total["nCalls"], total["nRunning"]) == (4, 0)
            assert editor.told == []
            # What a collector was too busy for is sent again once it is not.
            if trouble == "503":
                collector.status = "200 OK"
                await collector.until(lambda found: len([span for span in found.spans if not span.above]) == 2)
            began = time.monotonic()
        assert time.monotonic() - began < 30


def nowhere() -> str:
    """An address nobody listens at."""
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return f"http://127.0.0.1:{one.getsockname()[1]}"


async def test_the_command_line_tells_its_action_before_it_ends(tmp_path: Path) -> None:
    home, root = tmp_path / "ws-home", tmp_path / "ws"
    home.mkdir()
    root.mkdir()
    (root / "pyproject.toml").write_text("")
    (root / "one.py").write_text("def double_c(number):\n    return number * 2\n")
    async with models() as served, collecting() as collector:
        served.book.reply = answers
        config = served.config + told(collector.url) + f'[ledger]\npath = "{home / "ledger.sqlite3"}"\n'
        (home / "config.toml").write_text(config)
        command = [
            sys.executable,
            "-m",
            "tierwise",
            "run",
            "document",
            str(root / "one.py"),
            "--range",
            "1:5",
            "--json",
        ]
        ran = await asyncio.to_thread(
            subprocess.run, command, env=environment(home), capture_output=True, text=True, timeout=120, check=False
        )
        assert ran.returncode == 0, ran.stdout + ran.stderr
        assert json.loads(ran.stdout)["model"] == "large"
        assert [span.name for span in collector.spans if not span.above] == ["tierwise.action document"]
        assert collector.metric("tierwise.spend")


async def test_what_cannot_be_told_is_said_once_and_nothing_else_happens(tmp_path: Path) -> None:
    root = tmp_path / "ws"
    async with models() as served:
        served.book.reply = answers
        env = {"OTEL_EXPORTER_OTLP_PROTOCOL": "grpc"}
        async with editing(root, served.config + "\n[telemetry]\nenabled = true\n", env=env) as editor:
            assert (await document(editor, "click.py"))["status"] == "applied"
            assert [words for words in editor.told if "telemetry" in words] == editor.told
            assert "only 'http/protobuf' is spoken" in editor.told[0]


def test_nothing_of_opentelemetry_is_loaded_unless_it_is_wanted() -> None:
    script = (
        "import sys, tierwise.lsp.session, tierwise.telemetry.opening, tierwise.telemetry.events\n"
        "assert not [name for name in sys.modules if name.startswith(('opentelemetry', 'google.protobuf'))]\n"
        "assert 'tierwise.telemetry.sending' not in sys.modules\n"
    )
    subprocess.run([sys.executable, "-c", script], check=True, timeout=120)


async def test_the_doctor_says_whether_the_collector_takes_anything_in(tmp_path: Path) -> None:
    root = tmp_path / "ws"
    root.mkdir()
    async with collecting() as collector:
        off = await doctor(root, "")
        assert (off["isOk"], off["found"].partition(":")[0]) == (True, "off")
        well = await doctor(root, told(collector.url))
        assert (well["isOk"], collector.url in well["found"]) == (True, True)
        assert collector.spans == collector.points == []
        collector.status = "401 Unauthorized"
        refused = await doctor(root, told(collector.url))
        assert (refused["isOk"], "401" in refused["words"]) == (False, True)
    gone = await doctor(root, told(collector.url))
    assert (gone["isOk"], collector.url in gone["words"]) == (False, True)


async def doctor(root: Path, config: str) -> Any:
    """What the command line's doctor says of telemetry."""
    root.with_name("config.toml").write_text(config, "utf-8")
    env = {**environment(root), "TIERWISE_CONFIG": str(root.with_name("config.toml"))}
    command = tierwise("doctor", "--json")
    process = await asyncio.create_subprocess_exec(*command, env=env, cwd=root, stdout=asyncio.subprocess.PIPE)
    out, _ = await asyncio.wait_for(process.communicate(), 120)
    return next(one for one in json.loads(out)["tools"] if one["name"] == "telemetry")
