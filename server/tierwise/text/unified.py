"""Unified diffs, for showing a change to a person."""

from tierwise.text.diff import Hunk, diff_lines
from tierwise.text.lines import split_lines

_N_CONTEXT = 3


def unified_diff(before: str, after: str, path: str) -> str:
    """The change as `diff -u` prints it with `a/` and `b/` prefixes; empty when the texts are equal."""
    old, new = split_lines(before), split_lines(after)
    groups = _grouped(diff_lines(old, new))
    if not groups:
        return ""
    lines = [f"--- a/{path}\n", f"+++ b/{path}\n"]
    for group in groups:
        lines += _rendered(group, old, new)
    return "".join(lines)


def _grouped(hunks: list[Hunk]) -> list[list[Hunk]]:
    """Hunks whose context would overlap, together."""
    groups: list[list[Hunk]] = []
    for hunk in hunks:
        if groups and hunk.start - groups[-1][-1].end <= 2 * _N_CONTEXT:
            groups[-1].append(hunk)
        else:
            groups.append([hunk])
    return groups


def _rendered(group: list[Hunk], old: list[str], new: list[str]) -> list[str]:
    n_before = min(_N_CONTEXT, group[0].start)
    n_after = min(_N_CONTEXT, len(old) - group[-1].end)
    start, end = group[0].start - n_before, group[-1].end + n_after
    new_start, new_end = group[0].new_start - n_before, group[-1].new_end + n_after
    lines = [f"@@ -{_numbers(start, end)} +{_numbers(new_start, new_end)} @@\n"]
    at = start
    for hunk in group:
        lines += _marked(" ", old[at : hunk.start])
        lines += _marked("-", old[hunk.start : hunk.end])
        lines += _marked("+", new[hunk.new_start : hunk.new_end])
        at = hunk.end
    return lines + _marked(" ", old[at:end])


def _numbers(start: int, end: int) -> str:
    """A range of lines as unified diffs write it: an empty one names the line before it."""
    n_lines = end - start
    return f"{start + 1 if n_lines else start},{n_lines}" if n_lines != 1 else f"{start + 1}"


def _marked(mark: str, lines: list[str]) -> list[str]:
    return [
        f"{mark}{line}" if line.endswith(("\n", "\r")) else f"{mark}{line}\n\\ No newline at end of file\n"
        for line in lines
    ]
