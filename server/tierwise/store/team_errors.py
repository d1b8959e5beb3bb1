"""What can go wrong with a team's servers, in words for their users. None of it stops an action.

TeamError
├── code "no-address" "bad-address" "unencrypted" "missing-extra": mend the settings
├── code "wrong-password" "no-permission" "server-too-old" "newer-schema": mend the server, or update
└── code "unreachable" "timeout" "io": comes back by itself
"""

from tierwise.store.errors import LedgerError


class TeamError(LedgerError):
    """A team's server cannot be used; `words` is one sentence for the user, `code` a stable word."""

    @property
    def is_passing(self) -> bool:
        """Whether it may be over without anybody mending anything."""
        return self.code in ("unreachable", "timeout", "io")


def missing_extra(what: str) -> TeamError:
    """The library that speaks to the server is not installed."""
    words = f"{what} needs a library that is not installed; run `pip install 'tierwise[team]'`"
    return TeamError(words, code="missing-extra")
