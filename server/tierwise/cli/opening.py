"""Open what a command needs: configuration, ledger, runtime, the document in hand."""

import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import typer

from tierwise.cli.output import USAGE, refuse
from tierwise.cli.places import DiskWorkspace, place_hint, root_of, span_of
from tierwise.config import ConfigInputs, Loaded, user_config_file
from tierwise.config.problems import Severity
from tierwise.config.trust import TrustStore, default_trust_file, workspace_digest
from tierwise.dispatch import Runtime
from tierwise.dispatch.files import read_snapshot
from tierwise.dispatch.native.programs import narrow_search_path
from tierwise.dispatch.opening import ledger_of, open_runtime
from tierwise.text import Rejection, Snapshot, Span


@dataclass(frozen=True)
class Session:
    """What a command works with."""

    loaded: Loaded
    runtime: Runtime
    workspace: DiskWorkspace


def load_for(root: Path | None) -> Loaded:
    """The configuration that applies in a folder; None: the user's own."""
    roots = () if root is None else (root,)
    return ConfigInputs(user_file=user_config_file(), workspace_roots=roots, trusted=trust_store().is_trusted).load()


def trust_store() -> TrustStore:
    """Which folders the user trusts, for everything outside an editor that asks."""
    return TrustStore(default_trust_file())


def is_trusted(root: Path) -> bool:
    """Whether a folder, with the settings file it has now, is trusted."""
    try:
        return trust_store().is_trusted(root, workspace_digest(root))
    except ValueError:
        return False


@contextlib.asynccontextmanager
async def session_for(file: Path) -> AsyncIterator[Session]:
    """Everything for one file; closed at the end. What of the settings does not apply is said on standard error."""
    root = root_of(file)
    loaded = load_for(root)
    for fault in loaded.problems:
        if fault.severity is Severity.ERROR:
            typer.echo(f"{fault.severity}: {fault} [{fault.code}]", err=True)
    ledger, problem = ledger_of(loaded)
    runtime = open_runtime(loaded, ledger=ledger, ledger_problem=problem)
    workspace = DiskWorkspace(root, loaded.config.limits.max_file_bytes, is_trusted(root))
    narrow_search_path(() if workspace.is_trusted else (root,))
    try:
        await runtime.learn()
        yield Session(loaded, runtime, workspace)
    finally:
        await runtime.aclose()
        if ledger is not None:
            ledger.close()


def document(file: Path, written_range: str | None, max_bytes: int, *, as_json: bool) -> tuple[Snapshot, Span]:
    """The file as a snapshot and the range as a span of it; leaves with a sentence when either is no good."""
    found = read_snapshot(file, (file.resolve().parent,), max_bytes)
    if isinstance(found, Rejection):
        refuse(found.code, found.detail + place_hint(file), as_json=as_json, exit_code=USAGE)
    span = span_of(found.text, written_range)
    if isinstance(span, Rejection):
        refuse(span.code, span.detail, as_json=as_json, exit_code=USAGE)
    return found, span
