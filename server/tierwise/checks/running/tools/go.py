"""Go's own tools on an overlay: the compiler's checker, `go vet` and gofmt. Nothing is linked, nothing fetched."""

import json
import os
import re
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from tierwise.checks.running.tools.base import (
    Answer,
    Finding,
    Findings,
    NotAsked,
    Place,
    Ran,
    Toolbox,
    ask_each,
    encoded,
    failed,
    missing,
    why_not,
)
from tierwise.text import Rejection
from tierwise.text.diff import diff_lines
from tierwise.text.lines import split_lines

_PLACED = re.compile(r"(?P<path>\S.*?\.go|<standard input>):(?P<line>\d+)(?::\d+)?: (?P<message>.*)")
_OFFLINE = {
    "GOPROXY": "off",
    "GOSUMDB": "off",
    "GOTOOLCHAIN": "local",
    "GOTELEMETRY": "off",
    "GOVCS": "*:off",
}
_HINT = "install Go so that it is on PATH"
_GROUPS = ("Error", "DepsErrors")
_SHADOW = "tierwise-shadow"
Places = Mapping[str, str]
"""The name of an overlay's file → the path it stands for.

Go keeps what vet says by the contents of the files, and tells it again with the paths of the first time; a name is what
stays. All files of one package have names of their own.
"""


async def ask_compiler(place: Place, texts: Sequence[str], toolbox: Toolbox) -> Answer:
    """What the compiler says of the package the file is in, its tests included."""
    return await _ask(place, texts, toolbox, with_vet=False)


async def ask_vet(place: Place, texts: Sequence[str], toolbox: Toolbox) -> Answer:
    """What the compiler says and, of a package that compiles, what vet says."""
    return await _ask(place, texts, toolbox, with_vet=True)


async def ask_gofmt(place: Place, texts: Sequence[str], toolbox: Toolbox) -> Answer:
    """Whether a text is as gofmt would have it."""
    program = toolbox.find("gofmt", place.folders)
    if program is None:
        return missing("gofmt", _HINT)

    async def ask(text: str) -> Findings | NotAsked:
        ran = await toolbox.run((program,), encoded(text), cwd=place.root)
        if isinstance(ran, Rejection):
            return why_not(ran)
        if ran.exit_code:
            return tuple(_placed(ran.errors.decode(errors="replace"), lambda _: "")) or failed(ran)
        formatted = ran.output.decode(errors="replace")
        hunks = diff_lines(split_lines(text), split_lines(formatted))
        return tuple(Finding("gofmt", "the file is not formatted", hunk.start + 1, "layout") for hunk in hunks[:1])

    return await ask_each(texts, ask)


async def _ask(place: Place, texts: Sequence[str], toolbox: Toolbox, *, with_vet: bool) -> Answer:
    program = toolbox.find("go", place.folders)
    if program is None:
        return missing("go", _HINT)
    folder = place.path.parent
    module = place.folder_with("go.mod")
    if module is None or not folder.is_dir():
        return NotAsked("the file does not lie in a Go module")
    mode = "vendor" if (module / "vendor" / "modules.txt").is_file() else "readonly"
    environment = {**_OFFLINE, "GOFLAGS": f"-mod={mode}"}

    async def ask(numbered: tuple[int, str]) -> Findings | NotAsked:
        index, text = numbered
        with tempfile.TemporaryDirectory(prefix="tierwise-", ignore_cleanup_errors=True) as scratch:
            overlay, places = _lay_over(Path(scratch), {**place.beside_of(index), place.path: text})
            listing = ("list", "-e", "-export", "-test", "-json=Error,DepsErrors", "-gcflags=-e", "-overlay", overlay)
            ran = await toolbox.run((program, *listing, "."), cwd=folder, environment=environment)
            if isinstance(ran, Rejection):
                return why_not(ran)
            found = _compiled(ran, place, places)
            if found is None:
                return failed(ran)
            if not with_vet or any(finding.gravity == "error" for finding in found):
                return found
            vetted = await toolbox.run(
                (program, "vet", "-json", "-overlay", overlay, "."), cwd=folder, environment=environment
            )
            return why_not(vetted) if isinstance(vetted, Rejection) else _vetted(vetted, place, places)

    return await ask_each(enumerate(texts), ask)


