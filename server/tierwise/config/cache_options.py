"""The section on the reply cache: whether answers are kept, how many and how long, and for which questions."""

from typing import Annotated

from pydantic import Field, StrictBool, StrictInt

from tierwise.config.sections import Section
from tierwise.config.similarity_options import SimilarityOptions
from tierwise.config.team_options import TeamCacheOptions


class CacheOptions(Section):
    """Answers that passed their checks, kept so that the same question is not paid for twice. They are code, in a file
    beside the ledger that only you may read; what is served is applied to the text as it is and checked again."""

    enabled: StrictBool = True
    """Whether answers are kept and served. Answers that hold a secret Tierwise kept back from a model are never kept;
    those of models on this machine are, for local-only files too, since they stay here."""
    max_mb: Annotated[StrictInt, Field(ge=1, le=10_000)] = 64
    """How large the file may grow, in MiB; the answers that were not used for longest make room."""
    max_age_days: Annotated[StrictInt, Field(ge=1, le=3650)] = 30
    """How many days an answer is kept."""
    team: TeamCacheOptions = TeamCacheOptions()
    """Answers shared with a team through Redis. Only your own settings file may name the server."""
    similarity: SimilarityOptions = SimilarityOptions()
    """Answers to the same instruction in other words."""
