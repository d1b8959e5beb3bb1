"""Where the ledger may lie and which SQLite may write it."""

import sys
from pathlib import Path

import apsw
import pytest

from tierwise.store.errors import LedgerError
from tierwise.store.filesystems import file_system_of, network_file_system
from tierwise.store.places import exclusively, has_sound_log

MOUNTS = r"""22 1 254:0 / / rw,relatime shared:1 - ext4 /dev/vda rw
30 22 0:25 / /home rw,relatime shared:2 - nfs4 server:/home rw,vers=4.2
31 30 0:26 / /home/anna/local rw,relatime - xfs /dev/sdb1 rw
32 22 0:27 / /mnt/with\040space rw - cifs //server/share rw
33 22 0:28 / /media rw - ext4 /dev/sdc rw
34 33 0:29 / /media rw - fuse.sshfs host: rw
a broken line
"""


@pytest.mark.parametrize(
    ("version", "is_sound"),
    [
        ("3.40.1", False),
        ("3.44.5", False),
        ("3.44.6", True),
        ("3.45.3", False),
        ("3.50.6", False),
        ("3.50.7", True),
        ("3.51.2", False),
        ("3.51.3", True),
        ("3.52.0", True),
        ("3.54.1", True),
        ("4.0.0", True),
        ("3.51", False),
    ],
)
def test_releases_that_lose_rows_are_refused(version: str, is_sound: bool) -> None:
    assert has_sound_log(version) is is_sound


def test_the_sqlite_we_ship_is_sound() -> None:
    assert has_sound_log(apsw.sqlite_lib_version())


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("/var/lib/ledger.db", "ext4"),
        ("/home/anna/ledger.db", "nfs4"),
        ("/homestead/ledger.db", "ext4"),
        ("/home/anna/local/share/ledger.db", "xfs"),
        ("/mnt/with space/ledger.db", "cifs"),
        ("/media/ledger.db", "fuse.sshfs"),
    ],
)
def test_the_innermost_and_latest_mount_counts(path: str, kind: str) -> None:
    assert file_system_of(Path(path), MOUNTS) == kind


def test_no_mounts_no_kind_and_a_local_folder_is_no_network(tmp_path: Path) -> None:
    assert file_system_of(Path("/x"), "") is None
    assert network_file_system(tmp_path) is None


@pytest.mark.skipif(sys.platform == "win32", reason="nobody waits there for the others")
def test_who_waits_for_another_that_brings_the_file_up_to_date_is_told_so(tmp_path: Path) -> None:
    path = tmp_path / "ledger.db"
    with (
        exclusively(path),
        pytest.raises(LedgerError, match="try again once it has brought it up to date") as refused,
        exclusively(path, timeout_s=0.05),
    ):
        pytest.fail("two were let in")
    assert (refused.value.code, str(path) in refused.value.words) == ("locked", True)
    with exclusively(path, timeout_s=0.05):
        assert path.with_name("ledger.db.lock").exists()
