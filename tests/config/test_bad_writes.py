"""Whatever is written to a settings file, nothing crashes and bad settings never replace good ones."""

import os
import random
from collections.abc import Callable
from pathlib import Path

import pytest

from tierwise.config import DEFAULTS, Config, ConfigInputs, Loaded, Severity, keep_good
from tierwise.config.files import MAX_BYTES, WORKSPACE_FILE

GOOD = """\
[tiers.local]
models = ["ollama/qwen2.5-coder:7b", "embedded/x"]
[tiers.top]
enabled = false
[backends.mine]
type = "openai"
base_url = "https://models.example/v1"
api_key_env = "MY_KEY"
[models."mine/large"]
input_usd_per_million = 0.435
output_usd_per_million = 1.74
[privacy]
local_only = ["legal/", "*.contract"]
[limits]
max_attempts = 3
[actions.explain]
title = "Explain"
instructions = "Add a comment"
"""
WORDS = [
    "[",
    "]",
    "=",
    '"',
    "'",
    "\n",
    "[[x]]",
    "true",
    "-1",
    "1e999",
    "nan",
    "{}",
    "\x00",
    "\ud7ff",
    "é",
    "#",
    "[tiers",
]
Write = Callable[[random.Random, Path], None]


def half_written(chance: random.Random, file: Path) -> None:
    file.write_bytes(GOOD.encode()[: chance.randrange(len(GOOD))])


def mutated(chance: random.Random, file: Path) -> None:
    text = GOOD
    for _ in range(chance.randrange(1, 5)):
        at = chance.randrange(len(text))
        text = text[:at] + chance.choice(WORDS) + text[at + chance.randrange(6) :]
    file.write_text(text, "utf-8")


def wrong_types(chance: random.Random, file: Path) -> None:
    lines = GOOD.splitlines()
    at = chance.choice([i for i, line in enumerate(lines) if " = " in line])
    value = chance.choice(["1", "'x'", "[1]", "{ a = 1 }", "1979-05-27", "true", "''", "nan", "9" * 30])
    lines[at] = lines[at].partition(" = ")[0] + f" = {value}"
    file.write_text("\n".join(lines))


def random_bytes(chance: random.Random, file: Path) -> None:
    file.write_bytes(chance.randbytes(chance.randrange(4000)))


def byte_order_mark(chance: random.Random, file: Path) -> None:
    mark = chance.choice([b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff", b"\xef\xbb\xbf\xef\xbb\xbf"])
    file.write_bytes(mark + GOOD.encode())


def utf_16(_chance: random.Random, file: Path) -> None:
    file.write_text(GOOD, "utf-16")


def huge(chance: random.Random, file: Path) -> None:
    with file.open("wb") as out:
        out.write(GOOD.encode())
        out.truncate(chance.choice([MAX_BYTES + 1, 10 * 2**20]))


def deeply_nested(chance: random.Random, file: Path) -> None:
    file.write_text("x = " + chance.choice("[{") * chance.randrange(500, 100_000))


def deleted(_chance: random.Random, file: Path) -> None:
    file.unlink(missing_ok=True)


def link(chance: random.Random, file: Path) -> None:
    file.unlink(missing_ok=True)
    file.symlink_to(chance.choice([file.parent, file, Path("/dev/zero"), file.parent / "nowhere", "/etc/hostname"]))


def folder(_chance: random.Random, file: Path) -> None:
    file.unlink(missing_ok=True)
    file.mkdir()


def pipe(_chance: random.Random, file: Path) -> None:
    file.unlink(missing_ok=True)
    os.mkfifo(file)


def good(_chance: random.Random, file: Path) -> None:
    file.write_text(GOOD)


WRITES: tuple[Write, ...] = (
    half_written, half_written, mutated, mutated, wrong_types, wrong_types, random_bytes, byte_order_mark, utf_16, huge,
    deeply_nested, deleted, link, folder, pipe, good,
)  # fmt: skip


def clear(file: Path) -> None:
    if file.is_dir() and not file.is_symlink():
        file.rmdir()
    else:
        file.unlink(missing_ok=True)


def check_step(last: Loaded, new: Loaded) -> None:
    """A reload either is good or changes nothing, and says what is wrong in sentences."""
    Config.model_validate(new.config.model_dump())
    assert new.is_good or (new.is_kept and new.config is last.config)
    for problem in new.problems:
        assert problem.words
        assert not problem.words.endswith(".")
    if not new.is_good:
        assert any(problem.severity is Severity.ERROR for problem in new.problems)


def run_writes(folder_path: Path, n_writes: int, seed: int) -> None:
    """Write n times, to the user's file or the workspace's, and reload after each."""
    chance = random.Random(seed)  # noqa: S311 - repeatable, not secret.
    user, root = folder_path / "config.toml", folder_path / "workspace"
    root.mkdir()
    user.write_text(GOOD)
    inputs = ConfigInputs(user_file=user, workspace_roots=(root,), trusted=True, env={})
    last = inputs.load()
    assert last.is_good
    n_kept = 0
    for _ in range(n_writes):
        file = chance.choice([user, user, root / WORKSPACE_FILE])
        in_flight = last.config
        before = in_flight.model_dump_json()
        clear(file)
        chance.choice(WRITES)(chance, file)
        fresh = inputs.load()
        check_alone(fresh)
        new = keep_good(last, fresh)
        check_step(last, new)
        assert in_flight.model_dump_json() == before
        n_kept += new.is_kept
        last = new
    clear(root / WORKSPACE_FILE)
    clear(user)
    user.write_text(GOOD)
    assert keep_good(last, inputs.load()).is_good
    assert n_writes // 4 < n_kept


def check_alone(fresh: Loaded) -> None:
    """A program that starts on such files sends nothing out when a protection may be lost."""
    if fresh.is_guarded:
        refs = (*fresh.config.tiers.local.models, *fresh.config.tiers.bulk.models, *fresh.config.tiers.top.models)
        assert all(fresh.config.keeps_on_this_machine(ref) for ref in refs)


def test_200_bad_writes_never_replace_good_settings(tmp_path: Path) -> None:
    run_writes(tmp_path, 200, seed=1)


@pytest.mark.slow
def test_2000_bad_writes_never_replace_good_settings(tmp_path: Path) -> None:
    run_writes(tmp_path, 2000, seed=2)


def test_a_deleted_user_file_keeps_its_settings_until_it_is_back(tmp_path: Path) -> None:
    user = tmp_path / "config.toml"
    user.write_text("privacy.local_only = ['*']")
    inputs = ConfigInputs(user_file=user, env={})
    first = inputs.load()
    user.unlink()
    kept = keep_good(first, inputs.load())
    assert (kept.is_kept, kept.config) == (True, first.config)
    assert kept.problems[-1].code == "file-gone"
    still = keep_good(kept, inputs.load())
    assert (still.is_kept, still.config) == (True, first.config)
    user.write_text("log.level = 'info'")
    back = keep_good(still, inputs.load())
    assert back.is_good
    assert back.config.privacy == DEFAULTS.privacy


def test_a_bad_start_gives_way_to_the_next_try(tmp_path: Path) -> None:
    user = tmp_path / "config.toml"
    user.write_text("[broken")
    inputs = ConfigInputs(user_file=user, env={})
    first = inputs.load()
    assert first.is_guarded
    user.write_text("log.level = 'loud'")
    second = keep_good(first, inputs.load())
    assert not second.is_kept
    assert not second.is_guarded
