"""What was wrong with a refused answer, as the end of a sentence that begins with whose it was. Pure."""

from collections.abc import Mapping

_SAID: Mapping[str, str] = {
    "not-the-same-program": "changed the program",
    "not-only-docs": "changed more than documentation",
    "not-only-hints": "changed more than type hints",
    "no-hints-added": "added no type hints",
    "nothing-documented": "documented nothing",
    "no-change": "changed nothing",
    "does-not-parse": "did not parse",
    "comments-lost": "lost comments",
    "emptied-body": "emptied a body",
    "elided-code": "left code out",
    "truncated-reply": "was cut off",
    "empty-reply": "was empty",
    "no-edits": "held no code",
    "malformed-reply": "was not in the form asked for",
    "wrong-file": "was about another file",
    "outside-scope": "changed something else",
    "out-of-scope": "changed something else",
    "public-name-lost": "lost a public name",
    "undefined-name": "used a name that is not defined",
    "unresolved-import": "imported something that is not there",
    "new-diagnostic": "brought a new problem",
    "diagnostic-stays": "did not cure the problem",
    "diagnostic-silenced": "silenced the problem",
    "tests-fail": "held tests that fail",
    "vacuous-tests": "held tests that prove nothing",
    "no-tests-collected": "held no tests",
    "project-tests-fail": "broke the project's tests",
    "hidden-unicode": "held hidden characters",
    "protected-file": "touched a protected file",
    "quote-not-found": "quoted code that is not there",
    "ambiguous-location": "fits several places",
    "size-changed": "is of another size",
}


def refused_words(whose: str, code: str) -> str:
    """For example `local answer changed the program`; a code without words of its own is named."""
    return f"{whose} answer {_SAID.get(code) or f'was refused ({code})'}"
