"""What differences and appliers cost: our diff beside difflib's, growth with the file, and replies onto large files.

Run as `python -m bench edits`. All times are processor time, the best of several runs.
"""

import difflib
import json
import random
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from bench import beside_aider, checks
from tierwise.edits.apply import apply_reply
from tierwise.edits.batch import lsp_edits
from tierwise.text import Rejection, apply_edits
from tierwise.text.diff import diff

SOURCE = Path(difflib.__file__)
SCATTERED_MS = 5.0
EVERY_LINE_MS = 10.0
DIFFLIB_SHARE = 1 / 5
GROWTH_FACTOR = 1.8
"""How much more a line may cost in a file ten times as long."""


def main() -> int:
    """Print the tables; 1 when a bound is missed."""
    n_missed = show_scattered() + show_every_line() + show_growth() + show_replies() + show_same_program()
    n_missed += beside_aider.show(cpu_ms)
    return 1 if n_missed else 0


def cpu_ms(work: Callable[[], Any], n_runs: int = 7) -> float:
    """The best processor time of several runs, in milliseconds."""
    best = float("inf")
    for _ in range(n_runs):
        start = time.process_time()
        work()
        best = min(best, time.process_time() - start)
    return best * 1000


def source_lines(n_lines: int) -> list[str]:
    """So many lines of real Python; repeated lines are told apart by a comment, as in a real file most lines are."""
    lines = SOURCE.read_text(encoding="utf-8").split("\n")
    return [
        lines[n % len(lines)] + (f"  # {n // len(lines)}" if len(lines) <= n and lines[n % len(lines)].strip() else "")
        for n in range(n_lines)
    ]


def scattered(lines: list[str], n_edits: int) -> list[str]:
    """The lines with changed, removed and added lines here and there."""
    rng = random.Random(1)
    changed = list(lines)
    for at in sorted(rng.sample(range(len(lines)), n_edits), reverse=True):
        kind = rng.random()
        if kind < 0.4:
            changed[at] += "x"
        elif kind < 0.6:
            del changed[at]
        else:
            changed[at:at] = ["added = 1", "added += 1"]
    return changed


def text_of(lines: list[str]) -> str:
    return "\n".join(lines) + "\n"


def difflib_edits(before: str, after: str) -> list[tuple[int, int, str]]:
    """What a server without our diff would do: lines compared by the standard library, one edit per group."""
    old, new = before.splitlines(keepends=True), after.splitlines(keepends=True)
    codes = difflib.SequenceMatcher(None, old, new).get_opcodes()
    return [(i1, i2, "".join(new[j1:j2])) for tag, i1, i2, j1, j2 in codes if tag != "equal"]


def line(title: str, ours: float, other: float | None, bound: str, is_met: bool) -> int:
    """Print one line of a table; 1 when its bound is missed."""
    beside = f"{other:>10.2f} {ours / other:>7.2f}" if other else f"{'':>10} {'':>7}"
    print(f"{title:<52} {ours:>9.2f} {beside}  {bound}{'' if is_met else '  MISSED'}")
    return not is_met


def show_scattered() -> int:
    print(f"{'ms of processor time':<52} {'ours':>9} {'difflib':>10} {'ratio':>7}  bound")
    lines = source_lines(5_000)
    before, after = text_of(lines), text_of(scattered(lines, 20))
    edits = diff(before, after)
    assert apply_edits(before, edits) == after
    ours, other = cpu_ms(lambda: lsp_edits(before, after)), cpu_ms(lambda: difflib_edits(before, after), 3)
    n_touched = sum(len(edit.new_text) + edit.span.end - edit.span.start for edit in edits)
    other_touched = sum(
        len(new) + sum(map(len, before.splitlines(keepends=True)[i1:i2]))
        for i1, i2, new in difflib_edits(before, after)
    )
    is_met = ours <= SCATTERED_MS and ours <= other * DIFFLIB_SHARE
    n_missed = line("20 edits on 5,000 lines to LSP edits", ours, other, "<= 5 ms and <= 1/5", is_met)
    line("the same without positions", cpu_ms(lambda: diff(before, after)), other, "", True)
    print(f"  {len(edits)} edits touch {n_touched} characters; difflib's lines {other_touched}")
    return n_missed


