"""Who may name a model that compares instructions, and what is said of one that leads nowhere."""

from pathlib import Path

import pytest

from tierwise.config import load_config


def loaded(tmp_path: Path, text: str, workspace: str = "") -> tuple[str | None, float, list[str]]:
    """Model, threshold and problems of a user's file, with a trusted workspace's beside it."""
    user, root = tmp_path / "config.toml", tmp_path / "project"
    root.mkdir()
    user.write_text(text, "utf-8")
    if workspace:
        (root / ".tierwise.toml").write_text(workspace, "utf-8")
    found = load_config(user_file=user, workspace_roots=(root,), trusted=True, env={})
    options = found.config.cache.similarity
    return options.model, options.threshold, [problem.words for problem in found.problems]


@pytest.mark.parametrize("model", ["bundled/e5-small", "ollama/nomic-embed-text"])
def test_a_model_is_named_in_one_line(tmp_path: Path, model: str) -> None:
    text = f'[cache]\nsimilarity = {{ model = "{model}", threshold = 0.95 }}\n'
    assert loaded(tmp_path, text) == (model, 0.95, [])


def test_off_unless_named(tmp_path: Path) -> None:
    assert loaded(tmp_path, "") == (None, 0.9, [])


def test_a_backend_nobody_configured_is_said(tmp_path: Path) -> None:
    model, _, problems = loaded(tmp_path, '[cache.similarity]\nmodel = "olama/words"\n')
    assert model is None
    assert any("'olama', which is not configured" in words and "ollama" in words for words in problems)


@pytest.mark.parametrize("threshold", ["1.5", "-0.1", '"high"', "nan"])
def test_a_threshold_that_is_none_is_left_out(tmp_path: Path, threshold: str) -> None:
    _, found, problems = loaded(tmp_path, f"[cache.similarity]\nthreshold = {threshold}\n")
    assert found == 0.9
    assert len(problems) == 1


def test_a_workspace_may_not_name_one(tmp_path: Path) -> None:
    model, _, problems = loaded(tmp_path, "", '[cache.similarity]\nmodel = "ollama/words"\n')
    assert model is None
    assert problems


def test_while_a_protection_is_broken_only_this_machine_compares(tmp_path: Path) -> None:
    broken = '[privacy]\nlocal_only = 7\n[cache.similarity]\nmodel = "openai/text-embedding-3-small"\n'
    assert loaded(tmp_path, broken)[0] is None
    (tmp_path / "again").mkdir()
    assert (
        loaded(tmp_path / "again", broken.replace("openai/text-embedding-3-small", "bundled/e5-small"))[0] is not None
    )
