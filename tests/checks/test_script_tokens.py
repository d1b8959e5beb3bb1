"""What the tokens of scripts say is the same, the trees say is the same as well."""

import random

import pytest

from checks import same_program_traps as traps
from checks.same_program_cases import CHANGED, SAME
from checks.script_mutants import ELEMENTS, STATEMENTS, mutant
from tierwise.checks.reading import Reading
from tierwise.checks.same_program import same_code
from tierwise.checks.written_alike import Likeness, likeness
from tierwise.text import Rejection

LANGUAGES = ("javascript", "javascriptreact", "typescript", "typescriptreact")


def texts(language: str) -> list[str]:
    tables = (SAME, traps.SAME, CHANGED, traps.CHANGED)
    pairs = [pair for table in tables for pair in table.get(language, [])]
    own = ELEMENTS if language == "typescriptreact" else STATEMENTS
    return [own] * 8 + sorted({text for pair in pairs for text in pair})


def check_mutants(language: str, n_tries: int) -> int:
    """How many mutants are seen to be the same by their tokens; each of them must be the same by its tree."""
    rng = random.Random(language)  # noqa: S311 - chance, no secret
    candidates = [text for text in texts(language) if not Reading(text, language).n_errors]
    n_alike = 0
    for _ in range(n_tries):
        before = rng.choice(candidates)
        after = mutant(before, rng)
        old, new = Reading(before, language), Reading(after, language)
        alike = likeness(before, after, old.grammar or "")
        if after == before or alike is Likeness.UNKNOWN or (alike is Likeness.BUT_FOR_SIGNS and new.n_errors):
            continue
        n_alike += 1
        verdict = same_code(old, new)
        assert not isinstance(verdict, Rejection), (before, after, verdict)
    return n_alike


@pytest.mark.parametrize("language", LANGUAGES)
def test_tokens_never_say_more_than_trees(language: str) -> None:
    assert 50 <= check_mutants(language, 600)


@pytest.mark.slow
@pytest.mark.parametrize("language", LANGUAGES)
def test_tokens_never_say_more_than_trees_at_length(language: str) -> None:
    assert 400 <= check_mutants(language, 4_000)


SIGNS = {
    "semicolons": ("let a = 1;\nlet b = f(a);\n", "let a = 1\nlet b = f(a)\n"),
    "in front of a brace": ("if (a) { return b; }\n", "if (a) { return b }\n"),
    "after a brace": ("let f = () => {};\nlet g = 1;\n", "let f = () => {}\nlet g = 1\n"),
    "with a comment": ("let a = 1; // one\nlet b;\n", "let a = 1 // one\nlet b\n"),
    "last commas": ("f({ a, b }, [1, 2], c)\n", "f({ a, b, }, [1, 2,], c,)\n"),
}
SIGNS_IN_VALID_TEXTS = {
    "of a value": ("f({ a: { b } })\n", "f({ a: { b, }, })\n"),
    "of parameters": ("let f = (a, b) => a\n", "let f = (a, b,) => a\n"),
}
MORE_THAN_SIGNS = {
    "an empty loop": ("while (f(a));\nlet b = 1\n", "while (f(a))\nlet b = 1\n"),
    "a parenthesis in the next line": ("let a = b;\n(c)\n", "let a = b\n(c)\n"),
    "a bracket in the next line": ("let a = b;\n[c]\n", "let a = b\n[c]\n"),
    "a missing element": ("let a = [1,,]\n", "let a = [1,]\n"),
    "a field that is called get": ("class A { get;\nx() {} }\n", "class A { get\nx() {} }\n"),
    "a comma after a regular expression": ("f(() => {\na(/b/);\n})\n", "f(() => {\na(/b/);\n,})\n"),
    "a line for the shell": ("#!/usr/bin/env node\na\n", " #!/usr/bin/env node\na\n"),
    "a head": ("for (a;\nb; c) d()\n", "for (a\nb; c) d()\n"),
    "a comma between members": ("class A { b(): void }\n", "class A { b(): void ,}\n"),
    "another branch": ("if (a) b\nelse;\nlet c\n", "if (a) b\nelse\nlet c\n"),
}


@pytest.mark.parametrize("name", SIGNS)
def test_signs_that_say_nothing(name: str) -> None:
    assert likeness(*SIGNS[name], "javascript") is Likeness.ALIKE


@pytest.mark.parametrize("name", SIGNS_IN_VALID_TEXTS)
def test_signs_that_say_nothing_in_valid_texts(name: str) -> None:
    assert likeness(*SIGNS_IN_VALID_TEXTS[name], "javascript") is Likeness.BUT_FOR_SIGNS


@pytest.mark.parametrize("name", MORE_THAN_SIGNS)
def test_signs_that_say_something_are_left_to_the_trees(name: str) -> None:
    assert likeness(*MORE_THAN_SIGNS[name], "javascript") is Likeness.UNKNOWN


def test_text_between_tags_is_compared_as_it_is_shown() -> None:
    before = "let a = <p>\n  one  two\n  three\n</p>\n"
    assert likeness(before, before.replace("\n  ", "\n      "), "tsx") is Likeness.ALIKE
    assert likeness(before, before.replace("one  two", "one two"), "tsx") is Likeness.UNKNOWN
    assert likeness(before, before.replace("<p>\n", "<p> \n"), "tsx") is Likeness.ALIKE
    assert likeness(before, before.replace("<p>\n  one", "<p> one"), "tsx") is Likeness.UNKNOWN
