"""How the language server compares with a bare pygls server and with pylsp, measured side by side in one run."""

import importlib.util
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from bench.lsp_client import Peer, Start, median_ms, python_text, starter

N_START_ROUNDS = 5
N_ROUNDS = 5
N_PER_ROUND = 40
N_EDITS = 40


@dataclass(frozen=True)
class Row:
    """One measured thing."""

    name: str
    unit: str
    ours: float
    bare: float
    pylsp: float | None = None
    bound: float | None = None
    """How many times the comparison ours may be at most."""
    against: float | None = None
    """What the bound refers to, where that is not the bare server."""

    @property
    def ratio(self) -> float:
        """Ours by what it is bound to."""
        return self.ours / (self.bare if self.against is None else self.against)

    @property
    def holds(self) -> bool:
        """Whether the bound is kept."""
        return self.bound is None or self.ratio <= self.bound


def main() -> int:
    """Measure, print, and return 1 if a bound is missed."""
    servers = {
        "tierwise": starter(sys.executable, "-m", "tierwise", "serve"),
        "bare pygls": starter(sys.executable, str(Path(__file__).with_name("bare_server.py"))),
    }
    if importlib.util.find_spec("pylsp") is not None:
        servers["pylsp"] = starter(sys.executable, "-m", "pylsp")
    else:
        print("pylsp is not installed, its column stays empty")
    rows = list(measure(servers))
    print_table(rows)
    return 0 if all(row.holds for row in rows) else 1


def measure(servers: dict[str, Start]) -> Iterator[Row]:
    """Every row, the servers always taking turns."""
    cpu, wall = measure_start(servers)
    yield row("start to initialize reply, CPU", "ms", cpu, bound=1.2)
    yield row("start to initialize reply, wall", "ms", wall)
    small, memory = measure_menu(servers, 5000)
    yield row("idle memory, without keys", "MB", memory, bound=2.5)
    yield row("codeAction, 5,000 lines, median", "ms", small, bound=3.0)
    large, _ = measure_menu(servers, 50_000)
    yield Row(
        "codeAction, 50,000 lines, by ours at 5,000", "ms", large["tierwise"], large["bare pygls"], large.get("pylsp"),
        bound=1.5, against=small["tierwise"],
    )  # fmt: skip
    edit_cpu, edit_wall = measure_edits(servers, 50_000)
    yield row("incremental edit, 50,000 lines, CPU", "ms", edit_cpu, bound=1.0)
    yield row("incremental edit, 50,000 lines, wall", "ms", edit_wall, bound=1.0)


def row(name: str, unit: str, values: dict[str, float], bound: float | None = None) -> Row:
    """A row whose bound refers to the bare server."""
    return Row(name, unit, values["tierwise"], values["bare pygls"], values.get("pylsp"), bound)


def measure_start(servers: dict[str, Start]) -> tuple[dict[str, float], dict[str, float]]:
    """CPU and wall time from the start of the process to the reply to `initialize`, medians."""
    cpu: dict[str, list[float]] = {name: [] for name in servers}
    wall: dict[str, list[float]] = {name: [] for name in servers}
    for number in range(N_START_ROUNDS + 1):
        for name, start in servers.items():
            begun = time.perf_counter()
            with start() as peer:
                peer.initialize()
                took = time.perf_counter() - begun
                spent = peer.kill()
            # The first round only writes compiled files.
            if number:
                cpu[name].append(spent)
                wall[name].append(took)
    return medians(cpu), medians(wall)


def measure_menu(servers: dict[str, Start], n_lines: int) -> tuple[dict[str, float], dict[str, float]]:
    """The median time of a menu on an unchanged document, and the memory at rest before it was opened."""
    text = python_text(n_lines)
    times: dict[str, list[float]] = {name: [] for name in servers}
    memory: dict[str, float] = {}
    with ExitStack() as stack:
        peers = {name: stack.enter_context(start()) for name, start in servers.items()}
        for name, peer in peers.items():
            peer.initialize()
            peer.open("")
            peer.settle()
            memory[name] = peer.rss_mb()
            peer.open(text)
            peer.code_actions(n_lines // 2)
            peer.settle()
            # On a busy machine the outline of a long document may take longer than the pause.
            for _ in range(500):
                if name != "tierwise" or 3 <= peer.n_actions:
                    break
                peer.code_actions(n_lines // 2 + 5)
        for _ in range(N_ROUNDS):
            for name, peer in peers.items():
                times[name] += timed_menus(peer, n_lines)
        assert 3 <= peers["tierwise"].n_actions, "the menu is not what it should be"
    return medians(times), memory


def timed_menus(peer: Peer, n_lines: int) -> list[float]:
    """Seconds for each of a few menus."""
    found = []
    for number in range(N_PER_ROUND):
        line = (n_lines // N_PER_ROUND) * number + 5
        begun = time.perf_counter()
        peer.code_actions(line)
        found.append(time.perf_counter() - begun)
    return found


def measure_edits(servers: dict[str, Start], n_lines: int) -> tuple[dict[str, float], dict[str, float]]:
    """CPU and wall time for each of many one-character edits, medians over rounds."""
    text = python_text(n_lines)
    cpu: dict[str, list[float]] = {name: [] for name in servers}
    wall: dict[str, list[float]] = {name: [] for name in servers}
    with ExitStack() as stack:
        peers = {name: stack.enter_context(start()) for name, start in servers.items()}
        for peer in peers.values():
            peer.initialize()
            peer.open(text)
            peer.barrier()
            peer.settle()
        version = 1
        for _ in range(N_ROUNDS):
            for name, peer in peers.items():
                begun, used = time.perf_counter(), peer.cpu_s()
                for number in range(N_EDITS):
                    peer.edit(version + number + 1, (n_lines // N_EDITS) * number)
                peer.barrier()
                wall[name].append((time.perf_counter() - begun) / N_EDITS)
                cpu[name].append((peer.cpu_s() - used) / N_EDITS)
                peer.settle(0.5)
            version += N_EDITS
    return medians(cpu), medians(wall)


def medians(values: dict[str, list[float]]) -> dict[str, float]:
    """The median of each in milliseconds."""
    return {name: median_ms(found) for name, found in values.items()}


def print_table(rows: list[Row]) -> None:
    """Names, figures, ratios, and whether the bounds hold."""
    print(f"{'':44}{'tierwise':>10}{'bare':>10}{'pylsp':>10}{'ratio':>8}{'bound':>8}")
    for one in rows:
        pylsp = "" if one.pylsp is None else f"{one.pylsp:.2f}"
        bound = "" if one.bound is None else f"≤ {one.bound}"
        verdict = "" if one.bound is None else "  ok" if one.holds else "  MISSED"
        figures = f"{one.ours:>10.2f}{one.bare:>10.2f}{pylsp:>10}{one.ratio:>8.2f}{bound:>8}{verdict}"
        print(f"{one.name + ', ' + one.unit:44}{figures}")


if __name__ == "__main__":
    sys.exit(main())
