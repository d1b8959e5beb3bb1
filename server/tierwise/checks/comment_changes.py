"""What happened to the comments of a program whose code stayed the same."""

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from itertools import chain

from tierwise.checks.base import Accepted, Verdict
from tierwise.checks.reading import Reading
from tierwise.syntax.comments import Comment
from tierwise.text import Rejection

_MARKERS = re.compile(
    r"^\s*(?:#[:!]?|//+[!/]?|/\*+!?|\*+/?|--+(?:\[=*\[)?|<!--+)|(?:\*+/|--+>|\]=*\])\s*$", re.MULTILINE
)
_WORD = re.compile(r"\w\S*")
_MAX_SHOWN = 60
_FEW_WORDS = 12

_ANYWHERE = re.compile(r"^#!.*|<!--\s*\[(?:if|endif)\b.*|<!\[endif\]")
_HARD = {
    "python": re.compile(r"^#.*coding[:=]\s*(?!utf-?8)[-\w.]+", re.IGNORECASE),
    "go": re.compile(r"^//(?:go:(?!generate|build)\w+|export\s|line\s).*"),
    "ruby": re.compile(r"^#.*\b(?:frozen[_-]string[_-]literal|encoding|coding|shareable_constant_value)\s*:.*"),
    # Documentation is an attribute of what follows it.
    "rust": re.compile(r"^//(?:!|/(?!/)).*|^/\*(?:!|\*(?![*/])).*", re.DOTALL),
    "javascript": re.compile(r".*@(?:jsx\w*|flow)\b.*", re.DOTALL),
    "typescript": re.compile(r"^///\s*<.*|.*@jsx\w*\b.*", re.DOTALL),
    "tsx": re.compile(r"^///\s*<.*|.*@jsx\w*\b.*", re.DOTALL),
}
"""Comments that compilers and interpreters obey."""
_SOFT = re.compile(
    r"""
    \#\s*(?:type:|noqa|fmt:|pragma|pylint:|mypy:|pyright:|ruff:|isort:|yapf:|nosec|nopep8|flake8:|bandit|pyre-|rubocop:
        |sorbet|typed:|shellcheck|yamllint|checkov|tflint)
    | (?://|/\*)\s*(?:eslint|@ts-|prettier-ignore|tslint:|istanbul|c8|v8|nolint|clang-format|NOLINT|IWYU|go:generate
        |biome-ignore|oxlint|jshint|jslint|jscs|webpack|@vite|[\#@]__PURE__|phpcs:|@phpstan|stylelint|rustfmt|ReSharper
        |\#\s*sourceMappingURL)
    | --+\s*(?:luacheck|stylua|selene|@diagnostic)
    | <!--\s*(?:prettier-ignore|eslint|htmlhint)
    """,
    re.VERBOSE,
)
"""Comments that tools obey."""
_FOR_ALL = re.compile(
    r"eslint-(?:disable|enable)(?!-)|fmt:\s*o|@ts-nocheck|pylint:|mypy:|ruff:|isort:|flake8:|-file|clang-format o"
)
"""Comments for tools that hold for a file or until further notice."""
_BUILD_TAG = re.compile(r"^//\s*(?:go:build|\+build)\s+(?P<words>.*)")


def compare_comments(before: Reading, after: Reading, *, must_keep: bool) -> Verdict:
    """Refuse changed orders to the compiler and lost comments; note the rest.

    With `must_keep` every word of every comment has to be kept, though it may move. Without, losses are noted and
    only a file that loses most of its comments is refused.
    """
    if _may_be_equal(before, after):
        return Accepted()
    refusal = _disobeyed(before, after, must_keep=must_keep)
    if refusal is not None:
        return refusal
    lost_order = _lost(_orders(before.comments), _orders(after.comments))
    lost_words = _words(before.comments) - _words(after.comments)
    if not lost_order and not lost_words:
        is_more = len(_all_words(before.comments)) < len(_all_words(after.comments))
        return Accepted(("comments were added",) if is_more else ())
    example = _shorten(lost_order[0] if lost_order else _example(before.comments, lost_words))
    if must_keep:
        return Rejection("comments-lost", f"the comment {example} is gone or changed; keep every comment as it is")
    n_lost = lost_words.total()
    if _FEW_WORDS < n_lost and _words(before.comments).total() < 2 * n_lost:
        return Rejection("comments-lost", f"most comments are gone, the first is {example}; keep every comment")
    return Accepted((f"the comment {example} is gone or changed",))


def _disobeyed(before: Reading, after: Reading, *, must_keep: bool) -> Rejection | None:
    """Why comments that somebody obeys no longer have their effect."""
    changed = _changed_order(before, after)
    if changed is not None:
        words = f"the comment {_shorten(changed)} is an order to the compiler and must stay as it is"
        return Rejection("directive-changed", words)
    moved = _moved_order(before, after) if must_keep else None
    if moved is not None:
        return Rejection("directive-moved", f"the comment {_shorten(moved)} no longer stands where it works")
    return None


def has_orders(text: str) -> bool:
    """Whether a text may hold comments that tools obey, for which their place counts."""
    return _SOFT.search(text) is not None


