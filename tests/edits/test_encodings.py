"""Files in many encodings and with all line ends keep every byte outside the edit, when the command line applies it."""

import json
import random
from dataclasses import dataclass
from pathlib import Path

import pytest
from typer.testing import CliRunner

from tierwise.cli.app import build

BREAKS = {"unix": ("\n",), "windows": ("\r\n",), "old mac": ("\r",), "mixed": ("\n", "\r\n", "\r")}
LETTERS = {
    "utf-8": "é€😀日本\u2028\x85\f",
    "utf-8-sig": "éñ€😀",
    "utf-16-le": "é€😀日",
    "utf-16-be": "é€😀日",
    "latin-1": "éñü",
    "cp1252": "é€“”",
    "shift_jis": "日本語ア",
    "euc_jp": "日本語",
    "koi8-r": "привет",
}


@dataclass(frozen=True, slots=True)
class Made:
    """A file, its bytes before and after, and the lines that a reply quotes and gives."""

    name: str
    before: bytes
    after: bytes
    old: str
    new: str


def make_file(rng: random.Random, number: int) -> Made:
    """A file of a random encoding, with random line ends, and with or without a last one."""
    encoding = rng.choice(list(LETTERS))
    letters, breaks = LETTERS[encoding], BREAKS[rng.choice(list(BREAKS))]
    cookie = (
        [f"# -*- coding: {encoding} -*-"] if encoding not in ("utf-8", "utf-8-sig", "utf-16-le", "utf-16-be") else []
    )
    lines = [*cookie, *(f"name_{n} = '{''.join(rng.choices(letters, k=3))}'" for n in range(rng.randint(3, 12)))]
    ends = [rng.choice(breaks) for _ in lines]
    if rng.random() < 0.3:
        ends[-1] = ""
    at = rng.randrange(len(cookie), len(lines))
    old, new = lines[at], f"changed_{number} = 1"
    before = "".join(line + end for line, end in zip(lines, ends, strict=True))
    after = "".join((new if n == at else line) + end for n, (line, end) in enumerate(zip(lines, ends, strict=True)))
    mark = "\ufeff" if encoding.startswith("utf-16") else ""
    before_bytes, after_bytes = ((mark + text).encode(encoding) for text in (before, after))
    return Made(f"file_{number}.py", before_bytes, after_bytes, old, new)


def apply_all(folder: Path, reply: str) -> tuple[int, dict[str, object]]:
    (folder / "reply.txt").write_text(reply, "utf-8")
    root = folder / "root"
    arguments = ["apply-reply", str(folder / "reply.txt"), "--root", str(root), "--apply", "--json"]
    done = CliRunner().invoke(build(["apply-reply"]), arguments)
    return done.exit_code, json.loads(done.stdout)


def check_files(folder: Path, seed: int, n_files: int) -> None:
    """One reply that edits every file of a folder."""
    rng = random.Random(seed)  # noqa: S311 - a test that can be repeated.
    made = [make_file(rng, number) for number in range(n_files)]
    (folder / "root").mkdir()
    for one in made:
        (folder / "root" / one.name).write_bytes(one.before)
    reply = "\n".join(f"{one.name}\n<<<<<<< SEARCH\n{one.old}\n=======\n{one.new}\n>>>>>>> REPLACE\n" for one in made)
    code, answer = apply_all(folder, reply)
    assert code == 0, answer
    for one in made:
        assert (folder / "root" / one.name).read_bytes() == one.after, one


def test_every_byte_outside_the_edit_stays(tmp_path: Path) -> None:
    check_files(tmp_path, seed=1, n_files=100)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(2, 12))
def test_every_byte_outside_the_edit_stays_in_two_thousand_files(tmp_path: Path, seed: int) -> None:
    check_files(tmp_path, seed=seed, n_files=200)


UNREADABLE = {"latin": b"x = '\xe9'\n", "broken": b"caf\xc3\n", "zeros": b"x\0y\n", "wide": "x = 1\n".encode("utf-32")}


@pytest.mark.parametrize("name", UNREADABLE)
def test_what_cannot_be_read_is_refused_and_left_alone(tmp_path: Path, name: str) -> None:
    (tmp_path / "root").mkdir()
    path = tmp_path / "root" / "a.txt"
    path.write_bytes(UNREADABLE[name])
    code, answer = apply_all(tmp_path, "a.txt\n<<<<<<< SEARCH\nx\n=======\ny\n>>>>>>> REPLACE\n")
    assert code == 1
    assert answer["rejected"]
    whole_code, _ = apply_all(tmp_path, "a.txt\n```\ny\n```\n")
    assert whole_code == 1
    assert path.read_bytes() == UNREADABLE[name]
