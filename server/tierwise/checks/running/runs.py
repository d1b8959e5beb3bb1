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
    """What each process may write to, and its address space too where `is_address_space_bounded`."""
    is_address_space_bounded: bool = True
    """False for programs that reserve far more than they use, such as Node."""
    total_memory_bytes: int = 2**31
    """Memory of all processes together, files that live in memory left out; looked at a few times a second."""
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
    mounted: Mapping[str, Path] = field(default_factory=dict)
    """Folders of this machine that the command reads at other places; absolute places in the sandbox to folders."""
    links: Mapping[str, str] = field(default_factory=dict)
    """Symbolic links to make, from paths relative to `root` to what they say."""
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
    is_memory_spent: bool = False
    """Whether it was ended because all its processes together took too much memory."""
    duration_s: float
