"""What a model has to see to write tests that fit into a project."""

from dataclasses import replace

from tierwise.context import Snippet, around_target
from tierwise.context.gather import module_name
from tierwise.context.pack import ALWAYS
from tierwise.dispatch.agreed import unagreed
from tierwise.dispatch.place import Place, Reading, prepared_of, refuse
from tierwise.dispatch.prepared import Prepared, is_elsewhere
from tierwise.dispatch.project_tests import ProjectTests, look_at_tests
from tierwise.dispatch.surrounding import around_document, listed_tests
from tierwise.dispatch.values import FileChange, Refusal
from tierwise.syntax.outline import Symbol, outline
from tierwise.text import Rejection, Snapshot

_SHORT_FILE_CHARS = 8000
_LARGEST_TEST_FILE = 16_000
"""Characters of a test file up to which a model can be asked to repeat it with more tests."""


def prepare_tests(place: Place) -> Prepared | Refusal:
    """The task of writing tests, with where they go and what they have to know."""
    snapshot, text, span = place.task.snapshot, place.text, place.span
    symbols = outline(text, snapshot.language)
    tests = look_at_tests(
        root=place.root, document=snapshot, path=place.path, tests=listed_tests(place), exists=place.exists
    )
    test_path = tests.path
    old = place.read(test_path)
    if old is None and place.exists(test_path):
        words = f"the test file {test_path!r} exists but cannot be read as text that may be sent; nothing was asked"
        return refuse(place.task, "unreadable", words)
    if is_elsewhere(place.root, test_path):
        words = f"the tests would be written to {test_path!r}, which a link leads out of the folder; nothing was asked"
        return refuse(place.task, "outside-workspace", words)
    protected = None if old is None else _protected(place, test_path, old)
    if protected is not None:
        return refuse(place.task, protected.code, f"{protected.detail}; nothing was asked")
    if old is not None and _LARGEST_TEST_FILE < len(old.text):
        words = f"the test file {test_path!r} is too long to be repeated with new tests in it; split it first"
        return refuse(place.task, "too-large", words)
    snippets = [*around_document(place), *_context_of_tests(place, symbols), *_how_to_import(place, test_path)]
    if old is not None:
        label = "the test file as it is; keep all of it"
        snippets.append(
            Snippet(label=label, path=test_path, text=old.text, language=snapshot.language, priority=ALWAYS)
        )
    else:
        snippets += _style_of(place, tests)
    reading = Reading(
        files={} if old is None else {test_path: old.text},
        snapshots={} if old is None else {test_path: old},
        snippets=tuple(snippets),
        sent=text[span.start : span.end],
        test_path=test_path,
    )
    return replace(prepared_of(place, reading), test_runner=tests.runner, test_advice=tests.advice)


def _context_of_tests(place: Place, symbols: tuple[Symbol, ...]) -> list[Snippet]:
    """The whole file while it is short: what a test expects often follows from code beside the target."""
    language, text = place.task.snapshot.language, place.text
    if len(text) <= _SHORT_FILE_CHARS:
        label = "the file the target is in"
        return [Snippet(label=label, path=place.path, text=text, language=language, priority=1, is_stable=True)]
    return list(around_target(path=place.path, text=text, language=language, symbols=symbols, span=place.span))


def _protected(place: Place, test_path: str, old: Snapshot) -> Rejection | None:
    """Why tests that are there already are left alone; the user asked about another file."""
    full = place.root / test_path
    is_open = old.uri == place.task.snapshot.uri
    change = FileChange(path=full, uri=old.uri, language=old.language, before=old, after=old.text, is_agreed=is_open)
    return unagreed((change,), (place.root,))


def _how_to_import(place: Place, test_path: str) -> list[Snippet]:
    """The line by which tests get at the target, where it has a name that can be imported."""
    module, symbol = module_name(place.path, place.exists), place.target.symbol
    is_importable = all(part.isidentifier() for part in module.split("."))
    if place.task.snapshot.language != "python" or symbol is None or not is_importable:
        return []
    line = f"from {module} import {(symbol.parent or symbol.name).split('.')[0]}"
    return [Snippet(label="how tests import the target", path=test_path, text=line, language="python", priority=0)]


def _style_of(place: Place, tests: ProjectTests) -> list[Snippet]:
    """The head of the nearest other test file that may be shown, so that its style is followed."""
    for relative in tests.nearby[:5]:
        read = place.read(relative)
        if read is not None and read.text.strip():
            head = "\n".join(read.text.split("\n")[:40])
            label = "the head of another test file, for its style"
            return [Snippet(label=label, path=relative, text=head, language=read.language, priority=4)]
    return []