def comment_words(comments: Iterable[Comment]) -> Counter[str]:
    """The words of all comments, without markers and decoration."""
    return _words(comments)


def _may_be_equal(before: Reading, after: Reading) -> bool:
    """Whether the texts show at once that no comment changed."""
    if before.grammar == "python":
        # This saves the grammar's parse, which Python's own tree makes needless otherwise.
        return _tails(before.text) == _tails(after.text)
    has_orders = any(_SOFT.match(comment.text) for comment in before.comments)
    if has_orders or (before.grammar == "go" and 'import "C"' in before.text):
        return False
    return [comment.text.split() for comment in before.comments] == [comment.text.split() for comment in after.comments]


def _tails(text: str) -> Counter[str]:
    return Counter(line[line.index("#") :].strip() for line in text.splitlines() if "#" in line)


def _words(comments: Iterable[Comment]) -> Counter[str]:
    return Counter(_all_words(comments))


def _all_words(comments: Iterable[Comment]) -> list[str]:
    return list(chain.from_iterable(_WORD.findall(_MARKERS.sub("", comment.text)) for comment in comments))


def _example(comments: Iterable[Comment], lost: Counter[str]) -> str:
    """The comment that lost most of its words."""
    shares = [(sum(word in lost for word in _all_words([comment])), comment.text) for comment in comments]
    return max(shares, key=lambda share: share[0], default=(0, ""))[1]


def _orders(comments: Iterable[Comment]) -> list[str]:
    return [" ".join(comment.text.split()) for comment in comments if _SOFT.match(comment.text)]


def _lost(before: Sequence[str], after: Sequence[str]) -> list[str]:
    gone = Counter(before) - Counter(after)
    return [order for order in before if order in gone]


def _moved_order(before: Reading, after: Reading) -> str | None:
    """A comment for tools that speaks of what comes next, and now has something else after it."""
    old, new = _next_words(before), _next_words(after)
    return next((order for order, word in old.items() if new.get(order, word) != word), None)


def _next_words(reading: Reading) -> dict[str, list[str]]:
    """The first names after each comment for tools that has a line of its own or stands in one, by comment."""
    found: dict[str, list[str]] = {}
    for comment in reading.comments:
        line_start = reading.text.rfind("\n", 0, comment.span.start) + 1
        is_alone = not reading.text[line_start : comment.span.start].strip()
        if (
            (is_alone or comment.text.startswith("/*"))
            and _SOFT.match(comment.text)
            and not _FOR_ALL.search(comment.text)
        ):
            word = re.compile(r"[^\W\d]\w*").search(reading.text, comment.span.end)
            found.setdefault(" ".join(comment.text.split()), []).append(word[0] if word else "")
    return found


def _changed_order(before: Reading, after: Reading) -> str | None:
    """A comment the compiler obeys that is not the same, or not in the same order, in both texts."""
    old, new = _hard(before), _hard(after)
    for a, b in zip(old, new, strict=False):
        if a != b:
            return a
    if len(old) != len(new):
        return max(old, new, key=len)[min(len(old), len(new))]
    return _changed_build_tag(before, after) if before.grammar == "go" else None


def _hard(reading: Reading) -> list[str]:
    own = _HARD.get(reading.grammar or "")
    found = []
    for comment in reading.comments:
        is_first_line = comment.span.start == 0
        matches = (own is not None and own.match(comment.text)) or _ANYWHERE.match(comment.text)
        if matches and (is_first_line or not comment.text.startswith("#!")):
            found.append(" ".join(comment.text.split()))
    if reading.grammar == "go":
        found += _cgo_preamble(reading)
    return found


def _cgo_preamble(reading: Reading) -> list[str]:
    """The C code that stands in comments right above `import "C"`; a blank line would detach it."""
    at = re.search(r'^import\s+"C"', reading.text, re.MULTILINE)
    if at is None:
        return []
    preamble: list[str] = []
    start = at.start()
    for comment in reversed(reading.comments):
        between = reading.text[comment.span.end : start]
        if comment.span.end <= start and not between.strip() and between.count("\n") <= 1:
            preamble.insert(0, comment.text)
            start = comment.span.start
    return preamble


def _changed_build_tag(before: Reading, after: Reading) -> str | None:
    """The two spellings of Go's build tags may stand for each other, but one spelling must not change its words."""
    old, new = _build_tags(before), _build_tags(after)
    if bool(old) != bool(new):
        return next(iter((old or new).values()))[0]
    for spelling in old.keys() & new.keys():
        if old[spelling] != new[spelling]:
            return old[spelling][0]
    return None


def _build_tags(reading: Reading) -> dict[str, list[str]]:
    tags: dict[str, list[str]] = {}
    for comment in reading.comments:
        if _BUILD_TAG.match(comment.text):
            spelling = "plus" if "+build" in comment.text.split()[0] + comment.text.split()[1] else "go"
            tags.setdefault(spelling, []).append(" ".join(comment.text.split()))
    return tags


def _shorten(text: str) -> str:
    line = " ".join(text.split())
    return repr(line if len(line) <= _MAX_SHOWN else line[: _MAX_SHOWN - 1] + "…")
