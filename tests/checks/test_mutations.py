"""Small changes to real texts: whatever alters the tokens of a program is refused, whatever only moves them is not."""

import random
import re
from collections.abc import Callable

import pytest

from checks import same_program_traps as traps
from checks.same_program_cases import SAME
from tierwise.checks import Accepted, Change, Check, verify
from tierwise.syntax.tokens import Token, tokens
from tierwise.text import Rejection

N_TRIES = 40
LANGUAGES = sorted(set(SAME) - {"plaintext"})
_NAME = re.compile(r"[A-Za-z_]\w*")


def judge(language: str, before: str, after: str) -> Accepted | Rejection:
    change = Change(f"a.{language}", language, before, after, must_keep_comments=False)
    return verify([Check.PARSES, Check.SAME_PROGRAM], change)


def texts(language: str) -> list[str]:
    pairs = [*SAME[language], *traps.SAME.get(language, [])]
    return sorted({text for pair in pairs for text in pair})


def code_tokens(text: str, language: str) -> list[Token]:
    return [token for token in tokens(text, language) if "comment" not in token.kind]


def renamed(text: str, found: list[Token], rng: random.Random) -> str | None:
    """One name of several becomes another one."""
    names = [token for token in found if _NAME.fullmatch(token.text) and 1 == len(token.text)]
    if not names:
        return None
    token = rng.choice(names)
    return f"{text[: token.span.start]}zz9{text[token.span.end :]}"


def renumbered(text: str, found: list[Token], rng: random.Random) -> str | None:
    numbers = [token for token in found if token.text.isdigit()]
    if not numbers:
        return None
    token = rng.choice(numbers)
    return f"{text[: token.span.start]}{int(token.text) + 7}{text[token.span.end :]}"


def doubled(text: str, found: list[Token], rng: random.Random) -> str | None:
    """One name stands there twice."""
    names = [token for token in found if _NAME.fullmatch(token.text)]
    if not names:
        return None
    token = rng.choice(names)
    return f"{text[: token.span.end]}{token.text}{text[token.span.end :]}"


def dropped(text: str, found: list[Token], rng: random.Random) -> str | None:
    """One name is gone."""
    names = [token for token in found if _NAME.fullmatch(token.text)]
    if not names:
        return None
    token = rng.choice(names)
    return f"{text[: token.span.start]}{text[token.span.end :]}"


def with_other_operator(text: str, found: list[Token], rng: random.Random) -> str | None:
    signs = [token for token in found if token.text in ("+", "-", "&&", "||", "==", "and", "or")]
    if not signs:
        return None
    token = rng.choice(signs)
    other = {"+": "-", "-": "+", "&&": "||", "||": "&&", "==": "!=", "and": "or", "or": "and"}[token.text]
    return f"{text[: token.span.start]}{other}{text[token.span.end :]}"


MUTATIONS: list[Callable[[str, list[Token], random.Random], str | None]] = [
    renamed,
    renumbered,
    doubled,
    dropped,
    with_other_operator,
]


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_change_of_tokens_is_taken_for_formatting(language: str) -> None:
    rng = random.Random(language)  # noqa: S311 - chance, no secret
    wrong: list[tuple[str, str, str]] = []
    n_tried = 0
    for text in texts(language):
        found = code_tokens(text, language)
        for _ in range(N_TRIES // 4):
            mutate = rng.choice(MUTATIONS)
            mutant = mutate(text, found, rng)
            if mutant is None or mutant == text:
                continue
            n_tried += 1
            if isinstance(judge(language, text, mutant), Accepted):
                wrong.append((mutate.__name__, text, mutant))
    assert 10 <= n_tried
    assert wrong == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_same_text_is_the_same_program(language: str) -> None:
    for text in texts(language):
        assert isinstance(judge(language, text, text), Accepted)
        assert isinstance(judge(language, text, text.rstrip("\n") + "\n"), Accepted)
