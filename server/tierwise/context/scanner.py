"""Finding secrets: the scanner betterleaks, which knows the shapes of some 460 kinds, and our own rules.

betterleaks is a compiled library that works in this process and asks nobody; it takes 30 MB of memory from its first
use on, so that is when it is loaded. It was measured with 2.0: 7 ms for 100 KB; in the 858,000 lines of Python 3.11's
library, tests included, it finds 46 places, nearly all of them passwords of tests.
"""

import importlib
import re
from collections.abc import Callable, Iterable, Sequence
from functools import lru_cache
from typing import Any, Protocol

from tierwise.context.secret_rules import Secret, by_own_rules, split, wrapped

FindSecrets = Callable[[str], tuple[Secret, ...]]
_GENERIC = ("generic-password", "generic-api-key", "generic-credential-uri")
_PLAIN_WORD = re.compile(r"[A-Za-z_.()\[\]]+")
_LEAST_WORD = 8
_LONG = 12
"""A value this long is taken for the secret wherever it stands in the text, not only where it was recognized."""
_IN_ADDRESS = re.compile(r"[\w=+/.-]{16}[&?;,<>()|]")
_MARKS = re.compile(r"[&?;,<>()|]")
_DUMMIES = re.compile(
    r"(?i)^(?:x+|\*+|\.+|<.*>|\$\{.*|%\(.*|your[-_ ]?.*|.*example.*|change_?me|redacted.*|none|null|true|false)$"
)


def find_secrets(text: str) -> tuple[Secret, ...]:
    """Every secret in a text, in order, none inside another."""
    found = [*_by_scanner(text), *by_own_rules(text)]
    hidden = [((secret,), inner) for secret, inner in wrapped(text)]
    return _apart([*found, *_in_disguise([*hidden, *split(text)])])


def _in_disguise(hidden: Sequence[tuple[tuple[Secret, ...], str]]) -> Iterable[Secret]:
    """The stretches whose plain form holds a secret; all are looked at in one go."""
    if not hidden:
        return
    plain = "\n".join(inner for _, inner in hidden)
    secrets = [*_by_scanner(plain), *by_own_rules(plain)]
    start = 0
    for stretches, inner in hidden:
        end = start + len(inner)
        if any(start <= secret.start < end for secret in secrets):
            yield from stretches
        start = end + 1


def is_scanner_there() -> bool:
    """Whether the scanner can be loaded; without it our own rules work alone."""
    return _load() is not None


class _Match(Protocol):
    value: str
    full: str


class _Finding(Protocol):
    rule_id: str
    match: _Match


@lru_cache(maxsize=1)
def _load() -> Callable[[str], list[Any]] | None:
    """The scanner, once its library could be loaded; it exists for most machines, not for all."""
    try:
        betterleaks = importlib.import_module("betterleaks")
    except ImportError:
        return None
    try:
        betterleaks.get_binding()
    except (OSError, betterleaks.BetterleaksError):
        return None
    scan: Callable[[str], list[Any]] = betterleaks.scan_string
    return scan


def _by_scanner(text: str) -> list[Secret]:
    scan = _load()
    if scan is None:
        return []
    # A NUL would end the text for the scanner, and half a character cannot be handed over.
    shown = text.replace("\0", " ").encode("utf-8", "replace").decode("utf-8")
    found: list[Secret] = []
    findings: list[_Finding] = scan(shown)
    if _IN_ADDRESS.search(shown):
        # Most shapes must end at a quote or a space; inside addresses and lists they end at other marks.
        findings += scan(_MARKS.sub(" ", shown))
    for finding in findings:
        kind, value, full = finding.rule_id, finding.match.value, finding.match.full
        if value and not _DUMMIES.match(value) and not (kind in _GENERIC and _is_harmless(full, value)):
            found += _places(shown, kind, value, full)
    return found


def _is_harmless(full: str, value: str) -> bool:
    """Whether what stands behind `password =` is a name of the program, or a word as tests and examples have it."""
    at = full.find(value)
    is_quoted = 0 < at and full[at - 1] in "\"'`"
    is_name = not is_quoted and _PLAIN_WORD.fullmatch(value) is not None
    return is_name or (value.isalpha() and len(value) < _LEAST_WORD)


def _places(text: str, kind: str, value: str, full: str) -> Iterable[Secret]:
    """Where a value stands: everywhere, or when it is short, in its context only."""
    context, inner = (value, 0) if _LONG <= len(value) else (full, max(0, full.find(value)))
    at = text.find(context)
    while 0 <= at:
        yield Secret(kind, at + inner, at + inner + len(value))
        at = text.find(context, at + len(context))


def _apart(found: Iterable[Secret]) -> tuple[Secret, ...]:
    kept: list[Secret] = []
    for secret in sorted(found, key=lambda s: (s.start, -s.end)):
        if kept and secret.start < kept[-1].end:
            last = kept[-1]
            kept[-1] = Secret(last.kind, last.start, max(last.end, secret.end))
        else:
            kept.append(secret)
    return tuple(kept)
