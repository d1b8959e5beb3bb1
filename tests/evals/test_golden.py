"""The cases that come with the program: complete, varied, and each proved by right and wrong answers."""

import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from evals.conftest import CODE, DOCUMENTED, Run
from tierwise.actions import BUILT_IN_IDS
from tierwise.config.eval_cases import EvalCase
from tierwise.evals.cases import STARTER_FOLDER, CaseSet, read_cases

QUICK = ("fix-unquoted-names", "refactor-size-of", "do-trim", "refactor-permissions", "hints-parse-env")


def starter() -> CaseSet:
    """All of them."""
    found = read_cases(Path("golden"))
    assert isinstance(found, CaseSet)
    return found


def test_the_starter_set_is_complete() -> None:
    found = starter()
    assert found.bad == ()
    assert 60 <= len(found.cases)
    assert {case.action for case in found.cases} == BUILT_IN_IDS
    languages = Counter(case.language for case in found.cases)
    assert {"python", "javascript", "typescript", "go", "rust", "c"} <= set(languages)
    assert all(5 <= languages[name] for name in ("python", "javascript", "typescript", "go", "rust", "c"))
    for case in found.cases:
        assert case.right, case.id
        assert 2 <= len(case.wrong), case.id
        assert case.tests is not None or case.action == "write_tests", case.id


def test_every_case_lies_in_a_file_of_its_name() -> None:
    names = {file.stem for file in STARTER_FOLDER.rglob("*.case")}
    assert names == {case.id for case in starter().cases}


def test_no_two_cases_are_about_the_same_code() -> None:
    texts = [case.files[case.path] for case in starter().cases]
    assert len(set(texts)) == len(texts)


def test_a_few_are_proved_at_once(tierwise: Run) -> None:
    picked = [word for name in QUICK for word in ("--only", name)]
    code, document, _ = tierwise("golden", "prove", *picked, "--json")
    known = len(document["notRun"])
    assert (code, document["failed"], document["proved"]) == (0, [], len(QUICK) - known)
    assert {one["case"] for one in document["notRun"]} <= set(QUICK)


@pytest.mark.slow
@pytest.mark.parametrize("language", sorted({case.language for case in starter().cases}))
def test_right_answers_pass_and_wrong_ones_do_not(tierwise: Run, language: str) -> None:
    _, document, _ = tierwise("golden", "prove", "--only", language, "--json")
    of_language = [case for case in starter().cases if case.language == language]
    assert document["failed"] == []
    assert document["proved"] + len(document["notRun"]) == len(of_language) == document["cases"]
    assert all(one["code"] in ("no-runner", "no-sandbox") and one["message"] for one in document["notRun"])
    if not document["notRun"]:
        assert document["nReplies"] == sum(len(case.right) + len(case.wrong) for case in of_language)


CASE: dict[str, Any] = {
    "id": "doc-add",
    "action": "document",
    "language": "python",
    "path": "calc.py",
    "files": {"calc.py": CODE.replace("return", "re$0turn")},
}
RIGHT, WRONG = f"```python\n{DOCUMENTED}```\n", f"```python\n{DOCUMENTED.replace('a + b', 'b + a')}```\n"


@pytest.mark.parametrize(
    ("right", "wrong", "words"),
    [
        ([RIGHT], [WRONG], None),
        ([WRONG], [RIGHT], "right reply 1 does not pass"),
        ([RIGHT], [WRONG, RIGHT.replace("sum", "total")], "wrong reply 2 passes"),
        ([RIGHT], [], "at least one right and one wrong"),
        ([], [WRONG], "at least one right and one wrong"),
    ],
)
def test_a_case_that_proves_nothing_says_why(
    tierwise: Run, folder: Path, right: list[str], wrong: list[str], words: str | None
) -> None:
    file = folder / "one.json"
    file.write_text(json.dumps({**CASE, "right": right, "wrong": wrong}), "utf-8")
    code, document, _ = tierwise("golden", "prove", str(file), "--json")
    assert (code, document["proved"]) == ((0, 1) if words is None else (1, 0))
    assert [words in one["message"] for one in document["failed"] if words] == [True] * len(document["failed"])


def test_a_case_is_checked_when_it_is_read(folder: Path) -> None:
    tests = {"runner": "python", "run": "check.py"}
    for change in ({"tests": tests}, {"scorers": ["exact"]}, {"scorers": ["judge"]}, {"scorers": ["luck"]}):
        with pytest.raises(ValueError, match=r"check\.py|exact|judge|luck"):
            EvalCase.model_validate({**CASE, **change})
    assert EvalCase.model_validate(CASE).scored_by == ("accepted",)
    with_tests = {**CASE, "tests": {**tests, "files": {"check.py": ""}}}
    assert EvalCase.model_validate(with_tests).scored_by == ("accepted", "tests-pass")
