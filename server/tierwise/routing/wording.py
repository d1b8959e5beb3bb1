"""Whether two instructions ask for the same thing, as far as their words tell. Pure.

Vectors of sentences put opposites close together: "sort ascending" lies nearer to "sort descending" than most
paraphrases do to each other, and no threshold mends that. So this is not a list of known opposites, which would never
be complete: every word that carries meaning has to be found in the other instruction as well, as itself or as a word
that always says the same, and in the same order. Numbers, names, quotations and signs have to be equal to the letter.
What is doubtful is different.
"""

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import combinations

from tierwise.routing.wording_words import (
    EMPTY,
    MANNERS,
    NOUNS,
    NUMBERS,
    PHRASES,
    PREPOSITIONS,
    PRONOUNS,
    SENSES,
    SOFT,
)
from tierwise.text import Rejection

_MOST_CHARS = 400
"""A longer instruction holds more than its vector does, so it is compared with nothing."""
_CJK = "\u3040-\u30ff\u3400-\u9fff"
_STOPS = "\u2013\u2014\u2026\u3001\u3002\uff0c\uff01\uff1f\u061f\u00bf\u00a1"
_TOKEN = re.compile(
    r"(?P<quote>`[^`]*`|\"[^\"]*\"|“[^”]*”|«[^»]*»|「[^」]*」|(?<!\w)'[^']*'(?!\w))"
    rf"|(?P<cjk>[{_CJK}])"
    r"|(?P<number>\d+(?:[.,:]\d+)*%?)"
    rf"|(?P<word>[^\W\d{_CJK}][^\W{_CJK}]*(?:[./:\\][^\W\d]\w*)*(?:\(\))?)"
    rf"|(?P<sign>[^\w\s.,;:!?'\"()\-{_STOPS}]+|(?<=\s)[-!?:]+(?=\s)|[-!?:.]=?>?=(?!\w)|->|\.\.+|::|--\w*)"
    r"|(?P<stop>[.!?\u3002\uff01\uff1f\n])"
)
_ARTICLE = "a"
_VOWEL = re.compile(r"[aeiouyäöüéèáíóú]")


@dataclass(frozen=True, slots=True)
class Word:
    """One word that carries meaning."""

    text: str
    """Itself without what only its place in the sentence asks for; `=` begins what must be equal to the letter."""
    senses: frozenset[str] = frozenset()
    ending: str = ""
    """`ing`, `ed` or nothing: who calls is not who is called."""
    role: str = ""
    """The small word in front of it that says which part it plays."""
    raw: str = ""
    """As it was written, but for large letters."""

    def is_like(self, other: "Word") -> bool:
        """Whether one may stand for the other."""
        if self.text == other.text:
            return not self.ending or not other.ending or self.ending == other.ending
        return bool(self.senses & other.senses)


@dataclass(frozen=True, slots=True)
class Wording:
    """An instruction without the words that say nothing."""

    words: tuple[Word, ...]
    manner: str
    """A word whose place does not matter; empty: there is none."""
    is_exact: bool
    """Whether two of its words could stand for each other, so that it must be them that are told apart."""
    soft: tuple[str, ...]
    """Words that may stand in one of two instructions alone."""


def differing(one: str, other: str) -> Rejection | None:
    """What may make two instructions ask for different things; None: nothing does, they are paraphrases."""
    if _MOST_CHARS < max(len(one), len(other)):
        return Rejection("too-long", f"instructions of over {_MOST_CHARS} characters are not compared")
    if " ".join(one.split()) == " ".join(other.split()):
        return None
    first, second = wording_of(one), wording_of(other)
    if not first.words or not second.words:
        return Rejection("no-words", "an instruction without a word that carries meaning is compared with none")
    if first.manner != second.manner:
        return _differ(first.manner, second.manner)
    if not (_holds(first.soft, second.soft) or _holds(second.soft, first.soft)):
        return _differ(" ".join(first.soft), " ".join(second.soft))
    return _compare(first.words, second.words, is_exact=first.is_exact or second.is_exact)


def wording_of(instruction: str) -> Wording:
    """The words of an instruction that carry meaning, in their order."""
    text = unicodedata.normalize("NFC", instruction).replace("\u2019", "'").strip()
    for pattern, replacement in PHRASES:
        text = pattern.sub(replacement, text)
    words = list(_named(list(_words(text))))
    is_exact = any(one.raw != other.raw and one.is_like(other) for one, other in combinations(words, 2))
    manners = [word for word in words if word.senses & MANNERS]
    manner = ""
    if len(manners) == 1 and not is_exact:
        manner = min(manners[0].senses)
        words.remove(manners[0])
    soft = tuple(word.text for word in words if word.text in SOFT)
    return Wording(tuple(word for word in words if word.text not in SOFT), manner, is_exact, soft)


