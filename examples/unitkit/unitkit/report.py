"""Print sizes as a table: `python -m unitkit.report 12MB 3.5GB`."""

import json
import sys
from collections.abc import Sequence

from unitkit.sizes import format_size, parse_size
from unitkit.summary import shares, spread


def table(sizes: Sequence[str]) -> str:
    """One line for each size with its share of the whole, then the spread."""
    parsed = {text: parse_size(text) for text in sizes}
    lines = [
        f"{text:>12}  {format_size(parsed[text]):>10}  {share:5.1f} %"
        for text, share in shares(parsed).items()
    ]
    found = spread(parsed.values())
    if found is not None:
        low, middle, high = (format_size(int(size)) for size in found)
        lines.append(f"from {low} to {high}, half are below {middle}")
    return "\n".join(lines)


def main() -> None:
    """Run the command line."""
    try:
        print(table(sys.argv[1:]))
    except ValueError as error:
        sys.exit(f"unitkit: {error}")


if __name__ == "__main__":
    main()