def show_every_line() -> int:
    lines = source_lines(5_000)
    before, after = text_of(lines), text_of([f"{one} #" for one in lines])
    ours, other = cpu_ms(lambda: diff(before, after)), cpu_ms(lambda: difflib_edits(before, after), 3)
    return line("every line of 5,000 changed", ours, other, "<= 10 ms", ours <= EVERY_LINE_MS)


def show_growth() -> int:
    n_missed = 0
    for title, change in (
        ("20 edits", lambda one: scattered(one, 20)),
        ("every line", lambda one: [f"{x} #" for x in one]),
    ):
        cost: dict[int, float] = {}
        for n_lines in (5_000, 50_000):
            lines = source_lines(n_lines)
            before, after = text_of(lines), text_of(change(lines))
            cost[n_lines] = cpu_ms(lambda before=before, after=after: diff(before, after), 3)
        growth = cost[50_000] / cost[5_000] / 10
        bound = f"{growth:.2f} times the cost of a line in 5,000 (<= {GROWTH_FACTOR})"
        n_missed += line(f"{title} on 50,000 lines", cost[50_000], None, bound, growth <= GROWTH_FACTOR)
    return n_missed


def show_replies() -> int:
    """Every form of one small edit in a long file, and what a line costs in a file ten times as long."""
    print(f"\n{'one edit, ms of processor time for 5,000 lines':<52} {'ours':>9}")
    n_missed = 0
    for title, reply in replies(source_lines(5_000)).items():
        for when in ("", ", user changed a line meanwhile"):
            cost = {n: reply_ms(title, reply, n, is_stale=bool(when)) for n in (5_000, 50_000)}
            growth = cost[50_000] / cost[5_000] / 10
            bound = f"{growth:.2f} times as much a line in 50,000 (<= {GROWTH_FACTOR})"
            n_missed += line(title + when, cost[5_000], None, bound, growth <= GROWTH_FACTOR)
    return n_missed


def reply_ms(title: str, reply: str, n_lines: int, *, is_stale: bool) -> float:
    """What it takes to apply a reply to a text that begins with the lines it was made for."""
    lines = source_lines(n_lines)
    if title.startswith("whole"):
        head, _, tail = reply.rpartition("```\n")
        reply = f"{head}{text_of(lines[5_000:])}```\n{tail}"
    base = {"a.py": text_of(lines)}
    current = {"a.py": text_of([f"{lines[0]} ", *lines[1:]])} if is_stale else base
    assert isinstance(apply_reply(reply, base, current), Rejection) is ("nowhere" in title), title
    return cpu_ms(lambda: apply_reply(reply, base, current), 5)


def replies(lines: list[str]) -> dict[str, str]:
    """The same small edit in every form."""
    quote, new = lines[2_400:2_412], [*lines[2_400:2_406], "added = 1", *lines[2_406:2_412]]
    shifted = [f"    {one}" if one.strip() else one for one in quote]
    shifted_new = [f"    {one}" if one.strip() else one for one in new]
    hunk = [f" {one}" for one in new[:6]] + ["+added = 1"] + [f" {one}" for one in new[7:]]
    old_lines, new_lines = text_of(quote), text_of(new)
    return {
        "search/replace block": block(quote, new),
        "search/replace block, indentation shifted": block(shifted, shifted_new),
        "search/replace block that stands nowhere": block([*quote, "nowhere"], new),
        "unified diff": "```diff\n--- a/a.py\n+++ b/a.py\n@@ -1,9 +1,9 @@\n" + text_of(hunk) + "```\n",
        "search/replace block with an elided middle": block(
            [*quote[:4], "...", quote[-1]], [*new[:3], "...", quote[-1]]
        ),
        "patch": "*** Begin Patch\n*** Update File: a.py\n@@\n" + text_of(hunk) + "*** End Patch\n",
        "JSON": json.dumps([{"path": "a.py", "old": old_lines, "new": new_lines}]) + "\n",
        "whole file": "a.py\n```python\n" + text_of([*lines[:2_406], "added = 1", *lines[2_406:]]) + "```\n",
    }


def block(old: list[str], new: list[str]) -> str:
    return f"a.py\n```python\n<<<<<<< SEARCH\n{text_of(old)}=======\n{text_of(new)}>>>>>>> REPLACE\n```\n"


def show_same_program() -> int:
    """One language of many; `python -m bench checks` shows them all."""
    print(f"\n{'same program, 5,000 lines of Python':<34} {'ours':>9} {'parse':>9} {'ratio':>7}")
    return checks.show("python")


if __name__ == "__main__":
    raise SystemExit(main())