def _compare(first: Sequence[Word], second: Sequence[Word], *, is_exact: bool) -> Rejection | None:
    n_lost_roles = 0
    for one, other in zip(first, second, strict=False):
        if one.raw != other.raw and (is_exact or not one.is_like(other)):
            return _differ(one.text, other.text)
        if one.role != other.role:
            if one.role and other.role:
                return _differ(f"{one.role} {one.text}", f"{other.role} {other.text}")
            n_lost_roles += 1
    if len(first) != len(second):
        longer = first if len(second) < len(first) else second
        return _differ(longer[min(len(first), len(second))].text, "")
    if 1 < n_lost_roles:
        return Rejection("different-words", "the words play different parts")
    return None


def _holds(longer: Sequence[str], shorter: Sequence[str]) -> bool:
    """Whether all of the shorter stands in the longer, in its order."""
    rest = iter(longer)
    return all(word in rest for word in shorter)


def _differ(one: str, other: str) -> Rejection:
    one, other = one.removeprefix("="), other.removeprefix("=")
    if one and other:
        return Rejection("different-words", f"{one!r} is not {other!r}")
    return Rejection("different-words", f"only one of them says {one or other!r}")


def _words(text: str) -> Iterator[Word]:
    role, is_first = "", True
    tokens = [(str(match.lastgroup), match.group()) for match in _TOKEN.finditer(text)]
    for (kind, token), (kind_after, after) in zip(tokens, [*tokens, ("stop", "")][1:], strict=True):
        if kind == "stop":
            role, is_first = "", True
            continue
        is_alone = kind_after != "word" or after.lower() in PREPOSITIONS
        is_name = (token == _ARTICLE and is_alone) or (bool(role) and token.lower() in PRONOUNS)
        word = Word(f"={token}") if is_name else _word(kind, token, is_first=is_first)
        is_first = False
        if word is None:
            continue
        if word.text in PREPOSITIONS:
            role = PREPOSITIONS[word.text]
            continue
        yield replace(word, role=role, raw=token.lower() if word.text[0] != "=" else word.text)
        role = ""


def _word(kind: str, token: str, *, is_first: bool) -> Word | None:
    """One token; None: it says nothing."""
    if kind == "quote":
        # The kind of quotation marks may be what it is about; a name may stand between backticks or without.
        return Word("=" + (token[1:-1] if token[0] == "`" else token))
    if kind != "word" or _is_name(token, is_first=is_first):
        return Word(f"={token}", frozenset({f"#{token}"}) if kind == "number" else frozenset())
    plain = token.lower()
    if plain in NUMBERS:
        return Word(plain, frozenset({f"#{NUMBERS[plain]}"}))
    if plain in EMPTY:
        return None
    if plain in SENSES or plain in PREPOSITIONS or plain in SOFT:
        return Word(plain, SENSES.get(plain, frozenset()))
    stem, ending = _stem(plain)
    return Word(stem, SENSES.get(stem, frozenset()), ending)


def _is_name(token: str, *, is_first: bool) -> bool:
    """Whether a word is written like a name, whose every letter counts."""
    if not token.isalpha() or not token.isascii():
        return not token.isalpha() or token[1:] != token[1:].lower()
    if token[1:] != token[1:].lower():
        return True
    return token[0].isupper() and not is_first


def _stem(word: str) -> tuple[str, str]:
    """An English word without the ending its place asks for, and that ending where it changes who does what."""
    if not word.isascii() or len(word) < 4:
        return word, ""
    if word.endswith("ies"):
        word = word[:-3] + "y"
    elif word.endswith("s") and not word.endswith(("ss", "us", "is")):
        word = word[:-2] if word.endswith(("shes", "ches", "sses", "xes")) else word[:-1]
    ending = next((end for end in ("ing", "ed") if word.endswith(end)), "")
    stem = word[: len(word) - len(ending)]
    if len(stem) < 3 or not _VOWEL.search(stem):
        stem, ending = word, ""
    if ending and stem[-1] == stem[-2] and stem[-1] not in "sl":
        stem = stem[:-1]
    return stem.removesuffix("e"), ending


def _named(words: list[Word]) -> Iterator[Word]:
    """The words without nouns that only say what the name behind them is the name of."""
    for index, word in enumerate(words):
        following = words[index + 1].text if index + 1 < len(words) else ""
        is_named = following.startswith("=") and following[1:2].isalpha()
        if word.text in NOUNS and is_named and not word.role:
            continue
        yield word
