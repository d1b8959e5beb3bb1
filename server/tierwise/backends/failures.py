"""From what a server answered to a typed failure with words for the user."""

import json
import math
import re
import ssl
import time
from collections.abc import Mapping
from dataclasses import dataclass
from email.utils import parsedate_to_datetime

from tierwise.backends.base import BackendError, FailureKind

N_MESSAGE_CHARS = 240
LONGEST_RETRY_AFTER_S = 86_400.0

TOO_LONG = re.compile(
    r"context[ _-]?(length|size|window)|prompt is too long|too many (input )?tokens|maximum number of tokens"
    r"|input length|exceeds? the (available|maximum|max) (context|number of tokens)|tokens? limit exceeded",
    re.IGNORECASE,
)
NO_MODEL = re.compile(r"model\b.*(not found|does ?n[o']t exist|not exist|unknown|not available|not supported)"
                      r"|(unknown|no such|invalid) model|model_not_found"
                      r"|not_found_error model:", re.IGNORECASE | re.DOTALL)  # fmt: skip
FILTERED = re.compile(r"content[ _-]?(filter|policy|management)|safety|sensitive", re.IGNORECASE)
OUT_OF_CREDIT = re.compile(r"credit balance is too low", re.IGNORECASE)
NO_CREDIT = re.compile(r"insufficient[ _](quota|balance|credit)|billing|credit balance|balance", re.IGNORECASE)
OVERLOADED = re.compile(r"overloaded|server busy|at capacity|loading model|try again later", re.IGNORECASE)


class HttpFailure(Exception):
    """An answer whose status is not 200, before it is known which call it ends."""

    def __init__(self, status: int, headers: Mapping[str, str], body: str) -> None:
        super().__init__(f"HTTP {status}")
        self.status = status
        self.retry_after_s = parse_retry_after(headers)
        self.error = parse_error(body)
        self.location = headers.get("location")


@dataclass(frozen=True, slots=True)
class ServerError:
    """What an error body says."""

    message: str = ""
    code: str = ""
    param: str = ""

    @property
    def text(self) -> str:
        """Everything in which a known phrase may stand."""
        return f"{self.code} {self.message}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """Who is asked, and what would mend its failures; each remedy completes a sentence after a colon."""

    name: str
    when_down: str
    when_key_refused: str
    when_model_missing: str
    """`{model}` stands for the model's name."""


def parse_error(body: str) -> ServerError:
    """Read an error body in any of the shapes servers use: OpenAI's, Ollama's, FastAPI's, or plain text."""
    try:
        return error_of(json.loads(body))
    except ValueError:
        return ServerError("" if body.lstrip().startswith("<") else body)


def error_of(document: object) -> ServerError:
    """Read an error out of a JSON document."""
    if isinstance(document, dict):
        inner = document.get("error", document.get("detail", document))
        if isinstance(inner, dict):
            message, code, param = (inner.get(key) for key in ("message", "code", "param"))
            return ServerError(_text(message), _text(code if code is not None else inner.get("type")), _text(param))
        return ServerError(_text(inner))
    return ServerError()


def parse_retry_after(headers: Mapping[str, str], now_s: float | None = None) -> float | None:
    """Seconds a server asks to wait: never negative, at most a day; None when it does not say or makes no sense."""
    milliseconds, value = headers.get("retry-after-ms"), headers.get("retry-after")
    try:
        if milliseconds is not None:
            seconds = float(milliseconds) / 1000
        elif value is None:
            return None
        else:
            seconds = float(value)
    except ValueError:
        try:
            date = parsedate_to_datetime(value or "")
        except ValueError:
            return None
        seconds = date.timestamp() - (time.time() if now_s is None else now_s)
    return None if math.isnan(seconds) else min(max(seconds, 0.0), LONGEST_RETRY_AFTER_S)


def failure_of_status(site: Site, model: str, failure: HttpFailure) -> BackendError:
    """The failure behind a status that is not 200."""
    return failure_of_error(site, model, failure.status, failure.error, failure.retry_after_s)


