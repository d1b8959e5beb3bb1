"""What a model is shown beside its target, where that comes from, and what it makes of the route."""

import subprocess
from pathlib import Path
from typing import Any

import pytest

from dispatch.project import Project
from tierwise.actions import Diagnostic
from tierwise.actions.base import Related
from tierwise.context.ignore import is_ignored
from tierwise.context.imports import imports_of
from tierwise.context.tokens import FAMILIES, family_of, n_pieces, tokens_at_most, tokens_usually
from tierwise.dispatch import Refusal, Task
from tierwise.dispatch.hiding import ignored
from tierwise.dispatch.prepare import prepare
from tierwise.dispatch.prepared import Prepared
from tierwise.dispatch.previewing import Preview, preview
from tierwise.dispatch.prompt import build_prompt
from tierwise.dispatch.request import prompt_parts
from tierwise.edits import ReplyFormat
from tierwise.text import Span

INNER = "LIMIT = 3\n\n\ndef inner(value: int, *, limit: int = LIMIT) -> int:\n    return min(value, limit)\n"
OUTER = "from pkg.inner import inner\n\n\ndef outer(value):\n    return inner(value) + 1\n"
TESTS = (
    "from pkg.outer import outer\n\n\ndef test_outer():\n    assert outer(1) == 2\n\n\ndef test_else():\n    assert 1\n"
)


def prepared_in(project: Project, action: str, path: str = "pkg/outer.py", **more: Any) -> Prepared | Refusal:
    """The action on the last function of a file."""
    snapshot = project.read(project.work / path)
    assert snapshot is not None
    at = snapshot.text.rindex("def ")
    found = project.runtime.action(action)
    assert found is not None
    task = Task(action_id=action, snapshot=snapshot, selection=Span(at, at), instruction="better", **more)
    return prepare(found, task, project, project.runtime.is_never_sent)


def shown(prepared: Prepared | Refusal, form: ReplyFormat = ReplyFormat.SPAN) -> str:
    """The last message of the prompt."""
    assert isinstance(prepared, Prepared), prepared
    return build_prompt(prompt_parts(prepared, form, ()))[-1].content


@pytest.fixture
def project(tmp_path: Path) -> Project:
    """A package with two modules, tests, and rules."""
    made = Project(tmp_path)
    for name, text in {
        "pkg/__init__.py": "",
        "pkg/inner.py": INNER,
        "pkg/outer.py": OUTER,
        "tests/test_outer.py": TESTS,
        "AGENTS.md": "# Rules\n\nUse British spelling in docstrings.\n",
    }.items():
        made.write(name, text)
    return made


def test_signatures_from_other_files_are_shown_and_counted_as_seen(project: Project) -> None:
    prepared = prepared_in(project, "add_type_hints")
    text = shown(prepared)
    assert "def inner(value: int, *, limit: int = LIMIT) -> int" in text
    assert "return min" not in text
    assert isinstance(prepared, Prepared)
    assert "pkg/inner.py" in prepared.seen
    assert "British" not in text, "there is nothing to choose for type hints"


def test_rules_come_first_since_they_stay_the_same(project: Project) -> None:
    prepared = prepared_in(project, "document")
    message = shown(prepared)
    assert message.startswith("The project's own rules")
    last = build_prompt(prompt_parts(prepared, ReplyFormat.SPAN, ()))[-1]  # type: ignore[arg-type]
    assert "British" in last.content[: last.n_stable]
    assert "def outer" not in last.content[: last.n_stable]
    project.is_trusted = False
    assert "British" not in shown(prepared_in(project, "document"))


def test_long_rules_are_cut_at_a_line(project: Project) -> None:
    project.write("AGENTS.md", "".join(f"Rule {n}: keep it short.\n" for n in range(2000)))
    text = shown(prepared_in(project, "document"))
    assert "Rule 100:" in text
    assert "Rule 500:" not in text


def test_tests_of_the_target_are_shown_for_what_must_keep_them(project: Project) -> None:
    text = shown(prepared_in(project, "refactor"))
    assert "assert outer(1) == 2" in text
    assert "test_else" not in text
    assert "assert outer" not in shown(prepared_in(project, "document"))


def test_a_report_brings_the_places_it_points_to(project: Project) -> None:
    uri = (project.work / "pkg/inner.py").as_uri()
    span = Span(OUTER.index("inner(value)"), OUTER.index("inner(value)") + 5)
    related = (Related(message="`inner` is declared here", line=4, uri=uri),)
    diagnostic = Diagnostic(span=span, message="too many arguments", code="E1", source="types", related=related)
    prepared = prepared_in(project, "fix_diagnostic", diagnostics=(diagnostic,))
    text = shown(prepared)
    assert "too many arguments (types), on line" in text
    assert "`inner` is declared here" in text
    assert "around line 4" in text
    assert isinstance(prepared, Prepared)
    assert "pkg/inner.py" in prepared.seen


