"""How much memory a process and all its descendants take."""

from pathlib import Path

_PROC = Path("/proc")


def memory_of(pid: int, at_most: int) -> int:
    """Bytes that a process and its descendants hold, looked at more closely only when they may exceed `at_most`.

    Pages that processes share after a fork are counted once in the closer look. Processes that end meanwhile count
    nothing.
    """
    pids = _family(pid)
    quick = sum(_from_file(one, "status", ("RssAnon:", "RssShmem:")) for one in pids)
    if quick <= at_most:
        return quick
    return sum(_from_file(one, "smaps_rollup", ("Pss_Anon:", "Pss_Shmem:")) for one in pids)


def _family(pid: int) -> list[int]:
    found = [pid]
    for one in found:
        found += _children(one)
    return found


def _children(pid: int) -> list[int]:
    found: list[int] = []
    try:
        for thread in (_PROC / str(pid) / "task").iterdir():
            found += map(int, (thread / "children").read_text("ascii").split())
    except OSError:
        return found
    return found


def _from_file(pid: int, name: str, labels: tuple[str, ...]) -> int:
    try:
        lines = (_PROC / str(pid) / name).read_text("ascii", errors="replace").splitlines()
    except OSError:
        return 0
    return sum(1024 * int(line.split()[1]) for line in lines if line.startswith(labels))
