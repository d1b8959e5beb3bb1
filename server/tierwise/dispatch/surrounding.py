"""What other files of an opened folder say that helps with one place of a document."""

from tierwise.context import Snippet
from tierwise.context.tests_layout import is_test_file
from tierwise.dispatch.hiding import ignored
from tierwise.dispatch.listing import listed_files
from tierwise.dispatch.neighbors import (
    WANT_RULES,
    WANT_TESTS,
    imported_signatures,
    related_places,
    rules_of,
    tests_of,
)
from tierwise.dispatch.place import Place, placed
from tierwise.dispatch.project_tests import look_at_tests
from tierwise.text import Snapshot


def around_document(place: Place) -> list[Snippet]:
    """What other files of an opened folder say that helps: rules, signatures, tests, places a report points to."""
    if not any(place.root == root for root in place.workspace.roots):
        return []
    target, action = place.target, place.action

    def read(relative: str) -> Snapshot | None:
        if not place.exists(relative) or ignored(place.root, [relative], is_trusted=place.workspace.is_trusted):
            return None
        return place.read(relative)

    text = place.text[place.span.start : place.span.end]
    snippets = imported_signatures(place.task.snapshot, place.path, text, read)
    if action.id in WANT_RULES and place.workspace.is_trusted:
        snippets += rules_of(place.read)
    if target.diagnostic is not None:
        snippets += related_places(placed(place, target.diagnostic), read)
    if action.id in WANT_TESTS and target.symbol is not None:
        tests = look_at_tests(
            root=place.root,
            document=place.task.snapshot,
            path=place.path,
            tests=listed_tests(place),
            exists=place.exists,
        )
        snippets += tests_of(target.symbol.name, tests.path, read)
    return snippets


def listed_tests(place: Place) -> list[str]:
    """The project's test files; next to a file that was opened alone lies what nobody asked to look at."""
    if place.root not in place.workspace.roots:
        return []
    return listed_files(place.root, lambda path: is_test_file(path.relative_to(place.root).as_posix()))
