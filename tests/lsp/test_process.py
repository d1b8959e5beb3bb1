"""The process keeps its wire clean and knows when its parent is gone."""

import os
import subprocess
import sys
import threading

from tierwise.lsp.process import is_alive, watch_process

POLLUTER = """
import os, subprocess, sys
from tierwise.lsp.process import claim_standard_streams
_, out = claim_standard_streams()
print("from python", flush=True)
os.write(1, b"from the descriptor")
subprocess.run(["sh", "-c", "echo from a child; cat"], check=True)
os.write(out, b"protocol")
"""


def test_only_the_protocol_reaches_standard_output() -> None:
    done = subprocess.run(
        [sys.executable, "-c", POLLUTER], capture_output=True, check=True, input=b"for the server only", timeout=60
    )
    assert done.stdout == b"protocol"
    assert b"from python" in done.stderr
    assert b"from the descriptor" in done.stderr
    assert b"from a child" in done.stderr
    assert b"for the server only" not in done.stderr


def test_the_end_of_a_process_is_noticed_even_before_anybody_waits_for_it() -> None:
    child = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    gone = threading.Event()
    assert is_alive(child.pid)
    assert watch_process(child.pid, gone.set)
    child.kill()
    assert gone.wait(10)
    assert not is_alive(child.pid)
    child.communicate()


def test_a_process_that_cannot_be_seen_is_not_watched() -> None:
    child = subprocess.Popen([sys.executable, "-c", ""])
    child.wait()
    assert not watch_process(child.pid, lambda: None)
    assert not watch_process(1, lambda: None)
    assert is_alive(os.getpid())
