"""Whatever is written to a settings file while the server runs: it lives, and what was good stays in force."""

import os
import random
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from e2e.loaded import shared
from hostile.ground import ground
from hostile.window import CAPABILITIES, TRUSTED, Window

NOISE = ("[", "]", "=", '"', "'", "\n", "[[x]]", "true", "-1", "1e999", "nan", "{}", "\0", "é", "#", "9" * 5000)
VALUES = ("1", "'x'", "[1]", "{ a = 1 }", "1979-05-27", "true", "''", "nan", "9" * 30, "-1", "[" * 300)
Write = Callable[[random.Random, Path, str], None]


def cut(chance: random.Random, file: Path, text: str) -> None:
    file.write_text(text[: chance.randrange(len(text))])


def mutated(chance: random.Random, file: Path, text: str) -> None:
    for _ in range(chance.randrange(1, 5)):
        at = chance.randrange(len(text))
        text = text[:at] + chance.choice(NOISE) + text[at + chance.randrange(6) :]
    file.write_text(text)


def wrong_types(chance: random.Random, file: Path, text: str) -> None:
    lines = text.splitlines()
    at = chance.choice([number for number, line in enumerate(lines) if " = " in line and "path" not in line])
    lines[at] = f"{lines[at].partition(' = ')[0]} = {chance.choice(VALUES)}"
    file.write_text("\n".join(lines))


def noise(chance: random.Random, file: Path, _: str) -> None:
    file.write_bytes(chance.randbytes(chance.randrange(3000)))


def other_encodings(chance: random.Random, file: Path, text: str) -> None:
    file.write_bytes(chance.choice([text.encode("utf-16"), b"\xff\xfe" + text.encode(), text.encode() + b"\x80"]))


def huge(_: random.Random, file: Path, text: str) -> None:
    file.write_text(text)
    os.truncate(file, 2**33)


def nested(chance: random.Random, file: Path, _: str) -> None:
    file.write_text("x = " + chance.choice("[{") * chance.randrange(500, 50_000))


def deleted(_: random.Random, file: Path, __: str) -> None:
    file.unlink(missing_ok=True)


def linked(chance: random.Random, file: Path, _: str) -> None:
    file.symlink_to(chance.choice([file, file.parent, "/dev/zero", "nowhere", "/etc/hostname"]))


def folder(_: random.Random, file: Path, __: str) -> None:
    file.mkdir()


def pipe(_: random.Random, file: Path, __: str) -> None:
    os.mkfifo(file)


def closed(_: random.Random, file: Path, text: str) -> None:
    file.write_text(f"[{text}")
    file.chmod(0)


def byte_by_byte(chance: random.Random, file: Path, text: str) -> None:
    with file.open("wb", buffering=0) as out:
        for byte in text.encode()[: chance.randrange(len(text))]:
            out.write(bytes([byte]))


def good(_: random.Random, file: Path, text: str) -> None:
    file.write_text(text)


WRITES: tuple[Write, ...] = (
    *(cut, cut, mutated, mutated, wrong_types, wrong_types, noise, other_encodings, huge, nested),
    *(deleted, linked, folder, pipe, closed, byte_by_byte, good),
)
TIGHTER = "[limits]\nmax_attempts = 1\n[tiers.top]\nenabled = false\n[privacy]\nnever_send = ['*.pem']\n"
PLAIN = "def area(radius):\n    return 3 * radius\n"


def clear(file: Path) -> None:
    """Make way for the next write."""
    if file.is_dir() and not file.is_symlink():
        file.rmdir()
    else:
        file.unlink(missing_ok=True)


class Settings:
    """A window with the files its settings come from."""

    def __init__(self, window: Window, user: Path, root: Path) -> None:
        self.window = window
        self.files = {user: user.read_text(), root / ".tierwise.toml": TIGHTER}
        path = root / "a.py"
        path.write_text(PLAIN)
        self.uri = window.open(path)

    def offered(self) -> list[Any]:
        """What is offered with which model: what the settings in force make of it."""
        answer = self.window.command("tierwise.actions", {"uri": self.uri})
        return [(entry["action"], entry["title"]) for entry in answer["actions"]]

    def check_write(self, write: Callable[[], bool]) -> None:
        """Settings that are no good leave what is offered as it was, and each fault has its sentence and its place."""
        self.window.command("tierwise.reload")
        before = self.offered()
        in_one_step = write()
        answer = self.window.command("tierwise.reload")
        after = self.offered()
        if answer["status"] == "refused" and in_one_step:
            assert after == before
        for problem in answer["problems"]:
            assert problem["words"], problem
            assert "\n" not in problem["words"]
            assert not problem["words"].endswith(".")
            assert "internal" not in problem["words"]
            if problem["code"] == "not-toml" and "nested too deeply" not in problem["words"]:
                assert problem["line"], problem

    def check_good_again(self) -> None:
        """Good settings are taken after whatever was there before."""
        for file, text in self.files.items():
            clear(file)
            file.write_text(text)
        assert self.window.command("tierwise.reload")["status"] == "done"
        assert len(self.offered()) >= 3


def run_writes(folder_path: Path, n_writes: int, seed: int) -> None:
    """Write so many times while the server watches; every few writes look at what it made of them."""
    chance = random.Random(seed)  # noqa: S311 - repeatable, not secret.
    with ground(folder_path) as around, Window(folder_path / "window", around.config, loaded=shared()) as window:
        window.initialize(options=TRUSTED, **CAPABILITIES)
        settings = Settings(window, folder_path / "window-home" / "config.toml", folder_path / "window")
        begun = time.monotonic()
        window.told.clear()
        assert len(settings.offered()) >= 3
        for number in range(n_writes):
            if number % 5 == 0:
                settings.check_write(lambda: write_in_one_step(settings.files, folder_path / "aside", chance))
            else:
                file, text = chance.choice(list(settings.files.items()))
                clear(file)
                chance.choice(WRITES)(chance, file, text)
        told, took_s = list(window.told), time.monotonic() - begun
        assert told, "what is wrong was not told"
        assert len(told) <= 2 + took_s / 4, f"told {len(told)} times in {took_s:.0f} s"
        settings.check_good_again()


def write_in_one_step(files: dict[Path, str], aside: Path, chance: random.Random) -> bool:
    """Whether nobody can have seen anything between: a folder is not replaced in one step."""
    file, text = chance.choice(list(files.items()))
    chance.choice(WRITES)(chance, aside, text)
    is_there = os.path.lexists(aside)
    in_one_step = not aside.is_dir() and (file.is_symlink() or not file.is_dir())
    if not in_one_step or not is_there:
        clear(file)
    if is_there:
        aside.rename(file)
    return in_one_step


def test_a_hundred_bad_writes_while_the_server_runs(tmp_path: Path) -> None:
    run_writes(tmp_path, 100, seed=1)


@pytest.mark.slow
def test_two_thousand_bad_writes_while_the_server_runs(tmp_path: Path) -> None:
    run_writes(tmp_path, 2000, seed=2)


def test_one_fault_is_told_once_with_its_place(tmp_path: Path) -> None:
    with ground(tmp_path) as around, Window(tmp_path / "window", around.config, loaded=shared()) as window:
        window.initialize(options=TRUSTED, **CAPABILITIES)
        window.command("tierwise.doctor")
        window.told.clear()
        user = tmp_path / "window-home" / "config.toml"
        text = user.read_text()
        n_lines = text.count("\n")
        for _ in range(30):
            user.write_text(f"{text}limits = = 3\n")
            window.command("tierwise.reload")
        (told,) = window.told
        assert f"config.toml:{n_lines + 1}:" in told, told
