"""The bundled weights themselves: they load, answer without a network, and put the same closer than something else."""

import pytest

from tierwise.backends.embedding import connect_embedder
from tierwise.backends.vectors import likeness
from tierwise.config.similarity_options import SimilarityOptions

pytestmark = pytest.mark.model


async def test_the_bundled_weights_tell_the_same_from_something_else() -> None:
    embedder = connect_embedder(None, "")
    found = await embedder.embed(["Sort in descending order", "please sort descending", "Translate the comments"])
    same, other = (likeness(found.vectors[0], vector) for vector in found.vectors[1:])
    assert other < same
    assert SimilarityOptions().threshold <= same
    await embedder.aclose()
