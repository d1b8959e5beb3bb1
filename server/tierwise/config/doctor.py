"""Say what works, what does not, and the one command that would mend it. Pure: everything found comes in as values."""

import platform
from collections.abc import Mapping
from dataclasses import dataclass, field

from tierwise import __version__
from tierwise.backends.base import FailureKind, Health
from tierwise.backends.options import (
    AnthropicOptions,
    AnyBackendOptions,
    KeyedOptions,
    LlamaCppOptions,
    OllamaOptions,
    OpenAIOptions,
)
from tierwise.config.availability import availability_of
from tierwise.config.bindings import origin_of
from tierwise.config.keys import KEYRING_SERVICE, Key
from tierwise.config.load import Loaded
from tierwise.config.sections import MODEL_TIER_NAMES, split_ref
from tierwise.routing.money import Price
from tierwise.routing.tiers import Availability

SQLITE_FLOORS = ((3, 44, 6), (3, 50, 7), (3, 51, 3))
"""The first releases of their lines that lose no committed rows when several processes share a database."""
PYTHON_FLOOR = (3, 11)


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """Whether one thing of the surroundings is fit for use."""

    name: str
    is_ok: bool
    found: str
    """What there is, e.g. a version or a path."""
    words: str = ""
    """What is wrong, for people."""
    fix: str = ""
    """The one command that would mend it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelFinding:
    """What is known of one model of a tier."""

    ref: str
    availability: Availability
    is_on_this_machine: bool
    words: str = ""
    """What is wrong, for people."""
    fix: str = ""
    """The one command that would mend it."""
    is_reachable: bool | None = None
    """None: nobody asked."""
    models: tuple[str, ...] | None = None
    """The models its server says it has; None: it does not say."""
    window: int | None = None
    price: Price | None = None
    """None: unknown."""
    needs_key: bool = False
    key_source: str | None = None
    """Where the key was found, never the key; None: there is none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TierFinding:
    """What is known of a tier."""

    name: str
    is_enabled: bool
    models: tuple[ModelFinding, ...]

    @property
    def is_ready(self) -> bool:
        """Whether some model of it can be asked now."""
        return self.is_enabled and any(model.availability is Availability.READY for model in self.models)

    @property
    def fix(self) -> str:
        """The command that would make it ready; empty when it is, or when it is switched off."""
        if self.is_ready or not self.is_enabled:
            return ""
        return next((model.fix for model in self.models if model.fix), "")


