"""Read cases from files, in the shape of `schemas/eval-case.schema.json`."""

import json
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from tierwise.config.eval_cases import EvalCase
from tierwise.evals.case_text import document_of
from tierwise.text import Rejection, Span

_SUFFIXES = (".json", ".jsonl", ".case")
STARTER = "golden"
"""What names the cases that come with the program."""
STARTER_FOLDER = Path(__file__).parent / "golden"
MARK = "$0"
"""The cursor; two of them are the ends of a selection."""


@dataclass(frozen=True, slots=True)
class BadCase:
    """Something in a file of cases that is none."""

    where: str
    words: str


@dataclass(frozen=True, slots=True)
class CaseSet:
    """All that was found in one place."""

    cases: tuple[EvalCase, ...]
    bad: tuple[BadCase, ...]


def read_cases(place: Path) -> CaseSet | Rejection:
    """The cases of a file, or of all `.json`, `.jsonl` and `.case` files of a folder, in the order of their names.

    A `.jsonl` file has a case a line, a `.case` file one as plain text; any other is one case or a list of them. The
    word `golden` stands for the cases that come with the program, where there is nothing else of that name.
    """
    if str(place) == STARTER and not place.exists():
        place = STARTER_FOLDER
    if not place.exists():
        return Rejection("no-file", f"there is no file or folder {str(place)!r}")
    files = [place]
    if place.is_dir():
        # Folders that cannot be listed, as those whose path is too long, hold no case.
        found = (Path(folder, name) for folder, _, names in os.walk(place) for name in names)
        files = sorted(file for file in found if file.suffix in _SUFFIXES and file.is_file())
    cases: dict[str, EvalCase] = {}
    bad: list[BadCase] = []
    for where, document in _documents(files):
        case = document if isinstance(document, BadCase) else _case_of(where, document)
        if isinstance(case, EvalCase) and case.id in cases:
            case = BadCase(where, f"the id {case.id!r} is taken by an earlier case; give it another one")
        if isinstance(case, EvalCase):
            cases[case.id] = case
        else:
            bad.append(case)
    if not cases:
        why = f"; {bad[0].where}: {bad[0].words}" if bad else ", which takes files that end in .case, .json or .jsonl"
        return Rejection("no-cases", f"there is no case in {str(place)!r}{why}")
    return CaseSet(tuple(cases.values()), tuple(bad))


def chosen_of(found: CaseSet, only: Sequence[str] | None) -> CaseSet | Rejection:
    """The cases with one of these ids, actions, languages or tags; all for None."""
    if not only:
        return found
    wanted = set(only)
    cases = tuple(case for case in found.cases if wanted & {case.id, case.action, case.language, *case.tags})
    if not cases:
        return Rejection("no-cases", f"no case has the id, action, language or tag {', '.join(map(repr, only))}")
    return CaseSet(cases, found.bad)


def unmarked(text: str) -> tuple[str, Span]:
    """The text without its marks, and the selection they stand for."""
    start = text.index(MARK)
    end = text.rindex(MARK)
    return text.replace(MARK, ""), Span(start, start if end == start else end - len(MARK))


def _documents(files: list[Path]) -> Iterator[tuple[str, object]]:
    """Every JSON value that should be a case, with the place it stands at."""
    for file in files:
        try:
            text = file.read_text("utf-8")
        except (OSError, UnicodeError):
            yield file.name, BadCase(file.name, "the file cannot be read as UTF-8 text")
            continue
        if file.suffix == ".case":
            yield file.name, _plain(file.name, text)
            continue
        if file.suffix == ".jsonl":
            numbered = [(f"{file.name}:{number}", line) for number, line in enumerate(text.split("\n"), start=1)]
        else:
            numbered = [(file.name, text)]
        for where, written in numbered:
            if written.strip():
                yield from _parsed(where, written)


def _plain(where: str, text: str) -> object:
    try:
        return document_of(text)
    except (ValueError, RecursionError) as err:
        return BadCase(where, str(err))


def _parsed(where: str, written: str) -> Iterator[tuple[str, object]]:
    try:
        document = json.loads(written)
    except (ValueError, RecursionError) as err:
        yield where, BadCase(where, f"this is not JSON: {err}")
        return
    if isinstance(document, list):
        yield from ((f"{where}[{index}]", one) for index, one in enumerate(document))
    else:
        yield where, document


def _case_of(where: str, document: object) -> EvalCase | BadCase:
    try:
        return EvalCase.model_validate(document)
    except ValueError as err:
        return BadCase(where, _words(str(err)))


def _words(report: str) -> str:
    """The first fault of a report in lines: a heading, the place, what is wrong with it."""
    faults = ": ".join(line.strip() for line in report.split("\n")[1:3])
    return faults.partition(" [type=")[0].replace("Value error, ", "")
