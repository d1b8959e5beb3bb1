"""Trust is for one folder, and for one content of its settings file."""

import stat
from pathlib import Path

import pytest

from tierwise.config import ConfigInputs, TrustStore
from tierwise.config.files import WORKSPACE_FILE
from tierwise.config.trust import workspace_digest


@pytest.fixture
def store(tmp_path: Path) -> TrustStore:
    return TrustStore(tmp_path / "state" / "trusted.json")


@pytest.fixture
def root(tmp_path: Path) -> Path:
    root = tmp_path / "project"
    root.mkdir()
    return root


def test_nothing_is_trusted_at_first(store: TrustStore, root: Path) -> None:
    assert not store.is_trusted(root, None)
    assert not store.untrust(root)


def test_trust_and_take_it_back(store: TrustStore, root: Path) -> None:
    store.trust(root)
    assert store.is_trusted(root, None)
    assert not store.is_trusted(root.parent, None)
    assert not store.is_trusted(root / "inner", None)
    assert store.untrust(root)
    assert not store.is_trusted(root, None)


def test_the_settings_file_is_trusted_with_its_content(store: TrustStore, root: Path) -> None:
    file = root / WORKSPACE_FILE
    file.write_text("limits.max_attempts = 1")
    agreed = workspace_digest(root)
    store.trust(root)
    assert store.is_trusted(root, agreed)
    file.write_text("limits.max_attempts = 2")
    assert not store.is_trusted(root, workspace_digest(root))
    assert store.is_trusted(root, None)
    store.trust(root, agreed)
    assert not store.is_trusted(root, workspace_digest(root))


def test_a_file_that_appears_after_trust_is_not_trusted(store: TrustStore, root: Path) -> None:
    store.trust(root)
    (root / WORKSPACE_FILE).write_text("")
    assert not store.is_trusted(root, workspace_digest(root))


def test_a_link_to_a_trusted_folder_is_that_folder_and_no_other(store: TrustStore, root: Path) -> None:
    store.trust(root)
    link = root.parent / "link"
    link.symlink_to(root)
    assert store.is_trusted(link, None)
    link.unlink()
    (root.parent / "other").mkdir()
    link.symlink_to(root.parent / "other")
    assert not store.is_trusted(link, None)


@pytest.mark.parametrize("content", ["", "{", "[]", '{"version": 2, "roots": {}}', '{"version": 1}', "[" * 10_000])
def test_a_damaged_list_trusts_nothing(store: TrustStore, root: Path, content: str) -> None:
    store.trust(root)
    store.path.write_text(content)
    assert not store.is_trusted(root, None)
    store.trust(root)
    assert store.is_trusted(root, None)


def test_the_list_is_the_owners_alone(store: TrustStore, root: Path) -> None:
    store.trust(root)
    assert stat.S_IMODE(store.path.stat().st_mode) == 0o600
    assert [entry.name for entry in store.path.parent.iterdir()] == [store.path.name]


def test_a_settings_file_nobody_can_read_cannot_be_trusted(store: TrustStore, root: Path) -> None:
    (root / WORKSPACE_FILE).symlink_to("/etc/hostname")
    with pytest.raises(ValueError, match="symbolic link"):
        store.trust(root)


def test_the_loader_asks_the_store(store: TrustStore, root: Path) -> None:
    (root / WORKSPACE_FILE).write_text("limits.max_attempts = 1")
    inputs = ConfigInputs(workspace_roots=(root,), trusted=store.is_trusted, env={})
    assert inputs.load().config.limits.max_attempts == 4
    store.trust(root)
    loaded = inputs.load()
    assert (loaded.config.limits.max_attempts, loaded.is_trusted) == (1, True)


def test_a_folder_whose_settings_changed_since_says_so(store: TrustStore, root: Path) -> None:
    file = root / WORKSPACE_FILE
    file.write_text("[tiers.top]\nenabled = false\n")
    assert store.standing(root) == "untrusted"
    store.trust(root)
    assert store.standing(root) == "trusted"
    file.write_text("")
    assert store.standing(root) == "changed"
    store.trust(root)
    file.unlink()
    assert store.standing(root) == "trusted"
    file.symlink_to(root)
    assert store.standing(root) == "changed"
