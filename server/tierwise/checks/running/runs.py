"""What a run in the sandbox is given and what comes back."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What a run may use."""

    timeout_s: float = 30.0
    """Seconds on the wall clock, after which everything is killed."""
    cpu_s: int = 60
    """Seconds of processor time for each process."""
    memory_bytes: int = 2**30
    """Address space of each process."""
    disk_bytes: int = 2**26
    """All files together; they live in memory."""
    file_bytes: int = 2**25
    """One file."""
    n_processes: int = 64
    n_open_files: int = 256
    output_bytes: int = 2**16
    """Output that is kept; the run is ended when it says a hundred times as much."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RunRequest:
    """The circumstances of one run."""

    root: Path
    """The folder the files are put under; it looks to the command as if it were there."""
    cwd: str = "."
    """Where the command starts, relative to `root`."""
    readable: tuple[Path, ...] = ()
    """Folders of this machine that the command may read, such as an interpreter's; all others are not there."""
    environment: Mapping[str, str] = field(default_factory=dict)
    """All of the environment but PATH, HOME and the number of the report's file descriptor."""
    stdin: bytes = b""
    limits: Limits = Limits()


@dataclass(frozen=True, slots=True, kw_only=True)
class RunResult:
    """What a run left behind."""

    exit_code: int | None
    """None when it had to be killed."""
    output: bytes
    """The end of standard output and standard error, as they came."""
    report: bytes
    """What was written to the file descriptor named by the environment variable REPORT_FD."""
    is_timed_out: bool
    is_output_cut: bool
    duration_s: float
