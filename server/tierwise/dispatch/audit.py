"""Who saw what: files and tokens by tier, for one action."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from tierwise.routing.tiers import MODEL_TIERS, Tier


@dataclass(frozen=True, slots=True)
class Sight:
    """What one call was shown."""

    tier: Tier
    files: frozenset[str]
    """Files of which it saw a body, or a part of one; names and signatures do not count."""
    tokens: int
    """Tokens of prompt and reply, as the server counted them."""


@dataclass(slots=True)
class Audit:
    """What each tier saw while one action was carried out."""

    n_files: int = 0
    """Files in the scope."""
    sights: list[Sight] = field(default_factory=list)

    def note(self, tier: Tier, files: Iterable[str], tokens: int) -> None:
        """Take one call down."""
        self.sights.append(Sight(tier, frozenset(files), tokens))

    def files_of(self, tier: Tier) -> frozenset[str]:
        """Files of which a tier saw something."""
        return frozenset().union(*(sight.files for sight in self.sights if sight.tier is tier))

    def tokens_of(self, tier: Tier) -> int:
        """Tokens of a tier's prompts and replies."""
        return sum(sight.tokens for sight in self.sights if sight.tier is tier)

    @property
    def tokens(self) -> int:
        """Tokens of all prompts and replies."""
        return sum(sight.tokens for sight in self.sights)

    @property
    def words(self) -> str:
        """The sentence for people."""
        top = Tier.TOP
        return (
            f"top tier saw {len(self.files_of(top))} of {self.n_files} files,"
            f" {_short(self.tokens_of(top))} of {_short(self.tokens)} tokens"
        )

    def to_json(self) -> Mapping[str, Any]:
        """Files and tokens by tier."""
        tiers = {
            str(tier): {"files": sorted(self.files_of(tier)), "tokens": self.tokens_of(tier)}
            for tier in MODEL_TIERS
            if any(sight.tier is tier for sight in self.sights)
        }
        return {"files": self.n_files, "tokens": self.tokens, "tiers": tiers}


def _short(tokens: int) -> str:
    return f"{tokens / 1000:.1f} k" if 1000 <= tokens else str(tokens)
