"""A part of a change is torn where one Python file takes from another what only the rest of the change would give."""

import pytest

from tierwise.dispatch.planner.torn import torn

A, NEW_A = "def old(): ...\ndef kept(): ...\n", "def new(): ...\ndef kept(): ...\n"
B, NEW_B = "from pkg.a import old\nold()\n", "from pkg.a import new\nnew()\n"
BEFORE = {"pkg/a.py": A, "b.py": B}
WHOLE = {"pkg/a.py": NEW_A, "b.py": NEW_B}

CASES: dict[str, tuple[dict[str, str | None], list[str]]] = {
    "nothing": ({}, []),
    "everything": (dict(WHOLE), []),
    "the definition": ({"pkg/a.py": NEW_A}, ["'b.py' takes 'old' from 'pkg/a.py', which does not have it"]),
    "the use": ({"b.py": NEW_B}, ["'b.py' takes 'new' from 'pkg/a.py', which does not have it"]),
    "both names": ({"pkg/a.py": A + NEW_A, "b.py": NEW_B}, []),
    "an alias": (
        {"pkg/a.py": NEW_A, "b.py": "from pkg import a\na.old()\n"},
        ["'b.py' takes 'old' from 'pkg/a.py', which does not have it"],
    ),
    "a whole module": (
        {"pkg/a.py": NEW_A, "b.py": "import pkg.a\npkg.a.old()\npkg.a.kept()\n"},
        ["'b.py' takes 'old' from 'pkg/a.py', which does not have it"],
    ),
    "what nobody ever had": ({"b.py": "from pkg.a import dynamic\nimport pkg.a as x\nx.dynamic\n"}, []),
    "a name that others may take": ({"pkg/a.py": "def old(): ...\n"}, ["'pkg/a.py' has lost 'kept'"]),
    "a text that is no Python": ({"pkg/a.py": "def ("}, []),
    "a file that goes": ({"pkg/a.py": None}, []),
}


@pytest.mark.parametrize("name", CASES)
def test_torn(name: str) -> None:
    taken, expected = CASES[name]
    faults = torn(BEFORE, WHOLE, BEFORE | taken)
    assert [fault.rejection.detail for fault in faults] == expected


def test_a_package_that_begins_deeper_and_a_relative_import() -> None:
    before = {"server/pkg/a.py": A, "server/pkg/b.py": "from .a import old\n", "main.py": "from pkg.a import old\n"}
    whole = {path: text.replace("old", "new") for path, text in before.items()}
    faults = torn(before, whole, before | {"server/pkg/a.py": NEW_A})
    assert {fault.path for fault in faults} == {"server/pkg/b.py", "main.py"}
