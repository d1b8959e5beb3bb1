"""Ways to make a key travel to another server than its own, each tried with real sockets on both sides."""

from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpcore2
import httpx2

from backends.check_backends import call, options_for, request
from servers.fault import FaultServer
from servers.scenarios import Scenario
from tierwise.backends.base import BackendError
from tierwise.backends.door import Door
from tierwise.backends.egress import Egress
from tierwise.backends.failures import HttpFailure, Site
from tierwise.backends.gate_httpx2 import client
from tierwise.backends.options import KeyedOptions
from tierwise.backends.origins import Origin
from tierwise.backends.registry import connect
from tierwise.config import Loaded, load_config
from tierwise.config.keys import EditorKey, find_key

KEY = "the-users-own-key"
SITE = Site(name="home", when_down="", when_key_refused="", when_model_missing="")
CHATS = {"openai": "/v1/chat/completions", "ollama": "/api/chat", "anthropic": "/v1/messages"}


@dataclass
class Stage:
    """The server the key is for, another one, and a folder with a project."""

    wire: str
    home: FaultServer
    thief: FaultServer
    folder: Path
    env: dict[str, str] = field(default_factory=dict)

    @property
    def base(self) -> str:
        """What the user's own file has as the address."""
        return self.home.openai_url if self.wire == "openai" else self.home.url

    def lured(self, base: str) -> str:
        """The same path at another address."""
        return base + self.base.removeprefix(self.home.url)

    async def ask(self, **more: Any) -> None:
        """One call with the user's own backend."""
        options = options_for(self.wire, self.home, api_key_env="HOME_KEY", **more)
        backend = connect(options, key=KEY, egress=Egress())
        await call(backend, request())
        await backend.aclose()

    async def redirect(self, status: int, location: str) -> None:
        """The user's own server answers with a redirect."""
        answer = Scenario(fault="status", status=status, headers={"Location": location, "Alt-Svc": self._alternative()})
        self.home.book.queue.append(answer)
        await self.ask()

    def _alternative(self) -> str:
        return f'h2="127.0.0.1:{self.thief.port}"; ma=86400'

    async def with_settings(self, loaded: Loaded, editor_keys: Iterable[EditorKey] = ()) -> None:
        """Ask every backend of a configuration with whatever key is found for it."""
        for options in loaded.config.backends.values():
            if not isinstance(options, KeyedOptions):
                continue
            found = find_key(options, editor_keys=tuple(editor_keys), env=self.env | {"HOME_KEY": KEY})
            try:
                backend = connect(options, key=None if found is None else found.value)
            except BackendError:
                continue
            await call(backend, request())
            await backend.aclose()

    def user_file(self) -> Path:
        """The user's own settings."""
        file = self.folder / "config.toml"
        address = "host" if self.wire == "ollama" else "base_url"
        lines = [f'[backends.home]\ntype = "{self.wire}"\n{address} = "{self.base}"\napi_key_env = "HOME_KEY"\n']
        lines.append('[tiers.local]\nmodels = ["home/m"]\n[tiers.bulk]\nmodels = []\n[tiers.top]\nmodels = []\n')
        file.write_text("".join(lines), "utf-8")
        return file

    def evil(self, **more: Any) -> dict[str, Any]:
        """A backend of the same name at the other server."""
        address = "host" if self.wire == "ollama" else "base_url"
        return {"type": self.wire, address: self.lured(self.thief.url), "api_key_env": "HOME_KEY", **more}

    async def through_gate(self, url: str, headers: dict[str, str] | None = None) -> None:
        """What a library that went astray would send."""
        gate = Egress().open(Door(origin=Origin.of(self.home.url), site=SITE, key=KEY))
        async with client(gate, httpx2.Timeout(2.0)) as http:
            try:
                await http.post(url, json={"model": "m"}, headers=headers or {})
            except (BackendError, HttpFailure):
                return


class Elsewhere(httpcore2.AsyncNetworkStream):
    """A connection to the thief that says it ended at an address on another machine."""

    def __init__(self, inner: httpcore2.AsyncNetworkStream) -> None:
        self._inner = inner

    async def write(self, buffer: bytes, timeout: float | None = None) -> None:  # noqa: ASYNC109
        """Pass on."""
        await self._inner.write(buffer, timeout)

    async def read(self, max_bytes: int, timeout: float | None = None) -> bytes:  # noqa: ASYNC109
        """Pass on."""
        return await self._inner.read(max_bytes, timeout)

    async def aclose(self) -> None:
        """Pass on."""
        await self._inner.aclose()

    def get_extra_info(self, info: str) -> Any:
        """The other machine's address."""
        return ("192.0.2.66", 80) if info == "server_addr" else self._inner.get_extra_info(info)


class Rebound(httpcore2.AsyncNetworkBackend):
    """A resolver that was talked into another address: every name leads to the thief."""

    def __init__(self, port: int) -> None:
        self._port = port

    async def connect_tcp(self, host: str, port: int, *more: Any, **named: Any) -> httpcore2.AsyncNetworkStream:
        """Connect elsewhere."""
        del host, port, more, named
        return Elsewhere(await httpcore2.AnyIOBackend().connect_tcp("127.0.0.1", self._port))


async def rebound(stage: Stage) -> None:
    """`localhost` leads to another address."""
    place = "host" if stage.wire == "ollama" else "base_url"
    options = type(options_for(stage.wire, stage.home)).model_validate(
        {"type": stage.wire, place: stage.base.replace("127.0.0.1", "localhost"), "api_key_env": "HOME_KEY"}
    )
    backend = connect(options, key=KEY, egress=Egress(Rebound(stage.thief.port)))
    outcome = await call(backend, request())
    await backend.aclose()
    assert outcome.error is not None
    assert "another machine" in outcome.error.words


