"""Real commits over several files, planned from outlines and carried out by workers who return the real texts."""

import gzip
import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from dispatch.project import Project
from tierwise.dispatch import Proposal, Refusal
from tierwise.routing.tiers import Tier

CASES = Path(os.environ.get("TIERWISE_CASES", Path(__file__).parents[4] / "shared" / "data"))
COMMITS = CASES / "commit_cases.jsonl.gz"
N_COMMITS = 30
TOP_SHARE = 0.10
"""The part of all tokens the top tier may see."""


def deep_commits() -> Iterator[dict[str, Any]]:
    """Commits that the rule calls deep and that change files which were there before, at least two files in all."""
    if not COMMITS.exists():
        return
    with gzip.open(COMMITS, "rt", encoding="utf-8") as lines:
        for line in lines:
            commit = json.loads(line)
            files = [f for f in commit["files"] if f["before"] != f["after"]]
            is_rewriting = any(f["before"] and f["after"] for f in files)
            is_built = any(f["path"].startswith("dist/") for f in files)
            if commit["tier_rule"] == "deep" and 1 < len(files) and is_rewriting and not is_built:
                yield commit | {"files": files}


def plan_of(files: list[dict[str, Any]]) -> str:
    """A plan with a subtask for each file."""
    subtasks = []
    for number, file in enumerate(files):
        place = "creates" if file["before"] is None else "deletes" if file["after"] is None else "files"
        subtasks.append(
            {
                "id": str(number),
                "title": f"part {number}",
                place: [file["path"]],
                "instruction": "Carry out the change.",
            }
        )
    return json.dumps({"subtasks": subtasks})


def rules_of(files: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The planner's plan, and from each worker the real text of its file."""
    rules: list[dict[str, Any]] = [{"when": "The project:", "model": "top-model", "reply": plan_of(files)}]
    for number, file in enumerate(files):
        if file["after"] is not None:
            fence = "`" * 8
            end = "" if file["after"].endswith("\n") else "\n"
            reply = f"{file['path']}\n{fence}\n{file['after']}{end}{fence}\n"
            rules.append({"when": rf"Target: 'part {number}'", "reply": reply})
    return rules


def project_of(commit: dict[str, Any], folder: Path) -> Project:
    """The commit's files as they were, in a folder of their own."""
    files = commit["files"]
    folder.mkdir()
    settings = {"planner": {"single_call_tokens": 0}, "checks": {"allow_running_tests": "never"}}
    project = Project(folder, rules=rules_of(files), settings=settings, is_trusted=False)
    for file in files:
        if file["before"] is not None:
            project.write(file["path"], file["before"])
    return project


async def carried_out(commit: dict[str, Any], project: Project) -> Proposal | Refusal:
    """The commit as a planned change."""
    first = next(f for f in commit["files"] if f["before"] and f["after"])
    snapshot = project.read(project.work / first["path"])
    assert snapshot is not None
    return await project.act("refactor_across_files", snapshot, instruction=commit["subject"])


@pytest.mark.slow
@pytest.mark.skipif(
    not COMMITS.is_file(), reason=f"there are no cases at {COMMITS}; set TIERWISE_CASES to their folder"
)
async def test_planned_commits(tmp_path: Path) -> None:
    n_done = n_tokens = n_top = 0
    for number, commit in enumerate(deep_commits()):
        project = project_of(commit, tmp_path / str(number))
        outcome = await carried_out(commit, project)
        await project.close()
        if isinstance(outcome, Refusal):
            # A few real commits break a rule of ours, such as a name nothing defines; they are refused, not bent.
            continue
        changed = {c.path.relative_to(project.work).as_posix(): c.after for c in outcome.changes}
        assert changed == {f["path"]: f["after"] for f in commit["files"]}
        assert outcome.audit is not None
        assert outcome.audit.files_of(Tier.TOP) == frozenset()
        n_done += 1
        n_top += outcome.audit.tokens_of(Tier.TOP)
        n_tokens += outcome.audit.tokens
    assert N_COMMITS <= n_done
    assert n_top < TOP_SHARE * n_tokens
