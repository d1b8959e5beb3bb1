"""What a call is about, for the record of what left, and for holding back what may not leave."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True, kw_only=True)
class Sent:
    """One request that left this process."""

    origin: str
    method: str
    path: str
    n_bytes: int
    """Bytes of its body that were handed to the connection."""
    is_on_this_machine: bool
    at: float
    """Seconds since the epoch."""
    model: str = ""
    n_tokens: int = 0
    """Our estimate for the prompt."""
    files: tuple[str, ...] = ()
    """The files of which something was in it."""


@dataclass(slots=True, kw_only=True)
class Account:
    """What a call is about, and what left on its behalf."""

    model: str = ""
    n_tokens: int = 0
    files: tuple[str, ...] = ()
    must_stay: bool = False
    """Whether nothing of it may leave this machine."""
    sent: list[Sent] = field(default_factory=list)


_CURRENT: ContextVar[Account | None] = ContextVar("account", default=None)


def current_account() -> Account | None:
    """The account of the call this task is making."""
    return _CURRENT.get()


@contextmanager
def accounting(account: Account) -> Iterator[Account]:
    """Book on this account what leaves meanwhile, and hold it back where the account says so."""
    token = _CURRENT.set(account)
    try:
        yield account
    finally:
        _CURRENT.reset(token)
