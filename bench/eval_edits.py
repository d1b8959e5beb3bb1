"""How many real replies, clean and damaged, the appliers carry out; `make eval-edits` prints it beside what must be.

The cases lie in a folder outside the project, TIERWISE_CASES or `../shared/data`, together with the scorer that makes
the damaged variants and grades the answers.
"""

import gzip
import json
import os
import re
import subprocess
import sys
import tempfile
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from bench.damage import Case
from bench.edit_targets import MUST_REACH, Target
from bench.eval_damage import show_damage
from tierwise.checks.base import Change, Check
from tierwise.checks.verify import verify
from tierwise.edits.apply import apply_reply
from tierwise.edits.batch import apply_batch_line
from tierwise.text import Rejection

ROOT = Path(__file__).parent.parent
CASES = Path(os.environ.get("TIERWISE_CASES") or ROOT.parent / "shared" / "data")
SEARCH_BLOCK = re.compile(r"^<{5,9} SEARCH>?[ \t]*\n(.*?)^={5,9}[ \t]*\n", re.DOTALL | re.MULTILINE)
LANGUAGES = {"ts": "typescript", "js": "javascript", "py": "python", "tsx": "typescriptreact", "jsx": "javascriptreact"}


def main() -> int:
    """Print the table; 1 when a figure misses what must be reached, 2 when there are no cases."""
    if not (CASES / "edit_cases.jsonl.gz").is_file():
        print(f"no cases in {CASES}: set TIERWISE_CASES to a folder that holds edit_cases.jsonl.gz and score_edits.py")
        return 2
    rows = score()
    n_missed = 0
    print(f"{'cases':<46} {'n':>5} {'strict':>7} {'must':>6} {'wrong':>7} {'may':>6}")
    for target in MUST_REACH:
        n, strict, wrong = measured(rows, target)
        is_reached = n > 0 and target.strict <= strict and wrong <= target.wrong
        n_missed += not is_reached
        print(
            f"{target.title:<46} {n:>5} {strict:>7.3f} {target.strict:>6.3f} {wrong:>7.3f} {target.wrong:>6.3f}"
            f"{'' if is_reached else '  MISSED'}"
        )
    n_missed += show_failed_replies()
    n_missed += show_format_pairs()
    n_missed += show_damage(list(real_cases()))
    return 1 if n_missed else 0


def real_cases() -> Iterator[Case]:
    """The real replies with the files they were made for."""
    for row in rows_of("edit_cases.jsonl.gz"):
        if row["kind"] == "real_llm_reply" and row.get("expected") is not None:
            yield Case(row["id"], row["reply"], row["original"], row["original"], row["expected"])


def score() -> list[dict[str, Any]]:
    """The scorer's rows for the answers that the batch form gives to its variants."""
    with tempfile.TemporaryDirectory() as folder:
        asked, answered = Path(folder, "in.jsonl"), Path(folder, "out.jsonl")
        scorer = [sys.executable, str(CASES / "score_edits.py")]
        cases = str(CASES / "edit_cases.jsonl.gz")
        subprocess.run([*scorer, "emit", cases, str(asked)], check=True)
        with asked.open(encoding="utf-8") as lines, answered.open("w", encoding="utf-8") as out:
            for line in lines:
                out.write(json.dumps(apply_batch_line(json.loads(line))) + "\n")
        done = subprocess.run([*scorer, "score", cases, str(answered), "--json"], check=True, stdout=subprocess.PIPE)
    rows: list[dict[str, Any]] = json.loads(done.stdout)["rows"]
    return rows


def measured(rows: list[dict[str, Any]], target: Target) -> tuple[int, float, float]:
    """Cases, strict successes and wrong applications of one line of the table, as shares."""
    chosen = [r for r in rows if (r["kind"], r["format"]) == target.cases and r["noise"] in target.noises]
    n = sum(r["n"] for r in chosen)
    if not n:
        return 0, 0.0, 0.0
    strict = sum(r["n"] * r.get("strict", 0.0) for r in chosen) / n
    not_wrong = sum(r["n"] * (r.get("strict", 0.0) + r.get("refused", 0.0)) for r in chosen) / n
    return n, round(strict, 4), round(max(1 - not_wrong, 0.0), 4)


def show_failed_replies() -> int:
    """Truncated and unmatched real replies: nothing of them may be applied; returns how many kinds failed."""
    applied: dict[str, int] = defaultdict(int)
    tried: dict[str, int] = defaultdict(int)
    for row in rows_of("real_failed_replies.jsonl.gz"):
        if row["reason"] not in ("truncated", "failed_match", "malformed"):
            continue
        for base in files_for(row):
            tried[row["reason"]] += 1
            applied[row["reason"]] += not isinstance(apply_reply(row["reply"], base), Rejection)
    for reason, n in tried.items():
        verdict = "  MISSED" if applied[reason] else ""
        print(f"{'never applied: ' + reason:<46} {n:>5} {applied[reason]:>7} applied{verdict}")
    return sum(n > 0 for n in applied.values())


def files_for(row: dict[str, Any]) -> Iterator[dict[str, str]]:
    """Files such a reply could be tried on: for truncated ones all that they quote, else what does not hold a quote."""
    quotes = SEARCH_BLOCK.findall(row["reply"])
    if row["reason"] == "truncated":
        for path in re.findall(r"^[\w./\-]+\.\w+$", row["reply"], re.MULTILINE):
            yield {path: "\n\n".join(quotes)}
        return
    for case in rows_of("edit_cases.jsonl.gz"):
        for path, text in case["original"].items():
            lacks_one = any(quote.strip() and quote not in text for quote in quotes)
            if path in row["reply"] and case["kind"] == "real_llm_reply" and lacks_one:
                yield {path: text}


def show_format_pairs() -> int:
    """Whether changes that keep the program are told from those that do not; returns how many kinds failed."""
    counts: dict[bool, list[bool]] = {True: [], False: []}
    for row in rows_of("format_pairs.jsonl.gz"):
        is_same = row["label"] is True
        language = LANGUAGES.get(row["lang"], row["lang"])
        change = Change(path="f", language=language, before=row["before"], after=row["after"], must_keep_comments=False)
        is_accepted = not isinstance(verify([Check.PARSES, Check.SAME_PROGRAM], change), Rejection)
        counts[is_same].append(is_accepted is is_same)
    n_missed = 0
    for is_same, title, least in ((True, "same program accepted", 0.98), (False, "changed program rejected", 1.0)):
        right = sum(counts[is_same]) / max(len(counts[is_same]), 1)
        n_missed += right < least
        print(f"{title:<46} {len(counts[is_same]):>5} {right:>7.3f} {least:>6.3f}{'  MISSED' if right < least else ''}")
    return n_missed


def rows_of(name: str) -> Iterator[dict[str, Any]]:
    """The rows of one file of the cases folder."""
    with gzip.open(CASES / name, "rt", encoding="utf-8") as lines:
        yield from map(json.loads, lines)


if __name__ == "__main__":
    raise SystemExit(main())
