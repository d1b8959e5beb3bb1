"""Vectors of sentences, and whoever makes them."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

Vector = tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Embedded:
    """One vector of length 1 for each sentence, in their order."""

    vectors: tuple[Vector, ...]
    n_tokens: int
    """What the server counted; 0: it did not say."""


class Embedder(Protocol):
    """Makes vectors. Implementations keep nothing and never retry."""

    async def embed(self, texts: Sequence[str], *, must_stay: bool = False) -> Embedded:
        """The vectors of some sentences. Raises BackendError; with `must_stay`, also when they would leave."""
        ...

    async def aclose(self) -> None:
        """Close connections."""
        ...


def likeness(one: Vector, other: Vector) -> float:
    """The cosine of the angle between two vectors of length 1; 0 for vectors of different models."""
    return sum(a * b for a, b in zip(one, other, strict=True)) if len(one) == len(other) else 0.0
