"""The configuration: composed of the options other parts own, loaded in layers, trusted by rules, and watched.

Importing this package pulls in pydantic and nothing else that is heavy; the keyring, the file watcher and the price
table are imported when they are first used.
"""

from tierwise.config.files import default_ledger_file, default_user_config_file, user_config_file
from tierwise.config.layers import Explained, Source, SourceKind
from tierwise.config.load import DEFAULT_LOADED, ConfigInputs, Loaded, explain, keep_good, load_config
from tierwise.config.problems import Problem, Severity
from tierwise.config.root import DEFAULTS, Config
from tierwise.config.sections import ActionOptions, ModelOverride, TierOptions, split_ref
from tierwise.config.trust import TrustStore

__all__ = [
    "DEFAULTS",
    "DEFAULT_LOADED",
    "ActionOptions",
    "Config",
    "ConfigInputs",
    "Explained",
    "Loaded",
    "ModelOverride",
    "Problem",
    "Severity",
    "Source",
    "SourceKind",
    "TierOptions",
    "TrustStore",
    "default_ledger_file",
    "default_user_config_file",
    "explain",
    "keep_good",
    "load_config",
    "split_ref",
    "user_config_file",
]
