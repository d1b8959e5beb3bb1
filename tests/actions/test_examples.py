"""Every example of the catalogue runs through the real road: it documents, it tests, and the model sees it."""

from pathlib import Path

import pytest

from actions.check_actions import apply_example
from tierwise import actions
from tierwise.actions import CATALOGUE, Action, Example

CASES = [(action, example) for action in CATALOGUE for example in action.examples]


@pytest.mark.parametrize(("action", "example"), CASES, ids=[action.id for action, _ in CASES])
def test_example(action: Action, example: Example) -> None:
    assert apply_example(action, example) == example.after


def test_every_action_has_an_example() -> None:
    assert all(action.examples for action in CATALOGUE)


def test_every_file_of_an_action_is_in_the_catalogue() -> None:
    folder = Path(actions.__file__).parent
    files = {file.stem for file in folder.glob("*.py")} - {"__init__", "base", "targets", "custom"}
    assert files == {action.id for action in CATALOGUE}


def test_ids_kinds_and_titles_are_unique_leaves() -> None:
    kinds = [action.kind for action in CATALOGUE]
    assert len(set(kinds)) == len(kinds)
    assert all("tierwise" in kind and kind.split(".")[-1] != "tierwise" for kind in kinds)
    assert len({action.title for action in CATALOGUE}) == len(CATALOGUE)
