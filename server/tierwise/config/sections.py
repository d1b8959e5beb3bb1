"""The sections of the configuration. The words under a field become its description in the schema and the editors."""

import re
from collections.abc import Mapping
from decimal import Decimal
from typing import Annotated, Literal, get_args

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    StrictBool,
    StrictInt,
    StringConstraints,
    model_validator,
)

ModelTier = Literal["local", "bulk", "top"]
MODEL_TIER_NAMES: tuple[ModelTier, ...] = get_args(ModelTier)
Formatter = Literal["ruff", "black", "prettier", "gofmt", "rustfmt", "clang-format"]
ReplyFormatName = Literal["auto", "whole", "search-replace", "udiff", "patch", "json", "span"]

ModelRef = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9_-]*/\S+$", max_length=300)]
"""`<backend>/<model>`; the backend's name ends at the first slash."""
BackendName = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9_-]*$", max_length=60)]
ActionId = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9]*(_[a-z0-9]+)*$", max_length=60)]
LanguageId = Annotated[str, StringConstraints(pattern=r"^[A-Za-z][A-Za-z0-9+#._-]*$", max_length=60)]
ActionKind = Annotated[
    str, StringConstraints(pattern=r"^(refactor|source|quickfix)(\.[A-Za-z][A-Za-z0-9]*)*$", max_length=120)
]

_RUN_ON_SAVE = ("source.fixAll", "source.organizeImports")


def _check_glob(glob: str) -> str:
    if not glob.strip() or "\x00" in glob or "\n" in glob:
        raise ValueError("a pattern must be one line of text, like '*.pem' or 'secret/'")
    return glob


def _check_kind(kind: str) -> str:
    if kind.startswith(_RUN_ON_SAVE):
        raise ValueError("editors run this kind by themselves when a file is saved, take another one")
    return kind


Glob = Annotated[str, StringConstraints(max_length=500), AfterValidator(_check_glob)]
UsdPerMillion = Annotated[Decimal, Field(ge=0, le=1_000_000, decimal_places=6, allow_inf_nan=False)]
Seconds = Annotated[float, Field(strict=True, gt=0, le=86_400, allow_inf_nan=False)]
FileName = Annotated[str, StringConstraints(min_length=1, max_length=200, pattern=r"^[^\x00\n/\\]+$")]
FilePath = Annotated[str, StringConstraints(min_length=1, max_length=4096, pattern=r"^[^\x00\n]+$")]


class Section(BaseModel):
    """What all sections share: immutable, and an unknown key is an error."""

    model_config = ConfigDict(
        frozen=True, extra="forbid", use_attribute_docstrings=True, hide_input_in_errors=True, validate_default=True
    )


class TierOptions(Section):
    """One class of models."""

    enabled: StrictBool = True
    """Whether this tier may be used at all."""
    models: tuple[ModelRef, ...] = ()
    """The models of the tier as `<backend>/<model>`, the one to ask first in front; the others take over when a
    server cannot be reached."""


class TiersOptions(Section):
    """The three classes of models, cheapest first."""

    local: TierOptions = TierOptions(
        models=("ollama/qwen2.5-coder:7b", "embedded/Qwen/Qwen2.5-Coder-1.5B-Instruct-GGUF:Q4_K_M")
    )
    """Single-file mechanical edits: format, rename, type hints, simple transformations."""
    bulk: TierOptions = TierOptions(models=("zai/glm-5.1", "ollama-cloud/glm-4.6"))
    """Standard work: tests, documentation, ordinary features, single-file refactors."""
    top: TierOptions = TierOptions(models=("anthropic/claude-opus-5-5", "openai/gpt-5.2"))
    """Refactors over several files, integration, architecture, planning."""


class RolesOptions(Section):
    """Models named for a purpose rather than a tier."""

    economy: ModelRef | None = None
    """The model for trivial classification, as `<backend>/<model>`. Unset: the local tier's."""
    judge: ModelRef | None = None
    """The model that judges cases of `tierwise eval`, as `<backend>/<model>`. Unset: the top tier's."""


