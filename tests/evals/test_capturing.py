"""Cases made of actions: only from what the user let be kept, without secrets, and usable at once."""

import json
import stat
from pathlib import Path
from typing import Any

import pytest

from evals.conftest import CODE, DOCUMENTED, Run
from tierwise.evals.cases import CaseSet, read_cases, unmarked
from tierwise.routing.tiers import Tier
from tierwise.store.ledger import Ledger, open_ledger
from tierwise.store.rows import Fate

KEY = "AKIA" + "QX7PLM2ZR5TN4WJH"
SECRET = f'AWS_ACCESS_KEY_ID = "{KEY}"\n\n\n'


@pytest.fixture
def forgetful(folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project of one file, beside settings that keep no requests."""
    del folder
    project = tmp_path_factory.mktemp("project")
    (project / "calc.py").write_text(CODE, "utf-8")
    (project / ".git").mkdir()
    return project


@pytest.fixture
def project(folder: Path, forgetful: Path) -> Path:
    """The same with settings that keep the last three."""
    config = folder / "config.toml"
    config.write_text(config.read_text("utf-8") + "keep_requests = true\nmax_requests = 3\n", "utf-8")
    return forgetful


def document_it(tierwise: Run, project: Path, tier: str = "top") -> dict[str, Any]:
    """Carry out an action on the second line."""
    arguments = ("document", str(project / "calc.py"), "--range", "2:1-2:1", "--tier", tier, "--json")
    _, document, _ = tierwise("run", *arguments)
    found: dict[str, Any] = document
    return found


def newest(tierwise: Run) -> dict[str, Any]:
    """The action that was kept last."""
    _, document, _ = tierwise("golden", "list", "--json")
    found: dict[str, Any] = document["actions"][0]
    return found


def case_in(place: Path) -> Any:
    """The one case of a folder."""
    found = read_cases(place)
    assert isinstance(found, CaseSet)
    assert not found.bad
    (case,) = found.cases
    return case


def with_ledger(folder: Path) -> Ledger:
    """The ledger of the tests."""
    return open_ledger(folder / "ledger.sqlite3")


def test_a_kept_edit_becomes_a_case_that_can_be_run(tierwise: Run, folder: Path, project: Path) -> None:
    document_it(tierwise, project)
    key = newest(tierwise)["key"]
    ledger = with_ledger(folder)
    ledger.end_action(key, "applied")
    ledger.book_fates([Fate(action_key=key, fate="kept", tier=Tier.TOP, backend="demo", model="right")])
    ledger.close()
    assert newest(tierwise)["outcome"] == "kept"
    code, document, _ = tierwise("golden", "add", "--to", str(folder / "mine"), "--id", "doc-it", "--json")
    assert (code, document["fate"], document["nSecrets"]) == (0, "kept", 0)
    case = case_in(folder / "mine")
    assert (case.id, case.action, case.path, case.expected) == (
        "doc-it",
        "document",
        "calc.py",
        {"calc.py": DOCUMENTED},
    )
    assert unmarked(case.files["calc.py"])[0] == CODE
    _, document, _ = tierwise("eval", str(folder / "mine"), "--models", "demo/right,demo/other", "--json")
    assert [(run["passed"], run["exact"]) for run in document["runs"]] == [(True, True), (True, False)]
    assert (
        tierwise("golden", "add", "--to", str(folder / "mine"), "--id", "doc-it", "--json")[1]["code"] == "file-exists"
    )


@pytest.mark.parametrize("fate", ["undone", "rejected"])
def test_an_edit_nobody_wanted_does_not_pass_again(tierwise: Run, folder: Path, project: Path, fate: str) -> None:
    document_it(tierwise, project)
    code, document, _ = tierwise("golden", "add", "last", "--to", str(folder / "mine"), "--fate", fate, "--json")
    assert (code, document["fate"]) == (0, fate)
    _, document, _ = tierwise("eval", str(folder / "mine"), "--models", "demo/right", "--json")
    assert [(run["passed"], run["code"]) for run in document["runs"]] == [(False, "unwanted")]


def test_an_action_that_was_refused_becomes_a_case_too(tierwise: Run, folder: Path, project: Path) -> None:
    script = folder / "script.json"
    rules = [rule for rule in json.loads(script.read_text("utf-8")) if rule["model"] not in ("right", "other")]
    broken = [{"when": ".", "model": name, "reply": "No."} for name in ("right", "other")]
    script.write_text(json.dumps([*rules, *broken]), "utf-8")
    assert document_it(tierwise, project)["status"] == "refused"
    code, document, _ = tierwise("golden", "add", "--to", str(folder / "mine"), "--json")
    assert (code, document["fate"]) == (0, "refused")
    case = case_in(folder / "mine")
    assert (case.expected, case.unwanted, case.tags) == (None, (), ("captured", "refused"))


def test_secrets_never_reach_what_is_kept(tierwise: Run, folder: Path, project: Path) -> None:
    (project / "calc.py").write_text(SECRET + CODE, "utf-8")
    arguments = ("document", str(project / "calc.py"), "--range", "5:1-5:1", "--tier", "top", "--json")
    tierwise("run", *arguments)
    kept = list((folder / "requests").iterdir())
    assert [stat.S_IMODE(file.stat().st_mode) for file in kept] == [0o600]
    assert stat.S_IMODE((folder / "requests").stat().st_mode) == 0o700
    assert KEY not in kept[0].read_text("utf-8")
    code, document, _ = tierwise("golden", "add", "--to", str(folder / "mine"), "--json")
    assert (code, document["nSecrets"]) == (0, 1)
    (file,) = (folder / "mine").iterdir()
    assert KEY not in file.read_text("utf-8")
    text, selection = unmarked(case_in(folder / "mine").files["calc.py"])
    assert text[selection.start :].startswith("    return a + b")


def test_nothing_is_kept_unless_it_was_asked_for(tierwise: Run, folder: Path, forgetful: Path) -> None:
    document_it(tierwise, forgetful)
    assert not (folder / "requests").exists()
    ledger = with_ledger(folder)
    (key,) = {row.action_key for row in ledger.attempt_rows() if hasattr(row, "action_key")}
    ledger.close()
    for wanted, code in ((key, "not-kept"), ("last", "not-kept"), ("f" * 32, "no-action"), ("../x", "no-action")):
        exit_code, document, _ = tierwise("golden", "add", wanted, "--to", str(folder / "mine"), "--json")
        assert (exit_code, document["code"]) == (1, code), wanted
    assert "ledger.keep_requests" in tierwise("golden", "add", key, "--json")[1]["message"]
    assert not (folder / "mine").exists()


def test_only_the_newest_are_kept_and_cases_are_not(tierwise: Run, folder: Path, project: Path) -> None:
    for _ in range(5):
        document_it(tierwise, project)
    assert len(list((folder / "requests").iterdir())) == 3
    tierwise("golden", "add", "--to", str(folder / "mine"), "--json")
    before = sorted((folder / "requests").iterdir())
    tierwise("eval", str(folder / "mine"), "--models", "demo/right", "--json")
    assert sorted((folder / "requests").iterdir()) == before


@pytest.mark.parametrize("option", [("--fate", "loved"), ("--id", "Not an id")])
def test_wrong_words_are_usage(tierwise: Run, folder: Path, project: Path, option: tuple[str, str]) -> None:
    document_it(tierwise, project)
    exit_code, document, _ = tierwise("golden", "add", *option, "--to", str(folder / "mine"), "--json")
    assert (exit_code, document["code"]) == (2, "usage")


def test_kept_and_undone_actions_are_proved_by_their_own_answers(tierwise: Run, folder: Path, project: Path) -> None:
    document_it(tierwise, project)
    key = newest(tierwise)["key"]
    mine = str(folder / "mine")
    _, added, _ = tierwise("golden", "add", key, "--to", mine, "--fate", "kept", "--id", "kept-one", "--json")
    assert (added["nRight"], added["nWrong"]) == (1, 1)
    case = case_in(folder / "mine")
    assert DOCUMENTED in case.right[0]
    code, proved, _ = tierwise("golden", "prove", mine, "--json")
    assert (code, proved["proved"], proved["nReplies"]) == (0, 1, 2), proved
    arguments = ("--models", "demo/right,demo/other,demo/wrong,demo/chatty", "--json")
    _, document, _ = tierwise("eval", mine, *arguments)
    assert [run["passed"] for run in document["runs"]] == [True, True, False, False]


@pytest.mark.parametrize("fate", ["undone", "rejected"])
def test_an_answer_nobody_wanted_is_a_wrong_one(tierwise: Run, folder: Path, project: Path, fate: str) -> None:
    document_it(tierwise, project)
    mine = str(folder / "mine")
    _, added, _ = tierwise("golden", "add", "--to", mine, "--fate", fate, "--id", "alone", "--json")
    assert (added["nRight"], added["nWrong"]) == (0, 1)
    code, proved, _ = tierwise("golden", "prove", mine, "--json")
    assert code == 1
    assert "at least one right and one wrong" in proved["failed"][0]["message"]
    reply = folder / "reply.txt"
    reply.write_text("```python\n" + DOCUMENTED.replace("the sum", "both together") + "```\n", "utf-8")
    arguments = ("--to", mine, "--fate", fate, "--id", "helped", "--right", str(reply), "--json")
    assert tierwise("golden", "add", "last", *arguments)[0] == 0
    code, proved, _ = tierwise("golden", "prove", mine, "--only", "helped", "--json")
    assert (code, proved["proved"], proved["nReplies"]) == (0, 1, 2), proved


def test_what_was_kept_of_the_same_request_proves_what_was_not(tierwise: Run, folder: Path, project: Path) -> None:
    keys = []
    for tier in ("bulk", "top"):
        document_it(tierwise, project, tier)
        keys.append(newest(tierwise)["key"])
    undone, kept = keys
    ledger = with_ledger(folder)
    for key, fate, model in ((undone, "undone", "other"), (kept, "kept", "right")):
        ledger.end_action(key, "applied")
        ledger.book_fates([Fate(action_key=key, fate=fate, tier=Tier.TOP, backend="demo", model=model)])  # type: ignore[arg-type]
    ledger.close()
    _, added, _ = tierwise("golden", "add", undone, "--to", str(folder / "mine"), "--json")
    assert (added["fate"], added["nRight"], added["nWrong"]) == ("undone", 1, 2)
    code, proved, _ = tierwise("golden", "prove", str(folder / "mine"), "--json")
    assert (code, proved["proved"], proved["nReplies"]) == (0, 1, 3), proved


def test_an_answer_that_was_refused_on_the_way_stays_wrong(tierwise: Run, folder: Path, project: Path) -> None:
    script = folder / "script.json"
    rules = json.loads(script.read_text("utf-8"))
    bad = next(rule for rule in rules if rule["model"] == "wrong")["reply"]
    rules = [{**rule, "reply": bad} if rule["model"] == "other" else rule for rule in rules]
    script.write_text(json.dumps(rules), "utf-8")
    tierwise("run", "document", str(project / "calc.py"), "--range", "2:1-2:1", "--json")
    tierwise("golden", "add", "--to", str(folder / "mine"), "--fate", "kept", "--json")
    case = case_in(folder / "mine")
    assert bad in case.wrong
    assert tierwise("golden", "prove", str(folder / "mine"), "--json")[1]["proved"] == 1


def test_secrets_are_out_of_the_answers_too(tierwise: Run, folder: Path, project: Path) -> None:
    (project / "calc.py").write_text(SECRET + CODE, "utf-8")
    script = folder / "script.json"
    rules = json.loads(script.read_text("utf-8"))
    talking = [{**rule, "reply": f"{SECRET}{rule['reply']}"} if rule["model"] == "right" else rule for rule in rules]
    script.write_text(json.dumps(talking), "utf-8")
    tierwise("run", "document", str(project / "calc.py"), "--range", "5:1-5:1", "--tier", "top", "--json")
    tierwise("golden", "add", "--to", str(folder / "mine"), "--fate", "kept", "--json")
    for file in (*(folder / "requests").iterdir(), *(folder / "mine").iterdir()):
        assert KEY not in file.read_text("utf-8")
    assert "TIERWISE_SECRET_" in case_in(folder / "mine").right[0]
