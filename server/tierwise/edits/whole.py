"""Complete files in a reply: fenced blocks under the names of files, or the one file asked for."""

from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from itertools import accumulate

from tierwise.edits.blocks import FileRequest, Whole
from tierwise.edits.fences import Fence, closes, fence_at, fence_info, fences
from tierwise.edits.headings import Heading, heading_of_fence
from tierwise.edits.indentation import is_blank
from tierwise.edits.paths import path_of_heading, resolve
from tierwise.edits.readings import unnumbered
from tierwise.text.rejection import Rejection

_SHELLS = frozenset({"bash", "sh", "shell", "console", "zsh", "powershell", "cmd", "terminal", "text", "txt", "output"})
_SCRIPTS = (".sh", ".bash", ".zsh", ".ps1", ".bat", ".cmd", ".txt")
_LEAST = 0.2
"""What a block without a name must repeat of the one file known to be taken for it."""
_COMMENTS = ("#", "//", "/*", "<!--", "--", ";")


def parse_whole(
    lines: Sequence[str], base: Mapping[str, str], *, only_named: bool = False
) -> list[FileRequest] | Rejection:
    """One request per fenced block that is a file; with `only_named`, only of blocks under a name.

    A block without a name is the one file known, when it is the only such block.
    """
    named: list[FileRequest] = []
    unnamed: list[Fence] = []
    for block, heading in named_blocks(lines, base):
        path = heading.path
        if path is None or not _may_be(block, path):
            unnamed.append(block)
        elif not block.is_closed:
            return Rejection("truncated-reply", f"the reply ends inside the text of {path!r}")
        else:
            named.append(FileRequest(path=path, edits=(Whole(_content(block, path, base)),)))
    if named or only_named:
        return named
    return _single(unnamed, base)


def _content(block: Fence, path: str, base: Mapping[str, str]) -> tuple[str, ...]:
    """The lines of the file in a block: without a first line that names the file, and without line numbers."""
    known = resolve(path, base)
    if known is None:
        return block.lines
    first = next((at for at, line in enumerate(block.lines) if not is_blank(line)), 0)
    lines = block.lines
    if _path_in_first_line(block, base) is not None and lines[first] not in base[known].split("\n")[: first + 3]:
        lines = lines[first + 1 :]
    if not base[known].endswith("\n\n") and base[known].strip():
        lines = lines[: max((at for at, line in enumerate(lines) if not is_blank(line)), default=-1) + 1]
    numbered = unnumbered(lines)
    return numbered[1] if numbered is not None and numbered[0] == 1 and 1 < len(lines) else lines


def named_blocks(lines: Sequence[str], base: Mapping[str, str]) -> Iterator[tuple[Fence, Heading]]:
    """The fenced blocks with the file that each is about; a block of a known file ends where that file's lines end."""
    done = -1
    at = 0
    while at < len(lines):
        block = fence_at(lines, at)
        if block is None:
            at += 1
            continue
        heading = heading_of_fence(lines, block, done, base)
        if heading.path is None:
            heading = Heading(_path_in_first_line(block, base), heading.is_doubtful)
        path = resolve(heading.path, base) if heading.path is not None else next(iter(base), None)
        if path is not None and (heading.path is not None or len(base) == 1):
            block = _whole_block(lines, block, base[path], base)
        yield block, heading
        done = block.end
        at = block.end + 1


def _whole_block(lines: Sequence[str], block: Fence, before: str, base: Mapping[str, str]) -> Fence:
    """The block up to the fence that closes the file, when the file itself contains fences.

    Every fence that could close the block is weighed by how much of what stands before it is known from the file.
    """
    limit = _next_file(lines, block.start + 1, base)
    ends = [at for at in range(block.start + 1, limit) if closes(lines, block.start, at)]
    if not ends or (len(ends) == 1 and block.end == ends[0]):
        return block
    known = {line.strip() for line in before.split("\n")}
    weights = [0 if is_blank(line) else 1 if line.strip() in known else -1 for line in lines[block.start + 1 : limit]]
    sums = list(accumulate(weights, initial=0))
    best = max(ends, key=lambda at: (sums[at - block.start - 1], at))
    end = max(best, block.end) if block.is_closed and block.end < limit else best
    complete = next((at for at in ends if at < end and _ends_file(lines, block.start, at, end, before)), end)
    return fence_at(lines, block.start, complete) or block


