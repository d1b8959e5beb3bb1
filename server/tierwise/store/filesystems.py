"""Which file system a path lies on, because SQLite's write-ahead log loses rows on those shared over a network."""

import re
import sys
from pathlib import Path

# fmt: off
_NETWORK = frozenset((
    "9p", "afs", "afpfs", "beegfs", "ceph", "cifs", "coda", "davfs", "drvfs", "fuse.cephfs", "fuse.davfs2",
    "fuse.gcsfuse", "fuse.glusterfs", "fuse.juicefs", "fuse.rclone", "fuse.s3fs", "fuse.sshfs", "fuse.smbnetfs",
    "gfs2", "gpfs", "lustre", "ncpfs", "nfs", "nfs4", "ocfs2", "orangefs", "pvfs2", "smb2", "smb3", "smbfs", "vboxsf",
    "vmhgfs", "fuse.vmhgfs-fuse",
))
# fmt: on
_OCTAL = re.compile(r"\\([0-7]{3})")


def network_file_system(path: Path) -> str | None:
    """The kind of network file system `path` lies on, e.g. `nfs4`; None: a local one, or it cannot be told."""
    resolved = path.resolve()
    if str(resolved).startswith("\\\\"):
        return "network share"
    if sys.platform != "linux":
        return None
    try:
        table = Path("/proc/self/mountinfo").read_text(encoding="utf-8", errors="surrogateescape")
    except OSError:
        return None
    kind = file_system_of(resolved, table)
    return kind if kind in _NETWORK else None


def file_system_of(path: Path, mountinfo: str) -> str | None:
    """The type of the innermost mount that holds an absolute path, from the text of `/proc/self/mountinfo`."""
    found: tuple[int, str] | None = None
    for line in mountinfo.splitlines():
        before, separator, after = line.partition(" - ")
        fields = before.split(" ")
        if not separator or len(fields) < 5:
            continue
        mount_point = Path(_OCTAL.sub(lambda match: chr(int(match[1], 8)), fields[4]))
        depth = len(mount_point.parts)
        # Of two mounts on one point the later line hides the earlier one.
        if path.is_relative_to(mount_point) and (found is None or found[0] <= depth):
            found = (depth, after.split(" ")[0])
    return found[1] if found else None
