"""Logs name places and kinds, never the user's code, paths or keys."""

import logging
import os

import pytest

from tierwise.lsp.logs import RedactingFormatter

SECRET = "def users_own_code(): pass"


def formatted(name: str, message: str, *arguments: object, error: BaseException | None = None) -> str:
    """A record as it would be written."""
    exc_info = None if error is None else (type(error), error, error.__traceback__)
    record = logging.LogRecord(name, logging.ERROR, __file__, 1, message, arguments, exc_info)
    return RedactingFormatter().format(record)


def test_foreign_records_lose_their_arguments() -> None:
    line = formatted("pygls.protocol", "Failed to handle request %s %s", 7, SECRET)
    assert SECRET not in line
    assert "Failed to handle request" in line


def test_our_own_records_keep_theirs() -> None:
    assert "'textDocument/codeAction'" in formatted(
        "tierwise.lsp.protocol", "the request %r failed", "textDocument/codeAction"
    )


def fail() -> None:
    """Fail with the user's code in both exceptions."""
    try:
        _ = os.environ[SECRET]
    except KeyError as inner:
        raise ValueError(SECRET) from inner


@pytest.mark.parametrize("name", ["tierwise.lsp.protocol", "asyncio"])
def test_exceptions_show_where_and_not_what(name: str) -> None:
    try:
        fail()
    except ValueError as error:
        line = formatted(name, "failed", error=error)
    assert SECRET not in line
    assert "ValueError in test_logs.test_exceptions_show_where_and_not_what:" in line
    assert "from KeyError" in line
    assert __file__ not in line


@pytest.mark.parametrize("key", ["sk-abcdef123456", "Bearer abcdef.123456", "api_key=abcdef1234", "key: abcdef1234"])
def test_keys_are_blanked_out(key: str) -> None:
    assert "abcdef" not in formatted("tierwise.x", "the answer to %s", key)
