"""What was learnt of the forms models answer in; shared by all windows through the ledger."""

import asyncio
import logging
from collections.abc import Mapping

from tierwise.backends.base import BackendError
from tierwise.dispatch.forms import Count
from tierwise.edits import ReplyFormat
from tierwise.store.errors import LedgerError
from tierwise.store.ledger import Ledger
from tierwise.text import Rejection

_LOG = logging.getLogger(__name__)
_UNFITTING = frozenset(
    {
        "ambiguous-location", "elided-code", "empty-quote", "empty-reply", "malformed-reply", "no-edits", "no-path",
        "overlapping-edits", "partial-file", "quote-not-found", "truncated-reply", "wrong-file",
    }
)  # fmt: skip
"""The codes of answers that could not be applied, which is the form's fault as often as the model's."""


class LearntForms:
    """The counts, read once and kept up to date with what this process sees."""

    def __init__(self, ledger: Ledger | None) -> None:
        self._ledger = ledger
        self._counts: dict[tuple[str, ReplyFormat], Count] | None = None

    async def counts(self) -> Mapping[tuple[str, ReplyFormat], Count]:
        """How answers fared so far."""
        if self._counts is None:
            self._counts = {}
            try:
                rows = () if self._ledger is None else await asyncio.to_thread(self._ledger.reply_forms)
            except LedgerError as err:
                _LOG.warning("what was learnt of reply forms is not read: %s", err)
                rows = ()
            forms = {form.value: form for form in ReplyFormat}
            for row in rows:
                if row.form in forms:
                    self._counts[row.model, forms[row.form]] = Count(row.n_fitting, row.n_unfitting)
        return self._counts

    async def note(self, model: str, form: ReplyFormat, result: object) -> None:
        """Learn from what came of an answer; calls that failed say nothing of the form."""
        if isinstance(result, BackendError):
            return
        is_fitting = not (isinstance(result, Rejection) and result.code in _UNFITTING)
        counts = dict(await self.counts())
        old = counts.get((model, form), Count(0, 0))
        counts[model, form] = Count(old.n_fitting + is_fitting, old.n_unfitting + (not is_fitting))
        self._counts = counts
        if self._ledger is None:
            return
        try:
            await asyncio.to_thread(self._ledger.note_reply_form, model, form.value, is_fitting=is_fitting)
        except LedgerError as err:
            _LOG.warning("not learnt of reply forms: %s", err)
