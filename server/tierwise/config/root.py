"""The whole configuration, composed of the options that each part of the program owns."""

from collections.abc import Mapping

from pydantic import Field

from tierwise.backends.options import (
    AnthropicOptions,
    AnyBackendOptions,
    LlamaCppOptions,
    OllamaOptions,
    OpenAIOptions,
)
from tierwise.config.budgets import BudgetsOptions
from tierwise.config.cache_options import CacheOptions
from tierwise.config.editor_options import EditorOptions
from tierwise.config.ledger_options import LedgerOptions
from tierwise.config.routing_options import RoutingOptions
from tierwise.config.sections import (
    ActionId,
    ActionOptions,
    BackendName,
    ChecksOptions,
    LimitsOptions,
    LogOptions,
    ModelOverride,
    ModelRef,
    NativeOptions,
    PlannerOptions,
    PrivacyOptions,
    RolesOptions,
    Section,
    TierOptions,
    TiersOptions,
    split_ref,
)
from tierwise.config.telemetry_options import TelemetryOptions
from tierwise.config.tripwire_options import TripwireOptions
from tierwise.routing.tiers import MODEL_TIERS, Tier


def _default_backends() -> dict[str, AnyBackendOptions]:
    return {
        "ollama": OllamaOptions(type="ollama"),
        "embedded": LlamaCppOptions(type="llamacpp"),
        "zai": OpenAIOptions(type="openai", base_url="https://api.z.ai/api/paas/v4", api_key_env="ZAI_API_KEY"),
        "ollama-cloud": OllamaOptions(type="ollama", host="https://ollama.com", api_key_env="OLLAMA_API_KEY"),
        "anthropic": AnthropicOptions(type="anthropic", api_key_env="ANTHROPIC_API_KEY"),
        "openai": OpenAIOptions(type="openai", base_url="https://api.openai.com/v1", api_key_env="OPENAI_API_KEY"),
    }


def _default_models() -> dict[str, ModelOverride]:
    return {
        "ollama/qwen2.5-coder:7b": ModelOverride(window=16_384),
        "zai/glm-5.1": ModelOverride(window=200_000),
        "ollama-cloud/glm-4.6": ModelOverride(window=200_000),
    }


class Config(Section):
    """Settings of Tierwise."""

    tiers: TiersOptions = TiersOptions()
    """Which models stand on which tier."""
    roles: RolesOptions = RolesOptions()
    """Models named for a purpose."""
    backends: Mapping[BackendName, AnyBackendOptions] = Field(default_factory=_default_backends)
    """Servers that run models, by a name of your choice. A key is never written here: name the environment variable
    or the keyring entry that holds it."""
    models: Mapping[ModelRef, ModelOverride] = Field(default_factory=_default_models)
    """What is known of single models, by `<backend>/<model>`."""
    actions: Mapping[ActionId, ActionOptions] = Field(default_factory=dict)
    """Changes to built-in actions, and actions of your own, by their id."""
    editor: EditorOptions = EditorOptions()
    """What editors show."""
    native: NativeOptions = NativeOptions()
    """The project's own tools."""
    checks: ChecksOptions = ChecksOptions()
    """What is checked before an edit is offered."""
    privacy: PrivacyOptions = PrivacyOptions()
    """What may leave this machine."""
    planner: PlannerOptions = PlannerOptions()
    """How work over several files is divided."""
    limits: LimitsOptions = LimitsOptions()
    """How far an action may go."""
    routing: RoutingOptions = RoutingOptions()
    """How models are chosen."""
    budgets: BudgetsOptions = BudgetsOptions()
    """What may be spent."""
    cache: CacheOptions = CacheOptions()
    """Answers that are kept to be served again."""
    tripwire: TripwireOptions = TripwireOptions()
    """Whether cheap models are still as good as they were."""
    ledger: LedgerOptions = LedgerOptions()
    """The record of what was spent."""
    telemetry: TelemetryOptions = TelemetryOptions()
    """What is told to a collector of yours."""
    log: LogOptions = LogOptions()
    """What is written down of what happens."""

    def tier(self, tier: Tier) -> TierOptions:
        """The options of one tier of models. Raises ValueError for a tier that has no models."""
        match tier:
            case Tier.LOCAL:
                return self.tiers.local
            case Tier.BULK:
                return self.tiers.bulk
            case Tier.TOP:
                return self.tiers.top
            case Tier.NATIVE | Tier.JUDGE:
                raise ValueError(f"{tier.value!r} is no tier of models")

    def deadline_s(self, tier: Tier) -> float:
        """Seconds one call on a tier may take. Raises ValueError for a tier that has no models."""
        if tier not in MODEL_TIERS:
            raise ValueError(f"{tier.value!r} has no deadline")
        return float(getattr(self.limits.deadline_s, tier.value))

    def backend_of(self, ref: str) -> AnyBackendOptions | None:
        """The options of the backend a model reference names; None when there is no such backend."""
        return self.backends.get(split_ref(ref)[0])

    def override_of(self, ref: str) -> ModelOverride:
        """What the configuration says of one model; empty when it says nothing."""
        return self.models.get(ref, _NO_OVERRIDE)

    def keeps_on_this_machine(self, ref: str) -> bool:
        """Whether what is sent to a model stays on this machine; False for an unknown backend."""
        backend = self.backend_of(ref)
        return backend is not None and backend.keeps_on_this_machine(split_ref(ref)[1])


_NO_OVERRIDE = ModelOverride()
DEFAULTS = Config()
"""What applies where nobody says otherwise."""