@dataclass(frozen=True, slots=True, kw_only=True)
class Surroundings:
    """What was found outside: looked up by whoever calls, in any way they like."""

    probes: Mapping[str, Health] = field(default_factory=dict)
    """By backend, for those that were asked."""
    keys: Mapping[str, Key] = field(default_factory=dict)
    """By backend, for those that have one."""
    troubles: Mapping[str, tuple[FailureKind, str]] = field(default_factory=dict)
    """By model reference, what keeps calls from it now."""
    prices: Mapping[str, Price | None] = field(default_factory=dict)
    """By model reference."""
    windows: Mapping[str, int | None] = field(default_factory=dict)
    """By model reference."""
    price_table: str = ""
    """Name and version of the price table; empty when it is not loaded."""
    programs: Mapping[str, str | None] = field(default_factory=dict)
    """Where programs are, such as `ollama`; None for one that is not there, absent for one nobody looked for."""
    formatters: Mapping[str, str | None] = field(default_factory=dict)
    """By language, the project's own formatter; None where there is none."""
    sandbox: str | None = None
    """What runs tests safely; None when nothing does."""
    sandbox_words: str = ""
    """Why nothing does."""
    sqlite_version: str = ""
    ledger_words: str = ""
    """Why the ledger cannot be opened; empty when it can."""
    team: tuple[Finding, ...] = ()
    """A team's servers."""
    optional: tuple[Finding, ...] = ()
    """What is off unless it is wanted: telemetry, and vectors of instructions."""
    standing: tuple[str, ...] = ()
    """How the budgets and the servers stand, a sentence each."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DoctorReport:
    """Everything at once."""

    versions: tuple[Finding, ...]
    tiers: tuple[TierFinding, ...]
    tools: tuple[Finding, ...]
    """The sandbox, the ledger and the formatters."""
    loaded: Loaded
    price_table: str
    standing: tuple[str, ...] = ()
    """How the budgets and the servers stand, a sentence each."""

    @property
    def is_well(self) -> bool:
        """Whether nothing needs mending: the settings apply and every tier that is switched on can be asked."""
        are_tiers_ready = all(tier.is_ready or not tier.is_enabled for tier in self.tiers)
        return self.loaded.is_good and are_tiers_ready and all(f.is_ok for f in (*self.versions, *self.tools))

    @property
    def fixes(self) -> tuple[str, ...]:
        """The commands that would mend what does not work, each once, the most useful first."""
        found = [tier.fix for tier in self.tiers] + [f.fix for f in (*self.versions, *self.tools) if not f.is_ok]
        return tuple(dict.fromkeys(fix for fix in found if fix))


def diagnose(loaded: Loaded, around: Surroundings) -> DoctorReport:
    """Put together what is known. Nothing is asked, opened or changed."""
    return DoctorReport(
        versions=_versions(around),
        tiers=tuple(_tier(loaded, name, around) for name in MODEL_TIER_NAMES),
        tools=(
            _sandbox(loaded, around),
            *_ledger(loaded, around),
            *around.team,
            *around.optional,
            *_formatters(around),
        ),
        loaded=loaded,
        price_table=around.price_table,
        standing=around.standing,
    )


def is_sqlite_safe(version: str) -> bool:
    """Whether several processes may share a database of this SQLite."""
    numbers = tuple(int(part) for part in version.split(".") if part.isdigit())
    in_line = (floor for floor in SQLITE_FLOORS if floor[:2] == numbers[:2])
    return any(floor <= numbers for floor in in_line) or SQLITE_FLOORS[-1] <= numbers


def _versions(around: Surroundings) -> tuple[Finding, ...]:
    python = platform.python_version()
    is_new = PYTHON_FLOOR <= tuple(int(part) for part in python.split(".")[:2])
    found = [
        Finding(name="tierwise", is_ok=True, found=__version__),
        Finding(
            name="python", is_ok=is_new, found=python, words="" if is_new else "Tierwise needs Python 3.11 or newer"
        ),
    ]
    if around.sqlite_version:
        is_safe = is_sqlite_safe(around.sqlite_version)
        words = "" if is_safe else "this SQLite can lose rows when several windows are open; 3.51.3 or newer does not"
        fix = "" if is_safe else "pip install --upgrade apsw"
        found.append(Finding(name="sqlite", is_ok=is_safe, found=around.sqlite_version, words=words, fix=fix))
    return tuple(found)


def _tier(loaded: Loaded, name: str, around: Surroundings) -> TierFinding:
    options = getattr(loaded.config.tiers, name)
    models = tuple(_model(loaded, ref, around, is_enabled=options.enabled) for ref in options.models)
    return TierFinding(name=name, is_enabled=options.enabled, models=models)


def _model(loaded: Loaded, ref: str, around: Surroundings, *, is_enabled: bool) -> ModelFinding:
    backend, model = split_ref(ref)
    options = loaded.config.backends.get(backend)
    if options is None:
        words = f"there is no backend {backend!r}"
        return ModelFinding(ref=ref, availability=Availability.DISABLED, is_on_this_machine=False, words=words)
    health = around.probes.get(backend)
    key = around.keys.get(backend)
    needs_key = isinstance(options, KeyedOptions) and options.needs_key
    availability, words, fix = _state(backend, model, options, around)
    known_window = around.windows.get(ref)
    if known_window is None and health is not None:
        known_window = health.windows.get(model)
    return ModelFinding(
        ref=ref,
        availability=availability if is_enabled else Availability.DISABLED,
        is_on_this_machine=loaded.config.keeps_on_this_machine(ref),
        words=words,
        fix=fix,
        is_reachable=None if health is None else health.is_reachable,
        models=None if health is None else health.models,
        window=known_window,
        price=around.prices.get(ref),
        needs_key=needs_key,
        key_source=None if key is None else key.source,
    )


_State = tuple[Availability, str, str]
"""Whether a model can be asked, what is wrong in words, and the command that would mend it."""


def _state(backend: str, model: str, options: AnyBackendOptions, around: Surroundings) -> _State:
    availability, words = availability_of(
        options,
        model,
        has_key=backend in around.keys,
        health=around.probes.get(backend),
        trouble=around.troubles.get(f"{backend}/{model}"),
    )
    match availability:
        case Availability.NO_KEY:
            return (
                availability,
                words,
                _key_command(options) if isinstance(options, OllamaOptions | OpenAIOptions | AnthropicOptions) else "",
            )
        case Availability.NO_MODEL:
            return availability, words, _pull(model, options)
        case Availability.UNREACHABLE:
            return availability, words, _start_command(model, options, around)
        case Availability.UNKNOWN:
            return availability, "not asked", ""
        case _:
            return availability, words, ""


def _pull(model: str, options: AnyBackendOptions) -> str:
    if not isinstance(options, OllamaOptions):
        return ""
    return f"ollama pull {model}" if options.is_on_this_machine else f"OLLAMA_HOST={options.host} ollama pull {model}"


def _key_command(options: OllamaOptions | OpenAIOptions | AnthropicOptions) -> str:
    if options.api_key_env is not None:
        return f"export {options.api_key_env}=<your key>"
    return f"keyring set {options.keyring_service or KEYRING_SERVICE} {origin_of(options)}"


def _start_command(model: str, options: AnyBackendOptions, around: Surroundings) -> str:
    if isinstance(options, LlamaCppOptions):
        return "pip install 'tierwise[embedded]'"
    if isinstance(options, OllamaOptions) and options.is_on_this_machine:
        if around.programs.get("ollama", "") is None:
            return f"curl -fsSL https://ollama.com/install.sh | sh && ollama pull {model}"
        return "ollama serve"
    return ""


def _sandbox(loaded: Loaded, around: Surroundings) -> Finding:
    if loaded.config.checks.allow_running_tests == "never":
        return Finding(name="sandbox", is_ok=True, found="not used: checks.allow_running_tests is 'never'")
    if around.sandbox is not None:
        return Finding(name="sandbox", is_ok=True, found=around.sandbox)
    words = around.sandbox_words or "nothing was found that can run tests safely"
    fix = "pip install 'tierwise[sandbox]'" if platform.system() == "Linux" else ""
    return Finding(name="sandbox", is_ok=False, found="", words=words, fix=fix)


def _ledger(loaded: Loaded, around: Surroundings) -> tuple[Finding, ...]:
    found = str(loaded.ledger_path)
    return (Finding(name="ledger", is_ok=not around.ledger_words, found=found, words=around.ledger_words),)


def _formatters(around: Surroundings) -> tuple[Finding, ...]:
    return tuple(
        Finding(
            name=f"formatter for {language}",
            is_ok=True,
            found=tool or "",
            words="" if tool else "the project configures none, so a model formats",
        )
        for language, tool in around.formatters.items()
    )
