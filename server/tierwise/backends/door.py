"""One way out: the one origin a client may send to, the key that belongs to it, and what it may bring back."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from tierwise import __version__
from tierwise.backends.base import BackendError, FailureKind
from tierwise.backends.failures import Site
from tierwise.backends.origins import Origin
from tierwise.backends.wire import JSON_LINES, DocumentGuard, Guard, LineGuard, OpenGuard

PASSED_HEADERS = ("content-type", "content-length", "transfer-encoding", "accept", "range")
"""What of the headers an SDK wants to send leaves; the host and the key are written by the door itself."""
_OURS = frozenset({"content-length", "transfer-encoding", "connection", "te", "upgrade", "trailer"})
"""Headers that frame a request; nobody else may set them."""
ANTHROPIC_HOST = "api.anthropic.com"
ANTHROPIC_VERSION = "2023-06-01"
KeyForm = Literal["bearer", "x-api-key"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Door:
    """A client's only way out."""

    origin: Origin
    site: Site
    """Who is asked, for people."""
    key: str | None = field(default=None, repr=False)
    key_form: KeyForm = "bearer"
    """The header the key travels in."""
    chat_path: str = ""
    """How the path of a streamed call ends; other paths answer with one document."""
    stream_types: tuple[str, ...] = ()
    """The content types of a streamed reply."""
    proxy: Origin | None = None
    """What the user's own file sends the connection through; it sees the name of the server and nothing else."""
    own_headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    """Further headers, which the user's own settings name for this origin."""
    is_download: bool = False
    """Whether large files are fetched: nothing is sent, and how much comes is not bounded."""

    def headers(self, url: str, given: Mapping[str, str]) -> dict[str, str]:
        """The headers that leave, out of those an SDK wants to send. Raises BackendError for another origin.

        SDKs add headers from the environment, among them keys for other origins; only named ones pass. Compressed
        answers are not asked for, because a small one can hide a huge one.
        """
        self.check(url)
        sent = {name.lower(): value for name, value in given.items() if name.lower() in PASSED_HEADERS}
        sent |= {name: value for name, value in self.own_headers.items() if name not in _OURS}
        sent |= {"host": self._host, "accept-encoding": "identity", "user-agent": f"tierwise/{__version__}"}
        # Even where the chat is OpenAI's protocol, the list of models wants the key in Anthropic's own header.
        is_compatible = self.key_form == "bearer" and url.endswith("/chat/completions")
        if self.key_form == "x-api-key" or (self.origin.host == ANTHROPIC_HOST and not is_compatible):
            key = {} if self.key is None else {"x-api-key": self.key}
            return sent | key | {"anthropic-version": ANTHROPIC_VERSION}
        return sent if self.key is None else sent | {"authorization": f"Bearer {self.key}"}

    def check(self, url: str) -> None:
        """Raise BackendError, before anything is looked up, unless an address is at this door's origin."""
        try:
            is_ours = Origin.of(url.partition("?")[0]) == self.origin
        except ValueError:
            is_ours = False
        if not is_ours:
            words = f"a request for {self.site.name} was about to leave for {url!r}: nothing was sent"
            raise BackendError(FailureKind.PROTOCOL, words)

    @property
    def _host(self) -> str:
        host = f"[{self.origin.host}]" if ":" in self.origin.host else self.origin.host
        is_default = (self.origin.scheme, self.origin.port) in (("http", 80), ("https", 443))
        return host if is_default else f"{host}:{self.origin.port}"

    def guard(self, path: str, headers: Mapping[str, str]) -> Guard:
        """What an answer with status 200 passes through. Raises BackendError when it is of another type."""
        if headers.get("content-encoding", "identity") != "identity":
            raise BackendError(
                FailureKind.PROTOCOL, f"{self.site.name} answered compressed although that was not asked for"
            )
        if self.is_download:
            return OpenGuard()
        if not self.chat_path or not path.partition("?")[0].endswith(self.chat_path):
            return DocumentGuard(self.site.name)
        found = headers.get("content-type", "").partition(";")[0].strip().lower()
        if found not in self.stream_types:
            words = (
                f"{self.site.name} answered with {found or 'no content type'!r} instead of a stream:"
                " check that the address in the configuration is the one of its chat interface"
            )
            raise BackendError(FailureKind.PROTOCOL, words)
        return LineGuard(self.site.name, is_json_lines=self.stream_types == JSON_LINES)