class ModelOverride(Section):
    """What is known of one model beyond the price table, or against it."""

    input_usd_per_million: UsdPerMillion | None = None
    """What a million input tokens cost, in US dollars."""
    output_usd_per_million: UsdPerMillion | None = None
    """What a million output tokens cost, in US dollars."""
    cache_read_usd_per_million: UsdPerMillion | None = None
    """What a million input tokens cost that the provider took from its cache. Unset: as plain input."""
    price_as: Annotated[str, StringConstraints(pattern=r"^\S+$", max_length=300)] | None = None
    """Price this model like another one of the price table: its name there, or `<provider>/<name>`."""
    window: Annotated[StrictInt, Field(ge=256, le=100_000_000)] | None = None
    """Tokens of prompt and reply together. For Ollama this much is set aside in memory."""
    max_output_tokens: Annotated[StrictInt, Field(ge=16, le=10_000_000)] | None = None
    """The longest reply to ask for, in tokens."""
    reply_format: ReplyFormatName | None = None
    """The form in which this model is asked to answer. Unset: what suits the action."""

    @model_validator(mode="after")
    def _check_prices(self) -> "ModelOverride":
        if (self.input_usd_per_million is None) != (self.output_usd_per_million is None):
            raise ValueError("a price needs both input_usd_per_million and output_usd_per_million")
        if self.price_as is not None and self.input_usd_per_million is not None:
            raise ValueError("set either price_as or the prices themselves, not both")
        if self.cache_read_usd_per_million is not None and self.input_usd_per_million is None:
            raise ValueError("cache_read_usd_per_million needs input_usd_per_million and output_usd_per_million")
        return self


class ActionOptions(Section):
    """A change to a built-in action, or an action of your own under a new name.

    A built-in action takes `enabled`, `tier` and `languages`. One of your own needs `title` and `instructions`.
    """

    enabled: StrictBool = True
    """Whether the action is offered."""
    tier: ModelTier | None = None
    """The tier the action starts on. Unset: what its difficulty asks for."""
    languages: tuple[LanguageId, ...] = ()
    """The languages it is offered for, as the editor names them, e.g. `typescriptreact`. Empty: all."""
    title: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=80)] | None = None
    """What the menu shows; `{target}` stands for the name of what would be changed."""
    instructions: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=8000)] | None = None
    """What to ask of the model, in plain words."""
    kind: Annotated[ActionKind, AfterValidator(_check_kind)] | None = None
    """The kind of code action, below `refactor`, `source` or `quickfix`. Unset: `refactor.rewrite`; a leaf of the
    action's own is added."""
    scope: Literal["selection", "symbol", "file"] | None = None
    """What the edit may touch. Unset: the function, method or class at the cursor."""


class NativeOptions(Section):
    """The project's own tools, which do an action without a model and without cost."""

    enabled: StrictBool = True
    """Whether the project's own formatter serves Format where one is configured."""
    formatters: Mapping[LanguageId, tuple[Formatter, ...]] = Field(default_factory=dict)
    """By language, which formatters to look for, in which order. A language that is not named takes them as the
    project's files suggest."""


class ChecksOptions(Section):
    """What is checked before an edit is offered."""

    allow_running_tests: Literal["never", "sandbox"] = "sandbox"
    """Whether written tests may be run: `never`, or in a `sandbox` without network. Where there is no sandbox they
    are not run, and the proposal says so."""
    project_tests: Literal["never", "related"] = "related"
    """Whether a refactoring is tried on the project's own tests, those that mention what changed, in the same sandbox
    (Python)."""
    python: FilePath | None = None
    """The Python interpreter that runs tests. Unset: the one of the project's virtual environment, else Tierwise's."""
    test_timeout_s: Seconds = 60.0
    """Seconds a run of tests may take."""


