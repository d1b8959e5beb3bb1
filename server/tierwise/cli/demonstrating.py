"""`tierwise demo`: the main job on a real project, start to finish, through a real editor connection."""

import asyncio
import importlib.util
import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Annotated, Any

import typer

from tierwise.cli.demo_models import EXAMPLES, DemoModels, choose_models
from tierwise.cli.output import REFUSED, console, refuse
from tierwise.cli.stats_tables import print_stats
from tierwise.lsp.driving import Editor
from tierwise.store.ledger import open_ledger
from tierwise.text.unified import unified_diff

_TESTS_TIMEOUT_S = 60


def demo(
    keep: Annotated[bool, typer.Option("--keep", help="Leave the temporary project where it is.")] = False,
) -> None:
    """The main job on real input: menu, format, type hints, tests, ledger; needs no key and no Ollama."""
    if not (EXAMPLES / "unitkit").is_dir():
        words = f"the sample project is not at {str(EXAMPLES)!r}: it lies in the repository and not in the package; "
        refuse(
            "no-examples", words + "run 'make demo' in a clone, or install one with 'pip install -e .'", as_json=False
        )
    folder = Path(tempfile.mkdtemp(prefix="tierwise-demo-"))
    started = time.monotonic()
    try:
        is_done = asyncio.run(_Demonstration(folder).run())
    finally:
        if not keep:
            shutil.rmtree(folder, ignore_errors=True)
    _say(f"\n{'done' if is_done else 'NOT done'} in {time.monotonic() - started:.0f} s")
    if not is_done:
        raise typer.Exit(REFUSED)


def _say(line: str = "") -> None:
    console().print(line, markup=False)


def _heading(words: str) -> None:
    _say(f"\n── {words}")


class _Demonstration:
    """One run through the sample project."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._root = folder / "unitkit"
        self._editor = Editor(self._show_progress, lambda message: _say(f"   editor shows: {message}"))
        self._models: DemoModels
        self._told = ""

    async def run(self) -> bool:
        """Every step; False when one that must work did not."""
        shutil.copytree(EXAMPLES / "unitkit", self._root)
        self._models = await choose_models(self._folder)
        _heading("models")
        for line in self._models.lines:
            _say(f"   {line}")
        options = {"trusted": True, "settings": self._models.settings}
        await self._editor.start(self._root, options, os.environ)
        try:
            await self._editor.execute("tierwise.reload")
            is_formatted = await self._format()
            await self._menu()
            await self._hints()
            is_tested = await self._write_tests()
        finally:
            await self._editor.stop()
        self._ledger()
        return is_formatted and is_tested

    async def _menu(self) -> None:
        _heading("the lightbulb on shares() in unitkit/summary.py")
        uri = self._open("unitkit/summary.py")
        for entry in await self._editor.menu(uri, "shares(parts"):
            _say(f"   {entry.title}")

    async def _format(self) -> bool:
        _heading("Format unitkit/sizes.py")
        uri = self._open("unitkit/sizes.py")
        before = self._editor.texts[uri]
        result = await self._choose(uri, "import re", "format")
        self._show_diff(uri, before, limit=14)
        return bool(result["status"] == "applied" and self._editor.texts[uri] != before)

    async def _hints(self) -> None:
        _heading("Add type hints to spread() in unitkit/summary.py")
        uri = self._open("unitkit/summary.py")
        before = self._editor.texts[uri]
        await self._choose(uri, "spread(values", "add_type_hints")
        self._show_diff(uri, before)

    async def _write_tests(self) -> bool:
        _heading("Write tests for shares() in unitkit/summary.py")
        uri = self._open("unitkit/summary.py")
        known = set(self._editor.texts)
        result = await self._choose(uri, "shares(parts", "write_tests")
        created = [new for new in self._editor.texts if new not in known]
        for new in created:
            self._show_diff(new, "", limit=12)
        if result["status"] != "applied" or not created:
            return False
        return await self._run_tests()

    async def _run_tests(self) -> bool:
        """Save everything, as a person would, and run the project's tests."""
        _heading("the project's own tests, with the new file")
        for uri, text in self._editor.texts.items():
            path = self._root / Path(uri.removeprefix(self._root.as_uri() + "/"))
            path.parent.mkdir(parents=True, exist_ok=True)
            await asyncio.to_thread(path.write_text, text, "utf-8")
        command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "tests"]
        if importlib.util.find_spec("pytest") is None:
            _say("   pytest is not installed here, so they were run only in the sandbox")
            return True
        ran = await asyncio.to_thread(
            subprocess.run, command, cwd=self._root, capture_output=True, text=True, timeout=_TESTS_TIMEOUT_S
        )
        for line in ran.stdout.strip().split("\n")[-2:]:
            _say(f"   {line}")
        return ran.returncode == 0

    def _ledger(self) -> None:
        _heading("the ledger of this demonstration; what 'canned' did was scripted")
        ledger = open_ledger(self._models.ledger_file)
        try:
            stats, by_tier = ledger.stats(), ledger.grouped("tier")
        finally:
            ledger.close()
        print_stats(stats, by_tier)

    async def _choose(self, uri: str, words: str, action: str) -> dict[str, Any]:
        """Choose the entry of one action, and say what came of it."""
        entries = await self._editor.menu(uri, words)
        for entry in entries:
            arguments = entry.command.arguments if entry.command is not None else None
            if arguments and arguments[0] and arguments[0].get("action") == action:
                _say(f"   chosen: {entry.title}")
                result = await self._editor.choose(entry)
                self._tell(result)
                return dict(result)
        _say(f"   not offered: {action}")
        return {"status": "refused"}

    def _tell(self, result: dict[str, Any]) -> None:
        for attempt in result["attempts"]:
            scripted = " (scripted)" if attempt["scripted"] else ""
            why = f": {attempt['detail'] or attempt['code']}" if attempt["code"] else ""
            _say(
                f"   {attempt['tier']}: {attempt['model']}{scripted} {attempt['outcome']}"
                f" after {attempt['seconds']:.1f} s, {attempt['cost']}{why}"
            )
        for note in result["notes"]:
            _say(f"   note: {note}")
        _say(f"   {result['status']}: {result['message']}")

    def _open(self, name: str) -> str:
        uri = (self._root / name).as_uri()
        if uri not in self._editor.texts:
            self._editor.open(self._root / name, "python")
        return uri

    def _show_diff(self, uri: str, before: str, limit: int = 30) -> None:
        lines = unified_diff(before, self._editor.texts[uri], uri.removeprefix(self._root.as_uri() + "/")).split("\n")
        for line in lines[:limit]:
            _say(f"   {line}")
        if limit < len(lines):
            _say(f"   … {len(lines) - limit} lines more")

    def _show_progress(self, message: str) -> None:
        is_new = message.split(",", maxsplit=1)[0] != self._told.split(",")[0]
        self._told = message
        if is_new:
            _say(f"   … {message}")
