"""A planner's answer is a proposal: it becomes a plan only if every line of it stays inside what was given."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from graphlib import CycleError, TopologicalSorter

from tierwise.dispatch.planner.plan import Plan, PlanReply, Rename, Subtask, SubtaskReply
from tierwise.edits.paths import is_inside, plain
from tierwise.text import Rejection


@dataclass(frozen=True, slots=True, kw_only=True)
class Scope:
    """What a plan may touch."""

    files: frozenset[str]
    """Paths relative to the root that may be changed."""
    exists: Callable[[str], bool]
    """Whether there is such a file at all, inside the scope or not."""
    protected: Callable[[str], str | None]
    """The reason why a path may never be touched by a plan, or None."""


def check_plan(reply: PlanReply, scope: Scope) -> Plan | Rejection:
    """The plan, in an order that respects its dependencies, or the first thing that is wrong with it."""
    if not reply.subtasks:
        return Rejection("plan-empty", "the plan holds no subtask")
    subtasks = tuple(_subtask(worded) for worded in reply.subtasks)
    fault = next(_faults(subtasks, scope), None)
    if fault is not None:
        return fault
    ordered = _ordered(subtasks)
    if isinstance(ordered, Rejection):
        return ordered
    outside = tuple(dict.fromkeys(plain(path) for path in reply.outside if plain(path) not in scope.files))
    return Plan(subtasks=ordered, outside=outside, note=" ".join(reply.note.split())[:400])


def _subtask(worded: SubtaskReply) -> Subtask:
    return Subtask(
        id=worded.id,
        title=worded.title.strip() or worded.id,
        files=_plain(worded.files),
        creates=_plain(worded.creates),
        deletes=_plain(worded.deletes),
        renames=tuple(Rename(plain(rename.old), plain(rename.new)) for rename in worded.renames),
        instruction=worded.instruction.strip(),
        contract=worded.contract.strip(),
        reads=tuple(dict.fromkeys(worded.reads)),
        after=tuple(dict.fromkeys(worded.after)),
        tier=worded.tier,
    )


def _plain(paths: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(plain(path) for path in paths))


def _faults(subtasks: tuple[Subtask, ...], scope: Scope) -> Iterator[Rejection]:
    yield from _faults_between(subtasks)
    for subtask in subtasks:
        yield from _faults_of(subtask, scope)


def _faults_between(subtasks: tuple[Subtask, ...]) -> Iterator[Rejection]:
    """What no single subtask shows: one name twice, one file twice, a dependency on nobody."""
    twice = [id for id, n in Counter(subtask.id for subtask in subtasks).items() if 1 < n]
    if twice:
        yield Rejection("plan-contradictory", f"the plan holds two subtasks with the id {twice[0]!r}")
    owners: dict[str, str] = {}
    for subtask in subtasks:
        for path in sorted(subtask.touched):
            if path in owners:
                words = f"the subtasks {owners[path]!r} and {subtask.id!r} both change {path!r}"
                yield Rejection("plan-contradictory", words)
            owners[path] = subtask.id
    known = {subtask.id for subtask in subtasks}
    for subtask in subtasks:
        strange = [id for id in subtask.after if id not in known]
        if strange:
            words = f"the subtask {subtask.id!r} waits for {strange[0]!r}, which is not in the plan"
            yield Rejection("plan-contradictory", words)


def _faults_of(subtask: Subtask, scope: Scope) -> Iterator[Rejection]:
    who = f"the subtask {subtask.id!r}"
    if not subtask.touched:
        yield Rejection("plan-empty", f"{who} names no file")
    if subtask.needs_model and not subtask.instruction:
        yield Rejection("plan-empty", f"{who} says nothing of what is to be done")
    for path in sorted(subtask.touched):
        if not is_inside(path):
            yield Rejection("plan-outside-scope", f"{who} changes {path!r}, which lies outside the project")
        reason = scope.protected(path)
        if reason is not None:
            yield Rejection("plan-protected", f"{who} changes {path!r}, which is protected ({reason})")
    yield from _faults_of_paths(subtask, scope, who)


def _faults_of_paths(subtask: Subtask, scope: Scope, who: str) -> Iterator[Rejection]:
    sources = [rename.old for rename in subtask.renames]
    for path in (*subtask.files, *subtask.deletes, *sources):
        if path not in scope.files:
            word = "was not given to it" if scope.exists(path) else "does not exist"
            yield Rejection("plan-outside-scope", f"{who} changes {path!r}, which {word}")
    for path in (*subtask.creates, *(rename.new for rename in subtask.renames)):
        if scope.exists(path):
            yield Rejection("plan-contradictory", f"{who} adds {path!r}, which exists already")
    gone = {*subtask.deletes} & {*subtask.files, *subtask.creates, *sources}
    if gone:
        yield Rejection("plan-contradictory", f"{who} deletes {min(gone)!r} and changes it as well")
    if len({*sources}) < len(sources):
        yield Rejection("plan-contradictory", f"{who} renames a file twice")


def _ordered(subtasks: tuple[Subtask, ...]) -> tuple[Subtask, ...] | Rejection:
    """Those first that others wait for, otherwise as the planner has them."""
    by_id = {subtask.id: subtask for subtask in subtasks}
    try:
        order = TopologicalSorter({subtask.id: subtask.after for subtask in subtasks}).static_order()
        return tuple(by_id[id] for id in order)
    except CycleError as err:
        names = " → ".join(repr(id) for id in err.args[1])
        return Rejection("plan-cyclic", f"the subtasks wait for each other: {names}")
