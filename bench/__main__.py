"""`python -m bench [SECTION]`: run one section, or all of them."""

import importlib
import sys

SECTIONS = ("lsp", "action", "edits", "store", "backends")


def main() -> int:
    """Run the sections named, all by default; 1 when any of them misses a bound."""
    wanted = sys.argv[1:] or list(SECTIONS)
    unknown = [name for name in wanted if name not in SECTIONS]
    if unknown:
        print(f"there is no section {unknown[0]!r}; there are {', '.join(SECTIONS)}")
        return 2
    worst = 0
    for name in wanted:
        print(f"\n== {name}")
        worst = max(worst, int(importlib.import_module(f"bench.{name}").main() or 0))
    return worst


if __name__ == "__main__":
    raise SystemExit(main())