def failure_of_error(
    site: Site, model: str, status: int, error: ServerError, retry_after_s: float | None = None
) -> BackendError:
    """The failure behind an error; errors inside a stream come with status 500 unless they name another."""
    kind = _kind_of(status, error)
    return BackendError(kind, _words_for(kind, site, model, status, error), retry_after_s=retry_after_s)


def unreachable(site: Site, err: BaseException) -> BackendError:
    """The failure behind a connection that did not come about; encryption that fails is told from an absent server."""
    cause: BaseException | None = err
    while cause is not None:
        if isinstance(cause, ssl.SSLError):
            words = f"no encrypted connection to {site.name} came about: {tidy(cause.reason or str(cause))}"
            return BackendError(FailureKind.CONNECTION, words)
        cause = cause.__cause__ or cause.__context__
    return BackendError(FailureKind.REFUSED, f"{site.name} cannot be reached: {site.when_down}")


def tidy(message: str) -> str:
    """A server's message as part of our sentence: one line, without control characters, not long."""
    line = " ".join("".join(char if char.isprintable() else " " for char in message).split())
    return (line[: N_MESSAGE_CHARS - 1] + "…" if N_MESSAGE_CHARS < len(line) else line).rstrip(". ")


BY_STATUS = {
    401: FailureKind.AUTHENTICATION,
    402: FailureKind.RATE_LIMITED,
    403: FailureKind.AUTHENTICATION,
    408: FailureKind.OVERLOADED,
    409: FailureKind.OVERLOADED,
    413: FailureKind.TOO_LONG,
    429: FailureKind.RATE_LIMITED,
    503: FailureKind.OVERLOADED,
    529: FailureKind.OVERLOADED,
}
BY_TEXT = (
    (OUT_OF_CREDIT, FailureKind.RATE_LIMITED),
    (NO_MODEL, FailureKind.NO_MODEL),
    (TOO_LONG, FailureKind.TOO_LONG),
    (FILTERED, FailureKind.FILTERED),
)
WORDS = {
    FailureKind.AUTHENTICATION: "{name} refused the key (HTTP {status}): {key_remedy}",
    FailureKind.NO_MODEL: "{name} does not have the model {model!r}: {model_remedy}",
    FailureKind.RATE_LIMITED: "{name} limits how often it may be asked{said}; wait a little",
    FailureKind.OVERLOADED: "{name} is busy{said}; try again in a moment",
    FailureKind.TOO_LONG: "the request is too long for {model!r} at {name}{said}; select less code",
    FailureKind.FILTERED: "{name} filtered the request{said}",
    FailureKind.PROTOCOL: "{name} has no chat at this address (HTTP {status}): check the address in the configuration",
    FailureKind.BAD_REQUEST: "{name} refused the request to {model!r}{said}",
    FailureKind.SERVER_ERROR: "{name} failed{said}",
}
NO_CREDIT_WORDS = "the account at {name} has no credit left: add some, or set another model for this tier"
REDIRECT_WORDS = "{name} redirects to another address, which is not followed: configure the final address"


def _kind_of(status: int, error: ServerError) -> FailureKind:
    if status in BY_STATUS:
        return BY_STATUS[status]
    if 500 <= status:
        return FailureKind.OVERLOADED if OVERLOADED.search(error.text) else FailureKind.SERVER_ERROR
    if status < 400:
        return FailureKind.PROTOCOL
    for pattern, kind in BY_TEXT:
        if pattern.search(error.text):
            return kind
    return FailureKind.PROTOCOL if status == 404 else FailureKind.BAD_REQUEST


def _words_for(kind: FailureKind, site: Site, model: str, status: int, error: ServerError) -> str:
    words = WORDS[kind]
    if kind is FailureKind.RATE_LIMITED and (status == 402 or NO_CREDIT.search(error.text)):
        words = NO_CREDIT_WORDS
    if 300 <= status < 400:
        words = REDIRECT_WORDS
    return words.format(
        name=site.name,
        status=status,
        model=model,
        said=f": {tidy(error.message)}" if error.message else f" (HTTP {status})",
        key_remedy=site.when_key_refused,
        model_remedy=site.when_model_missing.format(model=model),
    )


def _text(value: object) -> str:
    return "" if value is None else str(value)
