"""What is wrong with the settings is said once, and not too often."""

import asyncio

from tierwise.lsp.complaining import Complaints


async def test_the_same_is_said_once_and_again_after_it_was_mended() -> None:
    said: list[str] = []
    complaints = Complaints(said.append, quiet_s=0.0)
    for words in ("a", "a", "a", None, "a"):
        complaints.heard(words)
        await settled()
    assert said == ["a", "a"]


async def test_of_many_in_a_row_the_first_and_the_last_are_said() -> None:
    said: list[str] = []
    complaints = Complaints(said.append, quiet_s=0.01)
    for number in range(100):
        complaints.heard(str(number))
    assert said == ["0"]
    while len(said) < 2:
        await settled()
    assert said == ["0", "99"]


async def test_what_was_mended_meanwhile_is_not_said() -> None:
    said: list[str] = []
    complaints = Complaints(said.append, quiet_s=0.0)
    for words in ("a", "b", None):
        complaints.heard(words)
    await settled()
    complaints.heard("c")
    complaints.close()
    complaints.heard("d")
    await settled()
    assert said == ["a", "c"]


async def settled() -> None:
    """Let the loop's timers run."""
    await asyncio.to_thread(lambda: None)
    await asyncio.to_thread(lambda: None)
