"""A filter that takes system calls from the sandbox which no test needs and which reach beyond namespaces.

Keyrings are the case in point: a session's keys are inherited by every process, whatever its namespace. Memory that
belongs to no process (System V segments, `memfd_create`) is refused because nothing would count it.
"""

import platform
import struct
from collections.abc import Sequence

# The numbers are those of the kernel's tables, arch/x86/entry/syscalls/syscall_64.tbl and include/uapi/asm-generic/
# unistd.h: name: (x86_64, aarch64).
_REFUSED = {
    "ptrace": (101, 117),
    "process_vm_readv": (310, 270),
    "process_vm_writev": (311, 271),
    "kcmp": (312, 272),
    "pidfd_getfd": (438, 438),
    "add_key": (248, 217),
    "request_key": (249, 218),
    "keyctl": (250, 219),
    "memfd_create": (319, 279),
    "memfd_secret": (447, 447),
    "shmget": (29, 194),
    "shmat": (30, 196),
    "semget": (64, 190),
    "msgget": (68, 186),
    "mq_open": (240, 180),
    "bpf": (321, 280),
    "perf_event_open": (298, 241),
    "userfaultfd": (323, 282),
    "io_uring_setup": (425, 425),
    "mount": (165, 40),
    "umount2": (166, 39),
    "pivot_root": (155, 41),
    "chroot": (161, 51),
    "open_tree": (428, 428),
    "move_mount": (429, 429),
    "fsopen": (430, 430),
    "fsmount": (432, 432),
    "mount_setattr": (442, 442),
    "setns": (308, 268),
    "unshare": (272, 97),
    "open_by_handle_at": (304, 265),
    "init_module": (175, 105),
    "finit_module": (313, 273),
    "kexec_load": (246, 104),
    "swapon": (167, 224),
    "acct": (163, 89),
    "syslog": (103, 116),
    "quotactl": (179, 60),
    "reboot": (169, 142),
}
_SOCKET, _IOCTL = (41, 198), (16, 29)
_FAMILIES = (1, 2, 10, 16)
"""Unix, IPv4, IPv6 and netlink sockets; others, such as those to the host of a virtual machine, know no namespaces."""
_PUSHING_INPUT = (0x5412, 0x541C)
"""TIOCSTI and TIOCLINUX, which type into a terminal."""

_MACHINES = {"x86_64": (0, 0xC000003E), "aarch64": (1, 0xC00000B7)}
"""Column of the tables and the kernel's own name of the architecture (AUDIT_ARCH_...)."""
_LOAD, _JUMP_EQUAL, _JUMP_AT_LEAST, _RETURN = 0x20, 0x15, 0x35, 0x06
_NUMBER, _ARCHITECTURE, _FIRST_ARGUMENT, _SECOND_ARGUMENT = 0, 4, 16, 24
"""Where they stand in `struct seccomp_data`; of the arguments the lower half."""
_ALLOW, _REFUSE, _KILL = 0x7FFF0000, 0x00050001, 0x80000000
"""Go on; fail with EPERM; end the process."""
_FIRST_X32 = 0x40000000

_Line = tuple[int, str, str, int]
"""Operation, labels to jump to when it holds and when not (empty: the next line), operand."""


def filter_program(machine: str | None = None) -> bytes | None:
    """The filter as the kernel reads it (an array of `struct sock_filter`); None for machines that are not known.

    Calls by another architecture's entry end the process, since their numbers mean other calls.
    """
    known = _MACHINES.get(machine or platform.machine())
    if known is None:
        return None
    column, architecture = known
    program: list[_Line | str] = [
        *((_LOAD, "", "", _ARCHITECTURE), (_JUMP_EQUAL, "known", "", architecture), (_RETURN, "", "", _KILL)),
        *("known", (_LOAD, "", "", _NUMBER), (_JUMP_AT_LEAST, "refuse", "", _FIRST_X32)),
        (_JUMP_EQUAL, "socket", "", _SOCKET[column]),
        (_JUMP_EQUAL, "ioctl", "", _IOCTL[column]),
        *((_JUMP_EQUAL, "refuse", "", number) for number in sorted({pair[column] for pair in _REFUSED.values()})),
        *("allow", (_RETURN, "", "", _ALLOW), "refuse", (_RETURN, "", "", _REFUSE)),
        *("socket", (_LOAD, "", "", _FIRST_ARGUMENT)),
        *((_JUMP_EQUAL, "fine", "", family) for family in _FAMILIES),
        *((_RETURN, "", "", _REFUSE), "ioctl", (_LOAD, "", "", _SECOND_ARGUMENT)),
        *((_JUMP_EQUAL, "wrong", "", request) for request in _PUSHING_INPUT),
        *("fine", (_RETURN, "", "", _ALLOW), "wrong", (_RETURN, "", "", _REFUSE)),
    ]
    return _assembled(program)


def _assembled(program: Sequence[_Line | str]) -> bytes:
    """Lines with their jumps counted from the line after; labels stand alone in front of what they name."""
    labels: dict[str, int] = {}
    lines: list[_Line] = []
    for line in program:
        if isinstance(line, str):
            labels[line] = len(lines)
        else:
            lines.append(line)
    packed = []
    for at, (operation, if_so, if_not, operand) in enumerate(lines):
        jumps = [labels[label] - at - 1 if label else 0 for label in (if_so, if_not)]
        packed.append(struct.pack("=HBBI", operation, *jumps, operand))
    return b"".join(packed)
