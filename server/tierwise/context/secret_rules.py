"""What our own rules take for a secret, beside those of the scanner: shapes it does not know, and wrapped ones."""

import base64
import binascii
import re
from collections.abc import Iterable
from dataclasses import dataclass

_LEAST = 8


@dataclass(frozen=True, slots=True)
class Secret:
    """One secret in a text."""

    kind: str
    """The rule's name, for people."""
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Shape:
    """What one kind of secret looks like."""

    kind: str
    begins: tuple[str, ...]
    """In small letters, the strings one of which it begins with; looked for first, since a search for plain strings is
    many times quicker than one for patterns."""
    pattern: re.Pattern[str]
    must_look_random: bool = False


_SECRET_WORDS = (
    "secret", "token", "password", "passwd", "passphrase", "pwd", "apikey", "api_key", "private_key", "privatekey",
    "credential",
)  # fmt: skip
_SHAPES = (
    Shape("private-key", ("-----begin ",), re.compile(
        r"-----BEGIN [A-Z ]*PRIVATE KEY(?: BLOCK)?-----(?:[\s\S]+?-----END [A-Z ]*PRIVATE KEY(?: BLOCK)?-----"
        r"|(?:\s*[A-Za-z0-9+/=]{16,})+)"
    )),
    Shape("authorization", ("authorization",), re.compile(
        r"(?i)authorization[\"']?\s*[:=,]\s*[frb]?[\"']?\s*(?:bearer|basic|token)\s+(?P<value>[A-Za-z0-9+/=._~-]{16,})"
    )),
    Shape("bearer-token", ("bearer ",), re.compile(r"(?i)bearer\s+(?P<value>[A-Za-z0-9._~+/-]{24,}=*)"), True),
    Shape("aws-access-key-id", ("akia", "asia"), re.compile(r"(?:AKIA|ASIA)[A-Z2-7]{16}\b")),
    Shape("discord-webhook", ("discord",), re.compile(
        r"(?i)discord(?:app)?\.com/api/webhooks/\d{17,20}/(?P<value>[\w-]{60,72})"
    )),
    Shape("telegram-bot-token", (":aa",), re.compile(r":AA[\w-]{32,34}\b")),
    Shape("prefixed-key", ("nrak-", "ntn_", "pscale_", "fo1_", "fm2_", "key-", "secret_", "sk", "ac"), re.compile(
        r"(?<!\w)(?:NRAK-[A-Z0-9]{27}|ntn_[A-Za-z0-9]{40,50}|pscale_(?:tkn|pw|oauth)_[\w-]{32,64}|fo1_[\w-]{43}"
        r"|fm2_[\w+/=-]{60,}|key-[0-9a-f]{32}|SK[0-9a-f]{32}|AC[0-9a-f]{32}|secret_[A-Za-z0-9]{43})(?!\w)"
    )),
    Shape("password-in-words", ("password", "passwd", "passphrase", "pw", "pwd"), re.compile(
        r"(?i)(?<!\w)(?:password|passwd|passphrase|pw|pwd)\b[\"']?\s+(?:is|was|=>|->)\s*:?\s*[\"'`]?"
        r"(?P<value>[^\s\"'`]{8,})"
    ), True),
    Shape("assigned-secret", _SECRET_WORDS, re.compile(
        r"(?i)(?:secret|token|passw(?:or)?d|passphrase|pwd|api_?key|private_?key|credential)\w*[\"']?\s*(?::=|[:=])\s*[frbu]?"
        r"(?P<quote>[\"'`])(?P<value>[^\"'`\s{}$<>]{12,})(?P=quote)"
    ), True),
)  # fmt: skip
_ZAI = re.compile(r"(?<![\w.])[0-9a-f]{32}\.[A-Za-z0-9]{16}(?![\w.])")
_WRAPPED = re.compile(r"(?<![A-Za-z0-9+/=_-])[A-Za-z0-9+/_-]{28,}={0,2}(?![A-Za-z0-9+/=_-])")
_PIECES = re.compile(r"([\"'])([A-Za-z0-9_+/.=-]{2,})\1(?:\s*\+?\s*([\"'])([A-Za-z0-9_+/.=-]{2,})\3)+")
_PIECE = re.compile(r"([\"'])([A-Za-z0-9_+/.=-]{2,})\1")


def by_own_rules(text: str) -> Iterable[Secret]:
    """What our own shapes find."""
    lowered = text.lower() if text.isascii() else "".join(char.lower() if char.isascii() else char for char in text)
    for shape in _SHAPES:
        for begin in shape.begins:
            yield from _begun(shape, begin, text, lowered)
    if "." in text:
        yield from (Secret("zai-api-key", *match.span()) for match in _ZAI.finditer(text))


def _begun(shape: Shape, begin: str, text: str, lowered: str) -> Iterable[Secret]:
    """The secrets of one shape that begin with one string."""
    at = lowered.find(begin)
    while 0 <= at:
        match = shape.pattern.match(text, at)
        if match is not None:
            group: int | str = "value" if "value" in shape.pattern.groupindex else 0
            if not shape.must_look_random or looks_random(match[group]):
                yield Secret(shape.kind, *match.span(group))
        at = lowered.find(begin, at + 1)


def looks_random(value: str) -> bool:
    """Whether a value is more like a made-up string than like words, a name or an address."""
    kinds = [any(test(char) for char in value) for test in (str.isdigit, str.islower, str.isupper)]
    has_symbol = not value.replace("_", "").replace("-", "").replace(".", "").isalnum()
    is_path = "/" in value and all(len(part) < 20 for part in value.split("/"))
    words = re.split(r"[-_./:]", value)
    is_wordy = sum(len(word) for word in words if word.isalpha()) > 0.75 * len(value) and 1 < len(words)
    return _LEAST <= len(value) and 2 <= sum(kinds) + has_symbol and kinds[0] and not is_path and not is_wordy


def wrapped(text: str) -> Iterable[tuple[Secret, str]]:
    """Stretches that are another text in base64, with that text."""
    for match in _WRAPPED.finditer(text):
        raw = match[0].replace("-", "+").replace("_", "/")
        try:
            inner = base64.b64decode(raw + "=" * (-len(raw) % 4), validate=True).decode("ascii")
        except (binascii.Error, UnicodeDecodeError):
            continue
        if inner.isprintable() or "PRIVATE KEY" in inner:
            yield Secret("base64", *match.span()), inner


def split(text: str) -> Iterable[tuple[tuple[Secret, ...], str]]:
    """Literals that are put together in the code: the longer pieces, with the whole."""
    for match in _PIECES.finditer(text):
        pieces = [(m.start(2) + match.start(), m[2]) for m in _PIECE.finditer(match[0])]
        whole = "".join(piece for _, piece in pieces)
        if 20 <= len(whole):
            long = [Secret("split", at, at + len(piece)) for at, piece in pieces if _LEAST <= len(piece)]
            yield tuple(long), whole
