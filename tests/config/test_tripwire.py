"""Where the tripwire's webhook and judge may come from."""

from pathlib import Path
from typing import Any

import pytest

from tierwise.config import load_config

URL = "http://127.0.0.1:9/hook"


def test_the_users_own_file_may_name_a_webhook(tmp_path: Path) -> None:
    user = tmp_path / "config.toml"
    user.write_text(f'[tripwire]\nwebhook = "{URL}"\njudge = "anthropic/claude-opus-5-5"\n')
    loaded = load_config(user_file=user, env={})
    assert loaded.is_good
    assert loaded.config.tripwire.webhook == URL


@pytest.mark.parametrize(
    "inputs",
    [
        {"editor_settings": {"tripwire": {"webhook": URL, "day_usd": 1}}, "env": {}},
        {"editor_settings": {"tripwire": {"webhook": URL, "day_usd": 1}}, "env": {}, "trusted": True},
    ],
    ids=["untrusted", "trusted"],
)
def test_nobody_else_may(inputs: dict[str, Any]) -> None:
    loaded = load_config(**inputs)
    assert loaded.config.tripwire.webhook is None
    assert "own-file-only" in [problem.code for problem in loaded.problems]


def test_a_webhook_that_is_no_address_does_not_apply(tmp_path: Path) -> None:
    user = tmp_path / "config.toml"
    user.write_text('[tripwire]\nwebhook = "file:///etc/passwd"\n')
    loaded = load_config(user_file=user, env={})
    assert loaded.config.tripwire.webhook is None
    assert not loaded.is_good


def test_a_judge_without_a_backend_does_not_apply(tmp_path: Path) -> None:
    user = tmp_path / "config.toml"
    user.write_text('[tripwire]\njudge = "nowhere/large"\n')
    loaded = load_config(user_file=user, env={})
    assert loaded.config.tripwire.judge is None
    assert [problem.code for problem in loaded.problems] == ["unknown-backend"]


def test_while_a_protection_may_be_lost_no_judge_elsewhere_is_asked(tmp_path: Path) -> None:
    user = tmp_path / "config.toml"
    user.write_text(
        f'[tripwire]\nwebhook = "{URL}"\njudge = "anthropic/claude-opus-5-5"\n[privacy]\nlocal_onyl = ["*"]\n'
    )
    loaded = load_config(user_file=user, env={})
    assert loaded.is_guarded
    assert (loaded.config.tripwire.judge, loaded.config.tripwire.webhook) == (None, None)