Way = Callable[[Stage], Awaitable[None]]


def _redirects() -> dict[str, Way]:
    def way(status: int) -> Way:
        return lambda s: s.redirect(status, s.thief.url + CHATS[s.wire])

    return {f"redirect {status}": way(status) for status in (301, 302, 303, 307, 308)}


def _astray(name: str, url: Callable[[Stage], str], headers: dict[str, str] | None = None) -> dict[str, Way]:
    return {name: lambda s: s.through_gate(url(s), headers)}


async def _editor_settings(stage: Stage) -> None:
    settings = {"backends": {"home": stage.evil()}}
    await stage.with_settings(load_config(user_file=stage.user_file(), editor_settings=settings, env=stage.env))


async def _other_name(stage: Stage) -> None:
    settings = {"backends": {"other": stage.evil()}, "tiers": {"bulk": {"models": ["other/m"]}}}
    await stage.with_settings(load_config(user_file=stage.user_file(), editor_settings=settings, env=stage.env))


async def _workspace_file(stage: Stage) -> None:
    address = "host" if stage.wire == "ollama" else "base_url"
    text = f'[backends.home]\ntype = "{stage.wire}"\n{address} = "{stage.lured(stage.thief.url)}"\n'
    (stage.folder / ".tierwise.toml").write_text(text, "utf-8")
    loaded = load_config(user_file=stage.user_file(), workspace_roots=(stage.folder,), trusted=True, env=stage.env)
    await stage.with_settings(loaded)


async def _dotenv(stage: Stage) -> None:
    names = ("OPENAI_BASE_URL", "ANTHROPIC_BASE_URL", "OLLAMA_HOST", "HOME_KEY", "HTTP_PROXY")
    (stage.folder / ".env").write_text("".join(f"{name}={stage.thief.url}\n" for name in names), "utf-8")
    await stage.with_settings(load_config(user_file=stage.user_file(), workspace_roots=(stage.folder,), env=stage.env))


async def _editor_key(stage: Stage) -> None:
    settings = {"backends": {"home": stage.evil(api_key_env=None)}}
    loaded = load_config(user_file=stage.user_file(), editor_settings=settings, env=stage.env)
    await stage.with_settings(loaded, [EditorKey(stage.base, KEY)])


async def _model_name(stage: Stage) -> None:
    backend = connect(options_for(stage.wire, stage.home, api_key_env="HOME_KEY"), key=KEY)
    for model in (f"{stage.thief.url}/m", f"../../{stage.thief.url}", f"m\r\nHost: 127.0.0.1:{stage.thief.port}"):
        await call(backend, request(model))
    await backend.aclose()


async def _environment_settings(stage: Stage) -> None:
    address = "HOST" if stage.wire == "ollama" else "BASE_URL"
    env = stage.env | {f"TIERWISE_BACKENDS_HOME_{address}": stage.lured(stage.thief.url)}
    await stage.with_settings(load_config(user_file=stage.user_file(), env=env))


WAYS: dict[str, Way] = {
    **_redirects(),
    "redirect without a scheme": lambda s: s.redirect(307, f"//127.0.0.1:{s.thief.port}{CHATS[s.wire]}"),
    "redirect to a user name": lambda s: s.redirect(307, s.thief.url.replace("//", "//127.0.0.1@")),
    "alternative service": lambda s: s.redirect(200, ""),
    **_astray("another port", lambda s: s.thief.url + "/x"),
    **_astray("user name before @", lambda s: s.thief.url.replace("//", f"//127.0.0.1:{s.home.port}@") + "/x"),
    **_astray("backslash", lambda s: f"http://127.0.0.1:{s.thief.port}\\@127.0.0.1:{s.home.port}/x"),
    **_astray("trailing dot", lambda s: f"http://localhost.:{s.thief.port}/x"),
    **_astray("upper case", lambda s: f"HTTP://LOCALHOST:{s.thief.port}/x"),
    **_astray("another spelling of the address", lambda s: f"http://2130706433:{s.thief.port}/x"),
    **_astray("homoglyph", lambda s: f"http://lосalhost:{s.thief.port}/x"),  # noqa: RUF001 - that is the attack.
    **_astray("wide digits", lambda s: f"http://127。0。0。1:{s.thief.port}/x"),
    **_astray(
        "host header", lambda s: s.home.url + "/x", {"Host": "thief.example", "X-Forwarded-Host": "thief.example"}
    ),
    **_astray("absolute address in the path", lambda s: f"{s.home.url}/http://127.0.0.1:{s.thief.port}/x"),
    **_astray("two slashes", lambda s: f"{s.home.url}//127.0.0.1:{s.thief.port}/x"),
    **_astray("percent in the host", lambda s: f"http://127.0.0.1%3A{s.thief.port}/x"),
    "name that leads elsewhere": rebound,
    "editor settings move the address": _editor_settings,
    "editor settings add a server for the key": _other_name,
    "editor settings move a key of the editor": _editor_key,
    "workspace file moves the address": _workspace_file,
    ".env of the workspace": _dotenv,
    "settings in the environment": _environment_settings,
    "address as a model's name": _model_name,
}
ENVIRONMENT = (
    "HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy", "OPENAI_BASE_URL",
    "ANTHROPIC_BASE_URL", "OLLAMA_HOST", "ANTHROPIC_API_URL", "OPENAI_API_BASE",
)  # fmt: skip
"""Variables that move the calls of other programs."""
