"""Worked cases: the documentation, the test, and the turn the model is shown."""

from tierwise.actions.base import Example


def written(language: str, before: str, tests: str, framework: str | None = None) -> Example:
    """An example whose reply is a test file and nothing else."""
    return Example(language=language, before=before, reply=_fenced(language, tests), after=tests, framework=framework)


def rewritten(
    language: str, before: str, after: str, *, instruction: str | None = None, diagnostic: str | None = None
) -> Example:
    """An example whose target is all that is shown, and whose reply is the target's new text."""
    return Example(
        language=language,
        before=before,
        reply=_fenced(language, after),
        after=after,
        instruction=instruction,
        diagnostic=diagnostic,
    )


def _fenced(language: str, text: str) -> str:
    return f"```{language}\n{text}```\n"