class PrivacyOptions(Section):
    """What may leave this machine."""

    ignore_files: tuple[FileName, ...] = (
        ".aiignore", ".cursorignore", ".aiexclude", ".codeiumignore", ".continueignore",
    )  # fmt: skip
    """Names of files, in the folder of a workspace, whose patterns name what no model sees there. They are written as
    for .gitignore and heeded in every workspace."""
    never_send: tuple[Glob, ...] = (
        ".env", ".env.*", ".envrc", "*.pem", "*.key", "*.p12", "*.pfx", "*.jks", "*.keystore", "*.kdbx",
        "id_rsa*", "id_dsa*", "id_ecdsa*", "id_ed25519*", "secrets.*", ".npmrc", ".pypirc", ".netrc",
        ".git-credentials",
    )  # fmt: skip
    """Files no model ever sees, as patterns of .gitignore. Yours are added to the built-in ones; one that starts
    with `!` takes an earlier one back, which a workspace may not do."""
    local_only: tuple[Glob, ...] = ()
    """Files only a model on this machine may see, as patterns of .gitignore. `*` keeps everything here."""


class DeadlineOptions(Section):
    """Seconds one call of a model may take, by tier, and seconds for a whole action."""

    local: Seconds = 180.0
    """For the local tier, which may have to load the model first."""
    bulk: Seconds = 120.0
    """For the bulk tier."""
    top: Seconds = 300.0
    """For the top tier."""
    action: Seconds = 900.0
    """For all calls of one action together, with the waiting between them."""


class LimitsOptions(Section):
    """How far an action may go."""

    max_file_bytes: Annotated[StrictInt, Field(ge=1, le=64 * 2**20)] = 2**20
    """The largest file an action works on, in bytes."""
    max_attempts: Annotated[StrictInt, Field(ge=1, le=20)] = 4
    """How many calls of models one action may take, fallbacks and escalations together. Calls that no model ran for,
    such as refused ones, are not counted."""
    max_output_tokens: Annotated[StrictInt, Field(ge=16, le=1_000_000)] = 32_768
    """The longest reply to ask for, in tokens, where the model has no limit of its own. A call is allowed about three
    times what its reply is expected to take, and never more than this."""
    workspace_action_tier: ModelTier = "bulk"
    """The highest tier an action may start on that a workspace file defines."""
    deadline_s: DeadlineOptions = DeadlineOptions()
    """Seconds one call of a model may take, by tier, and seconds for a whole action."""


class PlannerOptions(Section):
    """How work over several files is divided."""

    enabled: StrictBool = True
    """Whether a change over many files is planned by the top tier from outlines and carried out by cheaper models.
    Without a plan one model is shown all the files."""
    single_call_tokens: Annotated[StrictInt, Field(ge=0, le=1_000_000)] = 6000
    """Up to so many tokens of files one model is shown all of them, since a plan would cost more than it saves."""
    outline_tokens: Annotated[StrictInt, Field(ge=500, le=200_000)] = 6000
    """The longest outline of the project the planner is shown."""
    grant_tokens: Annotated[StrictInt, Field(ge=0, le=100_000)] = 2000
    """How much code the planner may ask for, once."""
    parallel: Annotated[StrictInt, Field(ge=1, le=32)] = 4
    """How many subtasks are carried out at the same time."""


class LogOptions(Section):
    """What is written down of what happens; never code and never prompts."""

    level: Literal["error", "warning", "info", "debug"] = "warning"
    """How much is logged."""
    file: FilePath | None = None
    """Where the log goes. Unset: to standard error, which editors show as the server's output."""


def split_ref(ref: str) -> tuple[str, str]:
    """A model reference as backend name and model name."""
    backend, _, model = ref.partition("/")
    return backend, model


def leaf_of(action_id: str) -> str:
    """`add_type_hints` as `addTypeHints`, the last part of a code action kind."""
    return re.sub(r"_([a-z0-9])", lambda match: match.group(1).upper(), action_id)
