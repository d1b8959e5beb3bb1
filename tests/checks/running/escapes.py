"""Programs that try to get out of the sandbox. Each says ESCAPED when it got what it wanted, and ends either way.

Names they are given: SECRET (a file of this machine's user), ROOT (the project's folder), PID (the server), PORT and
ABSTRACT (a listener on this machine's loopback and one in its abstract namespace), SOCKET (one in a folder), ALLOWED
and KNOWN (folders and environment variables that may be seen).
"""

LIBC = "import ctypes, os; call = lambda n, *a: ctypes.CDLL(None, use_errno=True).syscall(n, *a)\n"
UNIX = "import socket; s = socket.socket(socket.AF_UNIX); s.connect({!r})"

NETWORK = {
    "network": "import socket; socket.create_connection(('198.51.100.1', 80), 2)",
    "network by version 6": "import socket; socket.create_connection(('2001:db8::1', 80), 2)",
    "datagram": "import socket; socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(b'x', ('198.51.100.1', 53))",
    "name lookup": "import socket; socket.getaddrinfo('example.org', 80)",
    "loopback of the machine": "import socket; socket.create_connection(('127.0.0.1', PORT), 2)",
    "abstract socket": "import socket; s = socket.socket(socket.AF_UNIX); s.connect(ABSTRACT)",
    "socket in a folder": "import socket; s = socket.socket(socket.AF_UNIX); s.connect(SOCKET)",
    "raw socket": "import socket; socket.socket(socket.AF_INET, socket.SOCK_RAW, 1)",
    "packet socket": "import socket; socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 3)",
    "host of a virtual machine": "import socket; socket.socket(40, socket.SOCK_STREAM)",
    "kernel crypto socket": "import socket; socket.socket(38, socket.SOCK_SEQPACKET)",
    "docker": UNIX.format("/var/run/docker.sock"),
    "bus of the system": UNIX.format("/run/dbus/system_bus_socket"),
    "bus of the session": "import glob; assert glob.glob('/run/user/*/bus')",
    "screen": "import glob; assert glob.glob('/tmp/.X11-unix/*')",
    "screen by an abstract name": UNIX.format("\0/tmp/.X11-unix/X0"),
    "ssh agent": "import glob; assert os.environ.get('SSH_AUTH_SOCK') or glob.glob('/tmp/ssh-*')",
}
FILES = {
    "home": "assert any(os.listdir(p) for p in ('/root', '/home/user') if os.path.isdir(p) and p not in ALLOWED)",
    "another user's home": "assert [d for d in os.listdir('/home') if d != 'user' and f'/home/{d}' not in ALLOWED]",
    "ssh keys": "open(os.path.expanduser('~/.ssh/id_ed25519'))",
    "dotfiles": "assert [f for f in os.listdir(os.path.expanduser('~')) if f.startswith('.')]",
    "passwords": "open('/etc/passwd').read()",
    "shadow passwords": "open('/etc/shadow').read()",
    "the machine's temporary files": "assert os.path.exists(SECRET)",
    "the project's own folder": "open(os.path.join(ROOT, 'planted.txt'))",
    "link to the outside": "os.symlink(SECRET, 'link'); open('link')",
    "hard link to the outside": "os.link(SECRET, 'link'); open('link')",
    "hard link to the interpreter": "os.link(sys.executable, 'python'); open('python', 'r+b')",
    "up and out": "open('../' * 40 + SECRET.lstrip('/'))",
    "root of the first process": "assert os.path.exists('/proc/1/root' + SECRET)",
    "root of the server": "assert os.path.exists(f'/proc/{PID}/root' + SECRET)",
    "inherited descriptors": (
        "own = {0, 1, 2, int(os.environ['REPORT_FD'])}; found = {int(f) for f in os.listdir('/proc/self/fd')} - own\n"
        "    assert [f for f in found if os.path.exists(f'/proc/self/fd/{f}')]"
    ),
    "write to the system": "open('/usr/escaped', 'w')",
    "write to the interpreter": "open(os.path.join(sys.base_prefix, 'escaped'), 'w')",
    "code that runs at every start": (
        "import site; [open(os.path.join(p, 'escaped.pth'), 'w') for p in site.getsitepackages()]"
    ),
    "compiled code": (
        "import json, glob; d = os.path.dirname(json.__file__) + '/__pycache__'; open(d + '/escaped.pyc', 'wb')"
    ),
    "write into the top folder": "open('/escaped', 'w')",
    "write beside the devices": "open('/dev/escaped', 'w')",
    "device of memory": "open('/dev/mem', 'rb')",
    "device node": "import stat; os.mknod('disk', stat.S_IFBLK | 0o666, os.makedev(252, 0)); open('disk', 'rb')",
    "disk": "import glob; assert glob.glob('/dev/sd*') + glob.glob('/dev/vd*') + glob.glob('/dev/nvme*')",
    "kernel settings": "open('/proc/sys/kernel/core_pattern', 'w').write('|/tmp/x')",
    "kernel keys": "open('/proc/sysrq-trigger', 'w').write('b')",
    "kernel memory": "open('/proc/kcore', 'rb').read(16)",
    "system folder of the kernel": "assert os.listdir('/sys')",
    "environment of the machine": "assert set(os.environ) - KNOWN",
    "environment of other processes": "assert [p for p in os.listdir('/proc') if p.isdigit() and int(p) == PID]",
    "handle of a file": LIBC + "    assert call(304, -100, b'x' * 16, 0) >= 0",
}
RIGHTS = {
    "remount": "import ctypes; assert ctypes.CDLL(None).mount(None, b'/usr', None, 32, None) == 0",
    "mount": "import ctypes; assert ctypes.CDLL(None).mount(b'none', b'/tmp', b'tmpfs', 0, None) == 0",
    "unmount": "import ctypes; assert ctypes.CDLL(None).umount2(b'/usr', 2) == 0",
    "mount by the new calls": LIBC + "    assert call(430, b'tmpfs', 0) >= 0",
    "new user namespace": "import ctypes; assert ctypes.CDLL(None).unshare(0x10000000) == 0",
    "new user namespace by clone": (
        LIBC
        + "    pid = call(56, 0x10000000 | 17, 0, 0, 0, 0)\n    assert pid >= 0\n    os._exit(0) if pid == 0 else 0"
    ),
    "new network namespace": "import ctypes; assert ctypes.CDLL(None).unshare(0x40000000) == 0",
    "namespace of the first process": (LIBC + "    assert call(308, os.open('/proc/1/ns/user', os.O_RDONLY), 0) == 0"),
    "chroot": "os.chroot('/')",
    "become root": "os.setuid(0); assert os.getuid() == 0",
    "program with the owner's rights": (
        "import shutil, subprocess; shutil.copy(sys.executable, 'p'); os.chmod('p', 0o4755)\n"
        "    assert b'Uid:\\t0' in subprocess.run(['./p', '-I', '-c', 'print(open(\"/proc/self/status\").read())'],"
        " capture_output=True).stdout"
    ),
    "new rights": "assert 'NoNewPrivs:\\t0' in open('/proc/self/status').read()",
    "capabilities": "assert 'CapEff:\\t0000000000000000' not in open('/proc/self/status').read()",
    "kill the server": "import signal; os.kill(PID, signal.SIGKILL)",
    "kill everything": "import signal; os.kill(-1, 0); assert os.path.exists(f'/proc/{PID}')",
    "processes of the machine": "assert PID in [int(p) for p in os.listdir('/proc') if p.isdigit()]",
    "trace": "import ctypes; assert ctypes.CDLL(None).ptrace(16, PID, 0, 0) == 0",
    "trace the first process": "import ctypes; assert ctypes.CDLL(None).ptrace(16, 1, 0, 0) == 0",
    "memory of the first process": "open('/proc/1/mem', 'rb').read(1)",
    "memory of another process": LIBC + "    assert call(310, 1, 0, 0, 0, 0, 0) >= 0",
    "keys of the session": LIBC + "    assert call(250, 0, -3, 0) >= 0",
    "new key": LIBC + "    assert call(248, b'user', b'escaped', b'x', 1, -4) >= 0",
    "ask for a key": LIBC + "    assert call(249, b'user', b'x', None, -4) >= 0",
    "kernel module": LIBC + "    assert call(175, None, 0, b'') == 0",
    "kernel program": LIBC + "    assert call(321, 0, None, 0) >= 0",
    "performance counters": LIBC + "    assert call(298, bytes(128), 0, -1, -1, 0) >= 0",
    "rings": LIBC + "    assert call(425, 8, bytes(120)) >= 0",
    "faults of memory": LIBC + "    assert call(323, 0) >= 0",
    "kernel messages": LIBC + "    assert call(103, 3, ctypes.create_string_buffer(64), 64) > 0",
    "another kernel": LIBC + "    assert call(246, 0, 0, None, 0) == 0",
    "terminal": "import fcntl, termios; fcntl.ioctl(os.open('/dev/tty', os.O_RDWR), termios.TIOCSTI, b'x')",
    "type into the input": "import fcntl, termios; fcntl.ioctl(0, termios.TIOCSTI, b'x')",
    "type into a terminal of its own": (
        "import fcntl, pty, termios; fcntl.ioctl(pty.openpty()[1], termios.TIOCSTI, b'x')"
    ),
    "console": "os.open('/dev/console', os.O_RDWR)",
    "host name": "import socket; socket.sethostname('escaped')",
    "clock": "import time; time.clock_settime(time.CLOCK_REALTIME, 0)",
    "priority": "os.nice(-5)",
    "real time": "os.sched_setscheduler(0, os.SCHED_FIFO, os.sched_param(10))",
    "last to be killed": "os.write(os.open('/proc/self/oom_score_adj', os.O_WRONLY), b'-1000')",
}
AMOUNTS = {
    "raise the limit of processes": "import resource; resource.setrlimit(resource.RLIMIT_NPROC, (10_000, 10_000))",
    "raise the limit of memory": "import resource; resource.setrlimit(resource.RLIMIT_AS, (2**40, 2**40))",
    "core dumps": "import resource; resource.setrlimit(resource.RLIMIT_CORE, (2**20, 2**20))",
    "memory": "x = bytearray(2**30)",
    "shared memory": "import mmap; x = mmap.mmap(-1, 2**30)",
    "memory without a process": "os.ftruncate(os.memfd_create('x'), 2**30)",
    "segment of memory": LIBC + "    assert call(29, 0, 2**30, 0o1600) >= 0",
    "queue of messages": LIBC + "    assert call(68, 0, 0o1600) >= 0",
    "one big file": "f = open('big', 'wb'); [f.write(b'x' * 2**20) for _ in range(64)]",
    "many files": "[open(f'f{i}', 'wb').write(b'x' * 2**20) for i in range(64)]",
    "files in other places": "[open(f'/tmp/f{i}', 'wb').write(b'x' * 2**20) for i in range(64)]",
    "files in shared memory": "[open(f'/dev/shm/f{i}', 'wb').write(b'x' * 2**20) for i in range(64)]",
    "open files": "kept = [open('/dev/null') for _ in range(5000)]",
    "threads": (
        "import threading, time; [threading.Thread(target=time.sleep, args=(1,), daemon=True).start()"
        " for _ in range(500)]"
    ),
}
ATTEMPTS = {**NETWORK, **FILES, **RIGHTS, **AMOUNTS}

