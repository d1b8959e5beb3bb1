"""Pairs of instructions that must never be taken for each other, and pairs that say the same."""

from hashlib import blake2b
from pathlib import Path

Pair = tuple[str, str]
_FOLDER = Path(__file__).parent


def pairs(name: str) -> list[Pair]:
    """The pairs of one file."""
    lines = (_FOLDER / f"{name}.tsv").read_text("utf-8").splitlines()
    split = [line.split("\t") for line in lines if line and not line.startswith("#")]
    assert all(len(parts) == 2 for parts in split), name
    return [(one, other) for one, other in split]


def is_for_tuning(pair: Pair) -> bool:
    """Whether a pair belongs to the half that anything may be fitted to; the other half is only counted."""
    return blake2b("\t".join(pair).encode()).digest()[0] % 2 == 0


def tuning_half() -> tuple[list[Pair], list[Pair]]:
    """Opposites and paraphrases to fit words and threshold to."""
    opposites = [pair for pair in pairs("opposites") if is_for_tuning(pair)] + pairs("opposites_tuning")
    return opposites, [pair for pair in pairs("paraphrases") if is_for_tuning(pair)]


def held_out_half() -> tuple[list[Pair], list[Pair]]:
    """The others of the first writing."""
    opposites = [pair for pair in pairs("opposites") if not is_for_tuning(pair)]
    return opposites, [pair for pair in pairs("paraphrases") if not is_for_tuning(pair)]


def written_last() -> tuple[list[Pair], list[Pair]]:
    """Those that were written when everything was done, and looked at once."""
    return pairs("opposites_heldout"), pairs("paraphrases_heldout")