def _ends_file(lines: Sequence[str], start: int, at: int, end: int, before: str) -> bool:
    """Whether another block follows a fence, and what comes up to `end` is mostly nothing the file still lacks."""
    below = next((line for line in lines[at + 1 :] if not is_blank(line)), "")
    if not fence_info(below):
        return False
    lacking = Counter(map(str.strip, before.split("\n"))) - Counter(map(str.strip, lines[start + 1 : at]))
    further = Counter(line.strip() for line in lines[at + 1 : end] if not is_blank(line))
    return 2 * (lacking & further).total() < further.total()


def _next_file(lines: Sequence[str], start: int, base: Mapping[str, str]) -> int:
    """The heading of the next known file that a fence follows."""
    above = start
    for at in range(start, len(lines)):
        if start < at and fence_info(lines[at]) is not None:
            path = path_of_heading(lines[above], base)
            if path is not None and resolve(path, base) is not None:
                return above
        if not is_blank(lines[at]):
            above = at
    return len(lines)


def _single(blocks: list[Fence], base: Mapping[str, str]) -> list[FileRequest] | Rejection:
    path = next(iter(base)) if len(base) == 1 else None
    code = [block for block in blocks if path is None or _may_be(block, path)]
    code = [block for block in code if not all(is_blank(line) for line in block.lines)]
    if not code:
        return []
    if any(not block.is_closed for block in code):
        return Rejection("truncated-reply", "the reply ends inside a code block")
    if path is None:
        return Rejection("no-path", "the reply does not say for which of the files its code block is")
    if 1 < len(code):
        return Rejection(
            "ambiguous-reply", f"the reply holds {len(code)} code blocks and does not say what they are for"
        )
    if share_of(code[0].lines, base[path]) < _LEAST:
        return Rejection("partial-file", f"the reply holds a code block that does not look like {path!r}")
    return [FileRequest(path=path, edits=(Whole(_content(code[0], path, base)),))]


def _may_be(block: Fence, path: str) -> bool:
    """Whether a block of this language could be the text of a file of this name."""
    language = block.info.split(" ")[0].lower()
    return language not in _SHELLS or path.endswith(_SCRIPTS) or "." not in path.rsplit("/", 1)[-1]


def _path_in_first_line(block: Fence, known: Collection[str]) -> str | None:
    """The file that a comment in the first line names, e.g. `# src/a.py`."""
    line = next((line for line in block.lines if not is_blank(line)), "")
    if not line.lstrip().startswith(_COMMENTS):
        return None
    path = path_of_heading(line, known)
    return path if path is not None and ("/" in path or resolve(path, known)) else None


def share_of(lines: Sequence[str], before: str) -> float:
    """How much of a text stands in `lines`, as a share of its lines that are not blank; 1 for a text without any."""
    known, shown = Counter(map(str.strip, lines)), Counter(map(str.strip, before.split("\n")))
    shown[""] = 0
    return (known & shown).total() / shown.total() if shown.total() else 1.0


def parse_bare_file(lines: Sequence[str], base: Mapping[str, str]) -> list[FileRequest]:
    """The reply itself as the text of the one file known, if it repeats most of that file."""
    if len(base) != 1:
        return []
    path, text = next(iter(base.items()))
    lines = _without_announcement(lines, text)
    shown = [at for at, line in enumerate(lines) if not is_blank(line)]
    if not shown or any(fences(list(lines))) or share_of(lines, text) < 0.5:
        return []
    return [FileRequest(path=path, edits=(Whole(tuple(lines[shown[0] : shown[-1] + 1])),))]


def _without_announcement(lines: Sequence[str], text: str) -> Sequence[str]:
    """The lines without a first one that announces them by a colon and a blank line, if it is none of the file."""
    at = next((n for n, line in enumerate(lines) if not is_blank(line)), 0)
    is_announced = at + 1 < len(lines) and lines[at].rstrip().endswith(":") and is_blank(lines[at + 1])
    return lines[at + 1 :] if is_announced and lines[at].strip() not in text else lines