WITHOUT_EFFECT = {
    "the project's file": "open(os.path.join(ROOT, 'a', 'b.txt'), 'w').write('escaped')",
    "a new file of the project": "open(os.path.join(ROOT, 'escaped.txt'), 'w').write('x')",
    "a hook of git": "os.makedirs('.git/hooks'); open('.git/hooks/pre-commit', 'w').write('#!/bin/sh')",
    "settings of git": "os.makedirs('.git', exist_ok=True); open('.git/config', 'w').write('[core]\\nfsmonitor = x')",
    "settings of the editor": "os.makedirs('.vscode'); open('.vscode/settings.json', 'w').write('{}')",
    "a plugin of the tests": "open('conftest.py', 'w').write('raise SystemExit')",
    "code that runs at every start": "open('sitecustomize.py', 'w').write('raise SystemExit')",
    "settings of the shell": "open(os.path.expanduser('~/.bashrc'), 'w').write('x')",
    "temporary file": "open('/tmp/tierwise-escaped', 'w').write('x')",
    "file in shared memory": "open('/dev/shm/tierwise-escaped', 'w').write('x')",
    "a link in the place of a file": "os.remove('a/b.txt'); os.symlink('/etc/hostname', 'a/b.txt')",
    "a link in the place of a folder": (
        "import shutil; shutil.rmtree('a'); os.symlink('/usr', 'a'); open('a/escaped', 'w')"
    ),
    "everything removed": "import shutil; shutil.rmtree('.', ignore_errors=True)",
    "a crash": "os.kill(os.getpid(), 11)",
}
"""Programs that may well do what they want inside; nothing of it is seen outside or by the next run."""