def _lay_over(scratch: Path, texts: Mapping[Path, str]) -> tuple[str, Places]:
    replaced: dict[str, str] = {}
    places: dict[str, str] = {}
    for number, (path, text) in enumerate(texts.items()):
        shadow = scratch / str(number) / _SHADOW / path.name
        shadow.parent.mkdir(parents=True)
        shadow.write_bytes(encoded(text))
        # Go looks for the file under the name its working directory has, which may be reached by links.
        replaced |= {str(path): str(shadow), os.path.realpath(path): str(shadow)}
        places[path.name] = os.path.realpath(path)
    overlay = scratch / "overlay.json"
    overlay.write_text(json.dumps({"Replace": replaced}), "utf-8")
    return str(overlay), places


def _compiled(ran: Ran, place: Place, places: Places) -> Findings | None:
    """The errors of a listing, each once; None when it is no listing."""
    packages = list(_objects(ran.output.decode(errors="replace")))
    if not packages:
        return None
    errors = [error for package in packages for group in _GROUPS for error in _listed(package.get(group))]
    found: dict[Finding, None] = {}
    for error in errors:
        words = str(error.get("Err", ""))
        # What is wrong with an import has its place beside the words, what is wrong with the code within them.
        text = f"{error['Pos']}: {words.splitlines()[0]}" if error.get("Pos") and words else words
        found |= dict.fromkeys(_placed(text, lambda path: _inside(path, place, places)))
    return tuple(found)


def _vetted(ran: Ran, place: Place, places: Places) -> Findings | NotAsked:
    found: list[Finding] = []
    # Older releases write their JSON to standard error, between lines that name the packages.
    text = "\n".join(part.decode(errors="replace") for part in (ran.output, ran.errors))
    reports = list(_objects("\n".join(line for line in text.split("\n") if not line.startswith("#"))))
    if not reports and ran.exit_code:
        return failed(ran)
    for report in reports:
        for analyzers in report.values():
            for name, rows in analyzers.items():
                for row in _listed(rows):
                    path, line = str(row.get("posn", "")).rsplit(":", 2)[:2]
                    where = _inside(path, place, places)
                    found.append(Finding(name, str(row.get("message", "")), int(line), "warning", where))
    return tuple(dict.fromkeys(found))


def _objects(text: str) -> Iterator[dict[str, Any]]:
    """JSON objects that follow each other."""
    decoder = json.JSONDecoder()
    at = text.find("{")
    while 0 <= at:
        try:
            found, end = decoder.raw_decode(text, at)
        except ValueError:
            return
        yield found
        at = text.find("{", end)


def _listed(value: Any) -> list[dict[str, Any]]:
    """One object or several; vet puts an object in the place of a list to say that an analyzer failed."""
    if isinstance(value, dict):
        return [value] if "Err" in value else []
    return value or []


def _placed(text: str, name_of: Any) -> Iterator[Finding]:
    for match in map(_PLACED.match, text.split("\n")):
        if match is not None:
            yield Finding("", match["message"], int(match["line"]), "error", name_of(match["path"]))


def _inside(path: str, place: Place, places: Places) -> str:
    """A path as findings name it: nothing for the file itself, else relative to its folder."""
    is_shadow = Path(path).parent.name == _SHADOW
    real = places.get(Path(path).name, "") if is_shadow else os.path.realpath(place.path.parent / path)
    if real == os.path.realpath(place.path):
        return ""
    return os.path.relpath(real, os.path.realpath(place.path.parent))
