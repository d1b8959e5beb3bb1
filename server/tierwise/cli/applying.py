"""`tierwise apply-reply`: a model's reply onto files."""

import os
import sys
from pathlib import Path

from tierwise.checks.protected import protection_words
from tierwise.cli.batch import run_batch
from tierwise.cli.options import (
    AgreeOption,
    BatchOption,
    FormatOption,
    JsonOption,
    OnlyFileOption,
    ReplyArgument,
    ReplyRootOption,
    WriteOption,
)
from tierwise.cli.output import USAGE, console, print_json, refuse
from tierwise.cli.writing import write_changes
from tierwise.dispatch import FileChange
from tierwise.dispatch.files import read_snapshot
from tierwise.dispatch.prepared import names_of
from tierwise.edits import Applied, ReplyFormat, apply_reply
from tierwise.edits.batch import apply_batch_line
from tierwise.syntax.languages import language_of
from tierwise.text import Rejection, Snapshot
from tierwise.text.unified import unified_diff

_MAX_BYTES = 2**24
_MAX_FILES = 5000
_SKIPPED = frozenset({".git", ".hg", ".venv", "venv", "node_modules", "__pycache__"})


def apply_reply_command(  # noqa: PLR0913 - one parameter for each option of the command.
    reply: ReplyArgument = None,
    root: ReplyRootOption = None,
    file: OnlyFileOption = None,
    form: FormatOption = ReplyFormat.AUTO,
    write: WriteOption = False,
    yes: AgreeOption = False,
    batch: BatchOption = None,
    as_json: JsonOption = False,
) -> None:
    """Apply a model's reply to files; without --apply it only shows what would change."""
    if batch is not None:
        n_lines = run_batch(batch[0], batch[1], apply_batch_line, as_json=as_json)
        if as_json:
            print_json({"status": "done", "lines": n_lines})
        return
    if reply is None or root is None:
        refuse("usage", "name a file with the reply, and its folder with --root", as_json=as_json, exit_code=USAGE)
    words = _read_reply(reply, as_json)
    snapshots = _read_files(root, file, as_json)
    applied = apply_reply(words, {path: s.text for path, s in snapshots.items()}, format=form)
    if isinstance(applied, Rejection):
        rejected = {"code": applied.code, "detail": applied.detail}
        refuse(applied.code, applied.detail, as_json=as_json, files={}, rejected=rejected)
    protected = _protected(root, file, applied)
    if write and protected and not yes:
        path, words = next(iter(protected.items()))
        words = f"{path!r} is {words}, so nothing was written; name it with --file or agree with --yes"
        refuse("protected-file", words, as_json=as_json)
    if write:
        _write(root, applied, snapshots, as_json)
    if as_json:
        document = {"status": "applied" if write else "proposed", "files": dict(applied.files), "rejected": None}
        print_json(document | ({"protected": sorted(protected)} if protected else {}))
        return
    for path, text in applied.files.items():
        before = snapshots[path].text if path in snapshots else ""
        console().print(unified_diff(before, text or "", path), markup=False, end="")


def _protected(root: Path, file: str | None, applied: Applied) -> dict[str, str]:
    """Those of the files that are changed only with a yes, and what they are; the file the user named has it."""
    found: dict[str, str] = {}
    for path in applied.files:
        names = names_of(root, path) if path != file else ()
        words = next((words for name in names if (words := protection_words(name))), None)
        if words is not None:
            found[path] = words
    return found


def _read_reply(reply: Path, as_json: bool) -> str:
    try:
        return sys.stdin.read() if str(reply) == "-" else reply.read_text(encoding="utf-8")
    except OSError as err:
        refuse("unreadable", f"{str(reply)!r} cannot be read: {err.strerror}", as_json=as_json, exit_code=USAGE)
    except UnicodeDecodeError:
        refuse("encoding", f"{str(reply)!r} is not UTF-8", as_json=as_json, exit_code=USAGE)


def _read_files(root: Path, file: str | None, as_json: bool) -> dict[str, Snapshot]:
    """The text files a reply may touch, by path below the root."""
    if not root.is_dir():
        refuse("no-folder", f"{str(root)!r} is no folder", as_json=as_json, exit_code=USAGE)
    if file is not None:
        found = read_snapshot(root / file, (root,), _MAX_BYTES)
        if isinstance(found, Rejection):
            refuse(found.code, found.detail, as_json=as_json, exit_code=USAGE)
        return {file: found}
    snapshots: dict[str, Snapshot] = {}
    # Folders that cannot be listed, as those whose path is too long, hold nothing that a reply may touch.
    for folder, inner, names in os.walk(root):
        inner[:] = sorted(name for name in inner if name not in _SKIPPED)
        for entry in (Path(folder, name) for name in sorted(names)):
            read = read_snapshot(entry, (root,), _MAX_BYTES)
            if isinstance(read, Snapshot):
                snapshots[entry.relative_to(root).as_posix()] = read
        if _MAX_FILES <= len(snapshots):
            break
    return snapshots


def _write(root: Path, applied: Applied, snapshots: dict[str, Snapshot], as_json: bool) -> None:
    """Write all files or none."""
    unread = [path for path in applied.files if path not in snapshots and (root / path).exists()]
    if unread:
        words = f"{unread[0]!r} exists but could not be read as text, so it is left alone and nothing was written"
        refuse("unreadable", words, as_json=as_json)
    changes = [
        FileChange(
            path=root.resolve() / path,
            uri=(root.resolve() / path).as_uri(),
            language=language_of(path),
            before=snapshots.get(path),
            after=text,
            is_agreed=True,
        )
        for path, text in applied.files.items()
    ]
    problem = write_changes(changes, root.resolve())
    if problem is not None:
        refuse("not-written", problem, as_json=as_json)
