"""Run inside a network namespace of its own: hundreds of actions on files that must stay, and a record of every packet.

Usage: `python -m context.canary FOLDER N_ACTIONS`, as the namespace's root. Prints what was seen as JSON. The loopback
interface gets a second address that counts as another machine; the upper tiers' servers listen there.
"""

import asyncio
import fcntl
import json
import random
import socket
import struct
import sys
import threading
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from dispatch.project import Project, fenced
from servers.fault import FaultServer
from servers.scenarios import Call, Scenario
from tierwise.config import load_config
from tierwise.dispatch import Diagnostic
from tierwise.dispatch.opening import open_runtime
from tierwise.text import Span

CANARY = "canary_that_must_stay_3141"
CONTROL = "canary_that_may_leave_2718"
OTHER_MACHINE = "192.0.2.7"
IFF_UP, SIOCSIFADDR, SIOCGIFFLAGS, SIOCSIFFLAGS = 0x1, 0x8916, 0x8913, 0x8914
ETH_P_ALL = 0x0003
FAULTS = ("normal", "normal", "cut", "reset", "html", "empty", "error-in-stream", "length", "broken-json")
ACTIONS = ("document", "add_type_hints", "refactor", "fix_diagnostic", "write_tests", "do", "refactor_across_files")


def bring_up() -> None:
    """Switch the loopback interface on and give it the other machine's address too."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as control:
        for name, address in ((b"lo", None), (b"lo:1", OTHER_MACHINE)):
            if address is not None:
                packed = struct.pack("16sH2s4s8s", name, socket.AF_INET, b"\0\0", socket.inet_aton(address), b"\0" * 8)
                fcntl.ioctl(control, SIOCSIFADDR, packed)
            flags = struct.unpack("16sh", fcntl.ioctl(control, SIOCGIFFLAGS, struct.pack("16sh", b"lo", 0)))[1]
            fcntl.ioctl(control, SIOCSIFFLAGS, struct.pack("16sh", b"lo", flags | IFF_UP))


THE_END = b"nothing is sent after this"


@dataclass
class Recorder:
    """Every packet of the namespace, joined to streams by address and port."""

    streams: dict[tuple[str, int, str, int], bytearray] = field(default_factory=dict)
    n_packets: int = 0
    is_over: threading.Event = field(default_factory=threading.Event)

    def start(self) -> None:
        """Listen on all interfaces, in a thread."""
        self._raw = socket.socket(socket.AF_PACKET, socket.SOCK_DGRAM, socket.htons(ETH_P_ALL))
        self._raw.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 64 * 1024 * 1024)
        threading.Thread(target=self._listen, daemon=True).start()

    def _listen(self) -> None:
        while True:
            packet = self._raw.recv(65_536)
            self.n_packets += 1
            if len(packet) < 40 or packet[0] >> 4 != 4 or packet[9] != socket.IPPROTO_TCP:
                continue
            start = (packet[0] & 15) * 4
            source, target = socket.inet_ntoa(packet[12:16]), socket.inet_ntoa(packet[16:20])
            ports = struct.unpack("!HH", packet[start : start + 4])
            payload = packet[start + (packet[start + 12] >> 4) * 4 :]
            self.streams.setdefault((source, ports[0], target, ports[1]), bytearray()).extend(payload)
            if THE_END in payload:
                self.is_over.set()

    def finish(self) -> bool:
        """Send a last packet and wait until it came by, and with it everything before."""
        with socket.create_server(("127.0.0.1", 0)) as server, socket.create_connection(server.getsockname()) as last:
            last.sendall(THE_END)
            return self.is_over.wait(60)

    def places_of(self, word: str) -> dict[str, int]:
        """To which addresses a word went, and in how many streams."""
        found: dict[str, int] = {}
        for (_, _, target, _), content in list(self.streams.items()):
            if word.encode() in content:
                found[target] = found.get(target, 0) + 1
        return found


class ThereServer(FaultServer):
    """A model server on the other machine."""

    async def __aenter__(self) -> Any:
        self._server = await asyncio.start_server(self._connected, OTHER_MACHINE, 0)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    @property
    def url(self) -> str:
        """The address."""
        return f"http://{OTHER_MACHINE}:{self.port}"


FILES = {
    "secret/inner.py": (
        f'"""Inner."""\n\nLIMIT = "{CANARY}"\n\n\ndef inner(value):\n    if value == None:\n'
        f'        return "{CANARY}"\n    return value\n'
    ),
    "secret/test_outer.py": f"from outer import outer\n\n\ndef test_outer():\n    assert outer(1) != '{CANARY}'\n",
    "outer.py": "from secret.inner import inner\n\n\ndef outer(value):\n    return inner(value)\n",
    "free.py": f'def free(value):\n    """{CONTROL}"""\n    return value\n',
}
DIAGNOSED = Diagnostic(span=Span(0, 1), message="E711 comparison to None", code="E711", source="linter")


def reply(chance: random.Random) -> Any:
    """Models that answer well, badly, and with what they were shown."""

    def answer(call: Call) -> str:
        shown = call.messages[-1]["content"]
        return chance.choice([fenced("def inner(value):\n    return value\n"), "no", fenced(shown[-400:])])

    return answer


def settings_for(here: FaultServer, middle: FaultServer, above: FaultServer) -> dict[str, Any]:
    """One server on this machine and two on another, and a folder that only the first may see."""
    return {
        "backends": {
            "here": {"type": "ollama", "host": here.url},
            "middle": {"type": "openai", "base_url": middle.openai_url},
            "above": {"type": "anthropic", "base_url": above.url},
        },
        "tiers": {
            "local": {"models": ["here/m", "here/passed-on:cloud"]},
            "bulk": {"models": ["middle/m"]},
            "top": {"models": ["above/m"]},
        },
        "models": {
            "middle/m": {"input_usd_per_million": 1, "output_usd_per_million": 4},
            "above/m": {"input_usd_per_million": 5, "output_usd_per_million": 25},
        },
        "privacy": {"local_only": ["secret/"]},
        "checks": {"allow_running_tests": "never"},
    }


async def run(folder: Path, n_actions: int) -> dict[str, Any]:
    """Carry out the actions."""
    bring_up()
    recorder = Recorder()
    recorder.start()
    chance = random.Random(2026)  # noqa: S311
    outcomes: Counter[str] = Counter()
    async with FaultServer() as here, ThereServer() as middle, ThereServer() as above:
        servers = (here, middle, above)
        for server in servers:
            server.book.reply = reply(chance)
        project = Project(folder)
        loaded = load_config(editor_settings=settings_for(*servers), trusted=True, env={})
        project.runtime = open_runtime(loaded, ledger=project.ledger)
        for name, text in FILES.items():
            project.write(name, text)
        for number in range(n_actions):
            for server in servers:
                server.book.queue[:] = [Scenario(fault=chance.choice(FAULTS)) for _ in range(6)]
            outcomes[await act(project, number, chance)] += 1
            await project.runtime.aclose()
            project.ledger.forget_breakers()
            project.runtime = open_runtime(loaded, ledger=project.ledger)
        await project.close()
    assert recorder.finish()
    return {
        "actions": n_actions,
        "packets": recorder.n_packets,
        "calls_here": len(here.book.chats),
        "calls_there": len(middle.book.chats) + len(above.book.chats),
        "canary": recorder.places_of(CANARY),
        "control": recorder.places_of(CONTROL),
        "outcomes": outcomes,
    }


async def act(project: Project, number: int, chance: random.Random) -> str:
    """One action on one of the files; what came of it."""
    name = "free.py" if number % 10 == 0 else chance.choice(["secret/inner.py", "secret/inner.py", "outer.py"])
    action = chance.choice(ACTIONS)
    snapshot = project.write(name, FILES[name])
    diagnostics = (DIAGNOSED,) if action == "fix_diagnostic" and name != "free.py" else ()
    asked = project.act(action, snapshot, "def ", instruction="make it better", diagnostics=diagnostics)
    return str(getattr(await asyncio.wait_for(asked, 60), "code", "proposed"))


if __name__ == "__main__":
    print(json.dumps(asyncio.run(run(Path(sys.argv[1]), int(sys.argv[2])))))
