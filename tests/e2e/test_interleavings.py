"""Whatever the user, the disk, the model and the client do, and in whichever order: no edit lands on a text it was not
made for, nothing the user wrote is lost, and every action has one answer.

A model editor and a real server over standard streams go through programs of steps; models answer when the program
says so. `INTERLEAVINGS=20000` runs more of them; a failing one is made small and printed.
"""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from e2e.interleaving import Interleaving
from e2e.modules import N_FUNCTIONS
from e2e.profiles import CODE, NVIM, PLAIN, PROFILES, Profile
from e2e.world import World, world_of
from tierwise.store.ledger import open_ledger

PHASES = [Phase.generate] if "NO_SHRINK" in os.environ else [Phase.generate, Phase.shrink]

Step = tuple[str, dict[str, Any]]


def step(name: str, **arguments: st.SearchStrategy[Any]) -> st.SearchStrategy[Step]:
    """One kind of step with its arguments."""
    return st.tuples(st.just(name), st.fixed_dictionaries(arguments))


WHICH = st.integers(0, 3)
TYPES = step("types", which=WHICH, line=st.integers(0, 30), is_end=st.booleans(), is_whole=st.booleans())
DOCUMENTS = step(
    "documents", which=WHICH, k=st.integers(0, N_FUNCTIONS - 1), is_stale=st.sampled_from([False] * 5 + [True])
)
SOMETIMES = st.sampled_from([False, False, False, True])
ALL = step("changes_all", makes=SOMETIMES, moves=SOMETIMES, deletes=SOMETIMES)
MODEL = step("model_answers", which=WHICH, is_good=st.sampled_from([True] * 4 + [False]))
CLIENT = step(
    "client_answers",
    how=st.sampled_from(["takes"] * 9 + ["takes, tells late"] * 3 + ["refuses", "fails", "lies"]),
    confirms=st.booleans(),
)
DELETES = step("deletes_a_line", which=WHICH, line=st.integers(0, 30))
UNDOES = step("undoes", which=WHICH, times=st.integers(1, 3))
RARE = st.one_of(
    step("saves", which=WHICH),
    step("closes", which=WHICH, is_saved=st.booleans()),
    step("opens", which=WHICH),
    step("renames", which=WHICH),
    step("other_program_writes", which=WHICH),
    step("settings_change", n=st.integers(3, 4)),
    step("cancels", which=WHICH),
)
STARTS = st.one_of(DOCUMENTS, DOCUMENTS, ALL)
MEANWHILE = st.lists(st.one_of(TYPES, TYPES, DELETES, UNDOES, RARE, STARTS), max_size=3)
ON_ITS_WAY = st.lists(st.one_of(TYPES, TYPES, DELETES, UNDOES, RARE, MODEL), max_size=2)
WHOLE = st.tuples(STARTS, MEANWHILE, MODEL, ON_ITS_WAY, CLIENT)
PROGRAMS = st.lists(WHOLE, min_size=1, max_size=2)


def steps_of(program: list[Any]) -> list[Step]:
    """The steps of whole actions, one after the other."""
    return [
        one
        for start, meanwhile, model, on_its_way, client in program
        for one in (start, *meanwhile, model, *on_its_way, client)
    ]


FILES = st.fixed_dictionaries(
    {
        "eol": st.sampled_from(["\n", "\r\n"]),
        "head": st.sampled_from(["plain", "é", "😀👩\u200d💻", "\u2028a\x0cb", "\ufeffBOM"]),
        "tail": st.sampled_from(["", "\n", "  # \U0001d4b3"]),
    }
)


TAKES = ("client_answers", {"how": "takes", "confirms": True})
FIRST = ("documents", {"which": 0, "k": 0, "is_stale": False})
ANSWERS = ("model_answers", {"which": 0, "is_good": True})


def gone(line: int) -> Step:
    """The user deletes a line of the first document."""
    return ("deletes_a_line", {"which": 0, "line": line})


def go_through_programs(world: World, n_runs: int) -> None:
    """Go through so many, always the same ones."""

    @settings(
        max_examples=n_runs,
        deadline=None,
        derandomize=True,
        database=None,
        phases=PHASES,
        suppress_health_check=list(HealthCheck),
    )
    @given(FILES, PROGRAMS, st.sampled_from([None, None, None, 0, None, None, None, 1]))
    def go_through(files: dict[str, str], program: list[Any], checked: int | None) -> None:
        interleaving = Interleaving(world, **files)
        try:
            for name, arguments in steps_of(program):
                getattr(interleaving, name)(**arguments)
            interleaving.come_to_an_end()
            if checked is not None and not interleaving.spoilt:
                interleaving.mirror_agrees(checked)
        finally:
            interleaving.leave()

    go_through()


def interleave(tmp_path: Path, profile: Profile, n_runs: int) -> World:
    """Go through so many programs with one server; returns what it saw."""
    with world_of(tmp_path, profile) as world:
        go_through_programs(world, n_runs)
    return world


def check_ledger(world: World) -> None:
    """Every call has its row, and every row has its end."""
    ledger = open_ledger(world.root.parent / "ws-home" / "ledger.sqlite3")
    try:
        outcomes = [getattr(row, "outcome", "damaged") for row in ledger.attempt_rows()]
    finally:
        ledger.close()
    assert len(outcomes) == world.n_calls
    assert set(outcomes) <= {"accepted", "rejected", "cancelled", "failed"}


@pytest.mark.parametrize("profile", [CODE, NVIM], ids=lambda profile: profile.name)
def test_a_few_interleavings(world_for: Callable[[Profile], World], profile: Profile) -> None:
    go_through_programs(world_for(profile), 12)


@pytest.mark.parametrize(
    ("profile", "steps"),
    [
        pytest.param(
            CODE,
            [
                ("changes_all", {"makes": False, "moves": True, "deletes": False}),
                *(("renames", {"which": 1}), ANSWERS, TAKES),
            ],
            id="the user moves the file that is to be moved",
        ),
        pytest.param(
            PLAIN,
            [
                *(FIRST, ANSWERS, gone(0), ("client_answers", {"how": "refuses", "confirms": True})),
                *(("documents", {"which": 0, "k": 1, "is_stale": False}), gone(5), ANSWERS, TAKES),
            ],
            id="an edit for an older text comes to stand where it belongs",
        ),
        pytest.param(
            PLAIN,
            [
                *(FIRST, ANSWERS, ("types", {"which": 0, "line": 0, "is_end": False, "is_whole": False})),
                *(gone(5), TAKES),
            ],
            id="the head of a function goes while its docstring comes",
        ),
    ],
)
def test_what_happened_once(world_for: Callable[[Profile], World], profile: Profile, steps: list[Step]) -> None:
    interleaving = Interleaving(world_for(profile), eol="\n", head="plain", tail="")
    try:
        for name, arguments in steps:
            getattr(interleaving, name)(**arguments)
        interleaving.come_to_an_end()
    finally:
        interleaving.leave()


@pytest.mark.slow
@pytest.mark.parametrize("profile", PROFILES, ids=lambda profile: profile.name)
def test_many_interleavings(tmp_path: Path, profile: Profile) -> None:
    n_runs = int(os.environ.get("INTERLEAVINGS", "2000")) // len(PROFILES)
    world = interleave(tmp_path, profile, n_runs)
    check_ledger(world)
    tally = ", ".join(f"{n} {what}" for what, n in sorted(world.tally.items()))
    print(f"{profile.name}: {n_runs} interleavings, {world.n_calls} calls, {world.n_applied} texts edited; {tally}")
    assert world.n_applied >= n_runs // 2
