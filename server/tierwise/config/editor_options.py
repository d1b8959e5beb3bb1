"""The section on what editors show: which entries, when, and what is looked at before it is applied."""

from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import StrictBool, StringConstraints

from tierwise.config.sections import Section

EVERY = "*"
"""Stands for all languages, or for all kinds."""

OfferedLanguage = Annotated[str, StringConstraints(pattern=r"^(\*|[A-Za-z][A-Za-z0-9+#._-]*)$", max_length=60)]
OfferedKind = Annotated[
    str, StringConstraints(pattern=r"^(\*|(refactor|source|quickfix)(\.[A-Za-z][A-Za-z0-9]*)*)$", max_length=120)
]
Moment = Literal["quickfix", "selection"]
PreviewMode = Literal["never", "multi-file", "always"]


class EditorOptions(Section):
    """What editors show."""

    offer: Mapping[OfferedLanguage, Mapping[OfferedKind, StrictBool]] = {}
    """What is offered, by language and kind of code action, e.g. `{"*": {"quickfix": false}, "python": {"quickfix":
    true}, "markdown": {"*": false}}`. A kind stands for all below it; of several rules that of the language goes before
    that of `*`, and of two kinds the longer one. What no rule names is offered."""
    automatic: tuple[Moment, ...] = ("quickfix", "selection")
    """What may be offered without being asked for, when the cursor moves: `quickfix` for problems under it, `selection`
    for actions on selected code. Empty: nothing; the menu has everything all the same."""
    twins: StrictBool = False
    """Whether the menu has every entry once for each tier that can be asked."""
    preview: PreviewMode = "multi-file"
    """Which edits are shown before they are applied, in editors that can show them: `never`, those of several files
    (`multi-file`), or `always`. What was not asked for, such as a deleted file, is always shown."""

    def is_offered(self, kind: str, language: str) -> bool:
        """Whether entries of a kind are offered in a language."""
        for rules in (self.offer.get(language, {}), self.offer.get(EVERY, {})):
            fitting = [named for named in rules if named == EVERY or f"{kind}.".startswith(f"{named}.")]
            if fitting:
                return rules[max(fitting, key=lambda named: (named != EVERY, len(named)))]
        return True
