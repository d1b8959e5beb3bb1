"""What a model must not see, and files nobody may touch, on the road of one action."""

import pytest

from dispatch.project import CODE, DOCUMENTED, Make, fenced
from tierwise.dispatch import Refusal
from tierwise.text import Snapshot


async def test_a_file_that_was_not_shown_is_not_touched(make: Make) -> None:
    reply = "/etc/x.py\n```\n<<<<<<< SEARCH\n=======\nx = 1\n>>>>>>> REPLACE\n```\n"
    project = make({"when": ".", "reply": reply})
    outcome = await project.act(
        "refactor_across_files", project.write("calc.py", CODE), "a + b", instruction="rename add to plus"
    )
    assert isinstance(outcome, Refusal), outcome


async def test_private_files(make: Make) -> None:
    never = make({"when": ".", "reply": fenced(DOCUMENTED)}, privacy={"never_send": ["secret*"]})
    outcome = await never.act("document", never.write("secret_calc.py", CODE), "a + b")
    assert isinstance(outcome, Refusal)
    assert outcome.code == "never-sent"
    assert never.ledger.stats().total.n_calls == 0


async def test_local_only_files_go_to_models_on_this_machine_alone(make: Make) -> None:
    remote = {"type": "openai", "base_url": "https://llm.invalid/v1"}
    project = make(
        {"when": "document", "reply": fenced(DOCUMENTED)},
        privacy={"local_only": ["billing/"]},
        backends={"demo": {"type": "scripted", "script": "unused"}, "far": remote},
        tiers={"local": {"models": []}, "bulk": {"models": ["far/bulk"]}, "top": {"models": ["far/top"]}},
    )
    outcome = await project.act("document", project.write("billing/calc.py", CODE), "a + b")
    assert isinstance(outcome, Refusal)
    assert outcome.code == "no-model"
    assert {r.code for r in outcome.reasons} >= {"skipped-local-only"}
    menu = project.runtime.menu((project.work / "billing" / "calc.py").as_uri(), "python", project.roots)
    assert menu.is_local_only


@pytest.mark.parametrize("name", ["billing/../billing/calc.py", "../work/billing/calc.py", "linked/calc.py"])
async def test_no_way_of_writing_a_path_gets_a_file_out(make: Make, name: str) -> None:
    remote = {"type": "openai", "base_url": "https://llm.invalid/v1"}
    project = make(
        privacy={"local_only": ["billing/"]},
        backends={"far": remote},
        tiers={"local": {"models": []}, "bulk": {"models": ["far/bulk"]}, "top": {"models": []}},
    )
    snapshot = project.write("billing/calc.py", CODE)
    (project.work / "linked").symlink_to(project.work / "billing")
    uri = "file://" + str(project.work) + "/" + name
    outcome = await project.act("document", Snapshot(uri=uri, text=snapshot.text, language="python"), "a + b")
    assert isinstance(outcome, Refusal)
    assert outcome.code == "no-model"


async def test_a_link_does_not_show_what_must_never_be_seen(make: Make) -> None:
    project = make({"when": ".", "reply": fenced(DOCUMENTED)}, privacy={"never_send": ["secrets.py"]})
    snapshot = project.write("secrets.py", CODE)
    (project.work / "conf.py").symlink_to(project.work / "secrets.py")
    uri = (project.work / "conf.py").as_uri()
    outcome = await project.act("document", Snapshot(uri=uri, text=snapshot.text, language="python"), "a + b")
    assert isinstance(outcome, Refusal)
    assert outcome.code == "never-sent"


@pytest.mark.parametrize(
    ("content", "code"), [(b"# \xe9\nx = 1\n", "unreadable"), (b"x = 1\n" * 9000, "too-large")], ids=["latin-1", "long"]
)
async def test_a_test_file_nobody_can_show_is_left_alone(make: Make, content: bytes, code: str) -> None:
    project = make({"when": ".", "reply": fenced("def test_x():\n    pass\n")})
    snapshot = project.write("calc.py", CODE)
    (project.work / "tests").mkdir()
    (project.work / "tests" / "test_calc.py").write_bytes(content)
    outcome = await project.act("write_tests", snapshot, "a + b")
    assert isinstance(outcome, Refusal)
    assert (outcome.code, outcome.attempts) == (code, ())
