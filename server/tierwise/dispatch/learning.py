"""What the policy believes and wants, from the configuration and the ledger."""

import logging
from collections.abc import Sequence
from dataclasses import replace

from tierwise.actions import Action
from tierwise.config import Config
from tierwise.dispatch.measured import prior_counts
from tierwise.routing.beliefs import Known, OutcomeCount, learn
from tierwise.routing.check_strength import strength_of
from tierwise.routing.money import usd_per_million
from tierwise.routing.outlook import Outlook
from tierwise.routing.tiers import Candidate
from tierwise.routing.worth import Stakes
from tierwise.store.errors import LedgerError
from tierwise.store.ledger import Ledger
from tierwise.store.tripwire import raised_cells

_LOG = logging.getLogger(__name__)
RELEARN_AFTER = 10
"""Actions after which the ledger is looked at again."""
_PER_USD = 10**6
_SECONDS_PER_HOUR = 3600


def wanted(config: Config) -> Outlook:
    """What the configuration says, before the ledger was looked at."""
    options = config.routing
    lost = options.without_right_edit
    stakes = Stakes(
        waiting_per_s=usd_per_million(options.waiting_usd_per_hour) * _PER_USD // _SECONDS_PER_HOUR,
        mechanical=usd_per_million(lost.mechanical_usd) * _PER_USD,
        standard=usd_per_million(lost.standard_usd) * _PER_USD,
        deep=usd_per_million(lost.deep_usd) * _PER_USD,
    )
    return Outlook(stakes=stakes)


def outlook_from(
    config: Config, actions: Sequence[Action], candidates: Sequence[Candidate], ledger: Ledger | None
) -> Outlook:
    """The same with what the ledger knows of the models in use; reads the database, so to be called in a thread."""
    plain = _with_raised(wanted(config), config, ledger)
    if ledger is None or not config.routing.learn:
        return plain
    try:
        seen = ledger.experience()
    except LedgerError as err:
        _LOG.warning("nothing learnt from the ledger: %s", err)
        return plain
    can_run = config.checks.allow_running_tests != "never"
    known = _known(actions, seen.outcomes, can_run=can_run)
    measured = prior_counts(ledger.path)
    beliefs = learn(seen.outcomes, {c.ref: c.tier for c in candidates}, known, measured)
    return replace(plain, beliefs=beliefs, paces=seen.paces)


def _with_raised(plain: Outlook, config: Config, ledger: Ledger | None) -> Outlook:
    judge = config.tripwire.judge
    if ledger is None or judge is None:
        return plain
    return replace(plain, raised=raised_cells(ledger.tripwire, judge))


def _known(
    actions: Sequence[Action], outcomes: Sequence[OutcomeCount], *, can_run: bool
) -> dict[tuple[str, str], Known]:
    by_id = {action.id: action for action in actions}
    pairs = {(one.action, one.language) for one in outcomes if one.action in by_id}
    return {
        (action, language): Known(
            level=by_id[action].difficulty,
            strength=strength_of(by_id[action].checks, language, can_run=can_run),
        )
        for action, language in pairs
    }
