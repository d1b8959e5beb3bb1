"""What the configuration says of files, calls, checks and native tools."""

from collections.abc import Iterable
from pathlib import Path

from tierwise.config import Config
from tierwise.context.ignore import is_listed
from tierwise.dispatch.hiding import IgnoreFiles
from tierwise.dispatch.native import Formatter, FormatterFinder, bundled_formatter
from tierwise.edits import ReplyFormat
from tierwise.routing.tiers import Tier


class Configured:
    """Answers from a configuration, and from the files of a project it points to."""

    def __init__(self, config: Config) -> None:
        self.config = config
        self._ignore_files = IgnoreFiles(config.privacy.ignore_files)
        self._finder = FormatterFinder()

    def is_never_sent(self, path: str, root: Path | None = None) -> bool:
        """Whether no model may see the file of this path, relative to its workspace's folder, where it is in one."""
        is_hidden = root is not None and self._ignore_files.hides(path, root)
        return is_hidden or is_listed(path, self.config.privacy.never_send)

    def is_local_only(self, paths: Iterable[str]) -> bool:
        """Whether any of these files may be seen only by models on this machine."""
        return any(is_listed(path, self.config.privacy.local_only) for path in paths)

    @property
    def max_file_bytes(self) -> int:
        """The largest document an action works on."""
        return self.config.limits.max_file_bytes

    @property
    def max_attempts(self) -> int:
        """Calls one action may take."""
        return self.config.limits.max_attempts

    def deadline_s(self, tier: Tier) -> float:
        """Seconds one call on a tier may take."""
        return self.config.deadline_s(tier)

    def max_output_tokens(self, ref: str) -> int:
        """The longest reply to ask of a model."""
        return self.config.override_of(ref).max_output_tokens or self.config.limits.max_output_tokens

    def reply_format(self, ref: str) -> ReplyFormat | None:
        """The reply form the configuration sets for a model; None leaves it to the action."""
        name = self.config.override_of(ref).reply_format
        return None if name in (None, "auto") else ReplyFormat(name)

    @property
    def can_run_tests(self) -> bool:
        """Whether written tests may be run."""
        return self.config.checks.allow_running_tests != "never"

    def formatter_for(self, path: Path, language: str, root: Path, is_trusted: bool) -> Formatter | None:
        """The formatter the project configures for a file, unless the configuration switches such tools off."""
        if not self.config.native.enabled:
            return None
        return self._finder.find(path, language, root, is_trusted=is_trusted)

    def bundled_formatter(self, language: str, path: Path) -> Formatter | None:
        """The formatter that comes with Tierwise."""
        return bundled_formatter(language, path) if self.config.native.enabled else None