@pytest.mark.parametrize(("pattern", "action"), [("pkg/inner.py", "add_type_hints"), ("tests/", "refactor")])
async def test_one_local_only_file_keeps_the_whole_prompt_here(pattern: str, action: str, tmp_path: Path) -> None:
    made = Project(tmp_path, settings={"privacy": {"local_only": [pattern]}})
    for name, text in {"pkg/inner.py": INNER, "pkg/outer.py": OUTER, "tests/test_outer.py": TESTS}.items():
        made.write(name, text)
    prepared = prepared_in(made, action)
    assert isinstance(prepared, Prepared)
    found = await preview(made.runtime, prepared.task, made)
    assert isinstance(found, Preview)
    assert made.runtime.is_local_only(prepared.seen)
    assert all(one.is_on_this_machine for one in found.outbound)
    await made.close()


@pytest.mark.parametrize("name", [".aiignore", ".cursorignore"])
def test_what_assistants_are_to_ignore_is_not_shown(project: Project, name: str) -> None:
    project.write(name, "inner.py\n")
    assert "def inner" not in shown(prepared_in(project, "add_type_hints"))
    refused = prepared_in(project, "document", "pkg/inner.py")
    assert isinstance(refused, Refusal)
    assert refused.code == "never-sent"


def test_what_git_ignores_is_no_context_but_may_be_worked_on(project: Project) -> None:
    project.write("pkg/.gitignore", "inner.py\n")
    assert "def inner" not in shown(prepared_in(project, "add_type_hints"))
    assert isinstance(prepared_in(project, "document", "pkg/inner.py"), Prepared)


def test_git_is_asked_where_it_is_trusted(project: Project) -> None:
    subprocess.run(["git", "init", "-q", str(project.work)], check=True)
    (project.work / ".git" / "info").mkdir(exist_ok=True)
    (project.work / ".git" / "info" / "exclude").write_text("inner.py\n", "utf-8")
    assert ignored(project.work, ["pkg/inner.py", "pkg/outer.py"], is_trusted=True) == {"pkg/inner.py"}
    assert ignored(project.work, ["pkg/inner.py"], is_trusted=False) == frozenset()


@pytest.mark.parametrize(
    ("files", "path", "is_out"),
    [
        ({".": ("*.log",)}, "a/b.log", True),
        ({".": ("*.log",), "a": ("!b.log",)}, "a/b.log", False),
        ({".": ("a/",), "a": ("!b.log",)}, "a/b.log", True),
        ({"a": ("/b",)}, "a/b", True),
        ({"a": ("/b",)}, "c/b", False),
        ({"a/b": ("*",)}, "a/b/c/d", True),
        ({}, "x", False),
    ],
)
def test_nested_files_of_patterns(files: dict[str, tuple[str, ...]], path: str, is_out: bool) -> None:
    assert is_ignored(path, lambda folder: files.get(str(folder), ())) is is_out


@pytest.mark.parametrize(
    ("code", "path", "language", "first", "names"),
    [
        ("from a.b import c, d as e", "x.py", "python", "a/b.py", {"c", "d"}),
        ("from .b import c", "p/x.py", "python", "p/b.py", {"c"}),
        ("from ..b import (\n    c,\n    d,\n)", "p/q/x.py", "python", "p/b.py", {"c", "d"}),
        ("from . import c", "p/x.py", "python", "p.py", {"c"}),
        ("import { a, b as c } from './d'", "src/x.ts", "typescript", "src/d", {"a", "b"}),
        ("const { a } = require('../d.js')", "src/x.js", "javascript", "d.js", {"a"}),
        ("import x from 'react'", "src/x.ts", "typescript", None, set()),
    ],
)
def test_where_imports_lead(code: str, path: str, language: str, first: str | None, names: set[str]) -> None:
    found = imports_of(code + "\n", path, language)
    assert [one.paths[0] for one in found] == ([] if first is None else [first])
    assert [one.names for one in found] == ([] if first is None else [names])


@pytest.mark.parametrize("model", ["claude-opus-5-5", "gpt-5.2", "qwen2.5-coder:7b", "deepseek-v3", "glm-5.1"])
def test_counts_grow_with_the_text_and_stay_apart(model: str) -> None:
    for text in (INNER, TESTS, "1234567890 " * 50, "日本語のコメント" * 40, "Привет мир " * 50):
        assert 0 < tokens_usually(text, model) <= tokens_at_most(text, model)
        assert tokens_at_most(text, model) <= len(text.encode())
        assert tokens_at_most(text + text, model) == pytest.approx(2 * tokens_at_most(text, model), rel=0.02)
    assert n_pieces("") == 0
    assert all(family_of(name) is family for family in FAMILIES for name in family.names)
