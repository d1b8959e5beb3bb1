"""`python -m bench [SECTION]`: run one section, or all of them."""

import importlib
import os
import sys

SECTIONS = ("lsp", "action", "edits", "checks", "store", "cache", "backends", "dispatch", "sandbox", "routing")


def main() -> int:
    """Run the sections named, all by default.

    1 when a section misses a bound and BENCH_STRICT is set; without it the table alone tells, since a machine that is
    busy with other work can miss any bound.
    """
    wanted = sys.argv[1:] or list(SECTIONS)
    unknown = [name for name in wanted if name not in SECTIONS]
    if unknown:
        print(f"there is no section {unknown[0]!r}; there are {', '.join(SECTIONS)}")
        return 2
    worst = 0
    for name in wanted:
        print(f"\n== {name}")
        worst = max(worst, int(importlib.import_module(f"bench.{name}").main() or 0))
    return worst if os.environ.get("BENCH_STRICT") else 0


if __name__ == "__main__":
    raise SystemExit(main())
