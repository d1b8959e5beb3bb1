"""Go's own tools on an overlay: the compiler's checker, `go vet` and gofmt. Nothing is linked, nothing fetched."""

import json
import os
import re
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
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
_ALL = ("-gcflags=-e",)
"""Has the compiler tell more than the first ten errors."""
_FAULT = "\nfunc _() {\n\tx := 0\n\tx = x\n}\n"
_OUR_ANALYZER = "assign"
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
    """What vet says where all of the texts compile, else what the compiler says."""
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

    go = _Go(program, place, toolbox, {**_OFFLINE, "GOFLAGS": f"-mod={mode}"})

    numbered = list(enumerate(texts))
    compiled = await ask_each(numbered, lambda one: go.compile({**place.beside_of(one[0]), place.path: one[1]}))
    # What vet says of one text alone could not be compared, and of code that does not compile it says nothing.
    if not with_vet or isinstance(compiled, NotAsked) or any(compiled):
        return compiled
    return await ask_each(numbered, lambda one: go.vet(place.beside_of(one[0]), one[1]))


@dataclass(frozen=True, slots=True)
class _Go:
    """The `go` command on the package of one file."""

    program: str
    place: Place
    toolbox: Toolbox
    environment: Mapping[str, str]

    async def compile(self, texts: Mapping[Path, str]) -> Findings | NotAsked:
        """What the compiler says, tests included; nothing is linked."""
        with _scratch() as folder:
            overlay, places = _lay_over(folder, texts)
            ran = await self._run("list", "-e", "-export", "-test", "-json=Error,DepsErrors", *_ALL, *overlay)
        if isinstance(ran, Rejection):
            return why_not(ran)
        found = _compiled(ran, self.place, places)
        return found if found or ran.exit_code == 0 else failed(ran)

    async def vet(self, beside: Mapping[Path, str], text: str) -> Findings | NotAsked:
        """What vet says. A fault of ours is added at the end: a vet that does not tell of it has read another text."""
        with _scratch() as folder:
            overlay, places = _lay_over(folder, {**beside, self.place.path: text + _FAULT})
            ran = await self._run("vet", "-json", *overlay)
        if isinstance(ran, Rejection):
            return why_not(ran)
        found = _vetted(ran, self.place, places)
        if isinstance(found, NotAsked):
            return found
        n_lines = text.count("\n") + 1
        if not any(one.code == _OUR_ANALYZER and n_lines < one.line and not one.path for one in found):
            return NotAsked("this release of Go vets files only as they are on disk; install a newer one")
        return tuple(one for one in found if one.path or one.line <= n_lines)

    async def _run(self, *arguments: str) -> Ran | Rejection:
        command = (self.program, *arguments, ".")
        return await self.toolbox.run(command, cwd=self.place.path.parent, environment=self.environment)


def _scratch() -> "tempfile.TemporaryDirectory[str]":
    return tempfile.TemporaryDirectory(prefix="tierwise-", ignore_cleanup_errors=True)


def _lay_over(folder: str, texts: Mapping[Path, str]) -> tuple[tuple[str, ...], Places]:
    """The options that have Go read other files, which are written, in place of these."""
    scratch = Path(folder)
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
    return ("-overlay", str(overlay)), places


def _compiled(ran: Ran, place: Place, places: Places) -> Findings:
    """The errors of a listing, each once. Older releases tell them on standard error."""
    packages = _objects(ran.output.decode(errors="replace"))
    errors = [error for package in packages for group in _GROUPS for error in _listed(package.get(group))]
    texts = [ran.errors.decode(errors="replace")]
    for error in errors:
        words = str(error.get("Err", ""))
        # What is wrong with an import has its place beside the words, what is wrong with the code within them.
        texts.append(f"{error['Pos']}: {words.splitlines()[0]}" if error.get("Pos") and words else words)
    found = (one for text in texts for one in _placed(text, lambda path: _inside(path, place, places)))
    return tuple(dict.fromkeys(found))


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
