"""What the words of an instruction say about how hard it is. Pure; one number for each feature."""

import math
import re

_GROUPS = {
    "typo": r"typos?|mis?spell\w*|spelling|grammar|wording|punctuation|quotes?",
    "docs": r"docs?|document\w*|readme|changelog|comments?|docstrings?|changes|authors|license|copyright|contributing",
    "style": (
        r"style|format\w*|lint\w*|black|ruff|flake8|pep-?8|prettier|gofmt|eslint|whitespace|indent\w*|blank lines?"
        r"|tidy|isort|line length|pylint|newlines?|semicolons?"
    ),
    "imports": r"imports?|unused|reorder|sort(?:ed)?",
    "rename": r"renam\w*|naming|var(?:iable)? names?",
    "types": r"typing|type hints?|annotat\w*|typed|mypy|types?|typings?|typescript",
    "version": r"bump\w*|versions?|pin(?:ned)?|upgrade\w*|releas\w*|v?\d+\.\d+(?:\.\d+)?\w*",
    "upkeep": r"chore|ci|build|workflows?|actions?|deps?|dependenc\w*|sponsors?|config\w*",
    "tests": r"tests?|testing|spec|coverage|pytest|fixtures?|mock\w*",
    "fix": r"fix(?:e[sd]|ing)?|bugs?|issues?|resolv\w*|correct\w*|handle[sd]?|prevent\w*|avoid\w*|regress\w*",
    "add": r"add(?:s|ed|ing)?|feat(?:ure)?|implement\w*|support\w*|new|introduc\w*|allow\w*|enable\w*|option\w*",
    "restructure": (
        r"refactor\w*|clean\w*|simplif\w*|reorgani[sz]\w*|restructur\w*|extract\w*|mov(?:e[sd]?|ing)|split\w*|rewrite"
        r"|rewrote|redesign|rework\w*|convert\w*|port\w*|migrat\w*"
    ),
    "remove": r"remov(?:e[sd]?|ing|al\w*)|delet\w*|drop\w*|deprecat\w*|revert\w*|obsolete|undo",
    "change": r"updat\w*|chang(?:e[sd]?|ing)|improv\w*|adjust\w*|tweak\w*|minor|small",
    "wide": r"merg\w*|sync\w*|all|every\w*|across|several|multiple|many|various|throughout|and",
    "text": (
        r"messages?|text|strings?|labels?|url|links?|colou?rs?|logo|title|prompts?|description|default|model|names?"
    ),
    "speed": r"perf\w*|optimi[sz]\w*|speed|fast\w*|cach\w*|async|await|thread\w*",
}
GROUPS = {name: re.compile(rf"\b(?:{words})\b", re.IGNORECASE) for name, words in _GROUPS.items()}
"""Kinds of work by the words people use for them."""
LABELS = ("style", "docs", "doc", "chore", "ci", "test", "tests", "feat", "fix", "refactor", "perf", "build", "typo")
_LABEL = re.compile(r"\s*(\w+)(?:\([^)]*\))?!?:")
_NAME = re.compile(
    r"[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)+|\w+_\w+|[a-z]+[A-Z]\w*|[A-Z][a-z]+[A-Z]\w*|(?<=`)[^`]+(?=`)|\w+(?=\(\))"
)
"""What looks like a name of the code: dotted, in two cases, with underscores, quoted, or called."""
_MOST_CHARS = 4000
"""An instruction is read so far; a longer one counts as long anyway."""


def split_instruction(instruction: str) -> tuple[str, str]:
    """The first line and the rest, both without white space around them."""
    first, _, rest = instruction.strip()[:_MOST_CHARS].partition("\n")
    return first.strip(), rest.strip()


def code_names(first_line: str) -> frozenset[str]:
    """What looks like names of the code, without what is in front of their last dot."""
    return frozenset(name.rpartition(".")[2] for name in _NAME.findall(first_line))


def plain_words(first_line: str) -> frozenset[str]:
    """Lower-case words of four letters or more."""
    return frozenset(word.lower() for word in re.findall(r"[A-Za-z_]{4,}", first_line))


def groups_in(text: str) -> tuple[str, ...]:
    """The kinds of work a text speaks of."""
    return tuple(name for name, pattern in GROUPS.items() if pattern.search(text))


def word_features(instruction: str) -> dict[str, float]:
    """Features of an instruction by name; those that are zero are left out."""
    first, rest = split_instruction(instruction)
    found: dict[str, float] = {f"first:{name}": 1.0 for name in groups_in(first)}
    label = _LABEL.match(first)
    if label is not None:
        found["labelled"] = 1.0
        if label[1].lower() in LABELS:
            found[f"label:{label[1].lower()}"] = 1.0
    n_words = len(re.findall(r"[A-Za-z_]+", first))
    found |= {
        "first_words": float(n_words),
        "first_short": float(n_words <= 3),
        "first_joined": float(re.search(r"\band\b|[,;&+]", first) is not None),
        "first_quotes": float(re.search(r"[\"'`].+[\"'`]", first) is not None),
        "rest_length": math.log1p(len(rest)),
        "rest_long": float(300 < len(rest)),
        "rest_items": float(min(6, len(re.findall(r"^\s*[*-] ", rest, re.MULTILINE)))),
        "rest_paragraphs": float(min(6, rest.count("\n\n"))),
        "names": float(min(4, len(code_names(first)))),
    }
    return {name: value for name, value in found.items() if value}
