"""Complete files in a reply: fenced blocks under the names of files, or the one file asked for."""

from collections.abc import Collection, Sequence

from tierwise.edits.blocks import FileRequest, Whole
from tierwise.edits.fences import Fence, fences
from tierwise.edits.headings import heading_of_fence
from tierwise.edits.indentation import is_blank
from tierwise.edits.paths import path_of_heading, resolve
from tierwise.text.rejection import Rejection

_SHELLS = frozenset({"bash", "sh", "shell", "console", "zsh", "powershell", "cmd", "terminal", "text", "txt", "output"})
_SCRIPTS = (".sh", ".bash", ".zsh", ".ps1", ".bat", ".cmd", ".txt")


def parse_whole(
    lines: Sequence[str], known: Collection[str], *, only_named: bool = False
) -> list[FileRequest] | Rejection:
    """One request per fenced block that is a file; with `only_named`, only of blocks under a name.

    A block without a name is the one file known, when it is the only such block.
    """
    blocks = fences(list(lines))
    named: list[FileRequest] = []
    unnamed: list[Fence] = []
    done = -1
    for block in blocks:
        heading = heading_of_fence(lines, block, done, known)
        path = heading.path or _path_in_first_line(block, known)
        done = block.end
        if path is None or not _may_be(block, path):
            unnamed.append(block)
            continue
        if not block.is_closed:
            return Rejection("truncated-reply", f"the reply ends inside the text of {path!r}")
        named.append(FileRequest(path=path, edits=(_whole(block, path, known),)))
    if named or only_named:
        return named
    return _single(unnamed, known)


def _single(blocks: list[Fence], known: Collection[str]) -> list[FileRequest] | Rejection:
    path = next(iter(known)) if len(known) == 1 else None
    code = [block for block in blocks if path is None or _may_be(block, path)] if 1 < len(blocks) else blocks
    code = [block for block in code if any(not is_blank(line) for line in block.lines)]
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
    return [FileRequest(path=path, edits=(Whole(code[0].lines),))]


def _may_be(block: Fence, path: str) -> bool:
    """Whether a block of this language could be the text of a file of this name."""
    language = block.info.split(" ")[0].lower()
    return language not in _SHELLS or path.endswith(_SCRIPTS) or "." not in path.rsplit("/", 1)[-1]


def _path_in_first_line(block: Fence, known: Collection[str]) -> str | None:
    """The file that a comment in the first line names, e.g. `# src/a.py`."""
    line = next((line for line in block.lines if not is_blank(line)), "")
    if not line.lstrip().startswith(("#", "//", "/*", "<!--", "--", ";")):
        return None
    path = path_of_heading(line, known)
    return path if path is not None and ("/" in path or resolve(path, known)) else None


def _whole(block: Fence, path: str, known: Collection[str]) -> Whole:
    return Whole(block.lines)


def parse_bare_file(reply: str, known: Collection[str]) -> list[FileRequest]:
    """The reply itself as the text of the one file known; whether it is that is for others to say."""
    if len(known) != 1 or not reply.strip():
        return []
    lines = reply.split("\n")
    while lines and is_blank(lines[0]):
        lines = lines[1:]
    while lines and is_blank(lines[-1]):
        lines = lines[:-1]
    return [FileRequest(path=next(iter(known)), edits=(Whole(tuple(lines)),))]
