"""What may be seen on this machine only never leaves it: every packet of a network namespace is looked at."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

TESTS = Path(__file__).parents[1]
N_ACTIONS = 150


def in_a_namespace(*command: str) -> list[str]:
    """The command with a network of its own; skips where the system does not let us."""
    unshare = shutil.which("unshare")
    if not sys.platform.startswith("linux") or unshare is None:
        pytest.skip("network namespaces are a thing of Linux, and unshare makes them")
    prefix = [unshare, "--net"] if os.geteuid() == 0 else [unshare, "--map-root-user", "--net"]
    if subprocess.run([*prefix, "true"], check=False, capture_output=True).returncode != 0:
        pytest.skip("this system lets no ordinary user make a network namespace")
    return [*prefix, *command]


@pytest.mark.slow
def test_a_canary_in_local_files_stays(tmp_path: Path) -> None:
    command = in_a_namespace(sys.executable, "-m", "context.canary", str(tmp_path), str(N_ACTIONS))
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(TESTS), *sys.path])}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=600, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
    seen = json.loads(done.stdout)
    print(seen)
    assert set(seen["canary"]) == {"127.0.0.1"}, "the canary was seen off the loopback addresses"
    assert "192.0.2.7" in seen["control"], "the recorder must see what does leave"
    assert N_ACTIONS // 4 < seen["calls_here"]
