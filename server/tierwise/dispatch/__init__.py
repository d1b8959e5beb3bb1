"""The imperative shell: one action from the click to a verified proposal."""

from tierwise.actions import Diagnostic
from tierwise.dispatch.accepting import check_accepted
from tierwise.dispatch.agreed import unagreed
from tierwise.dispatch.budgets import Ask, Question, ask_nobody
from tierwise.dispatch.offers import Menu, offers
from tierwise.dispatch.recheck import recheck
from tierwise.dispatch.run import run_action
from tierwise.dispatch.runtime import Runtime
from tierwise.dispatch.values import (
    AttemptSummary,
    FileChange,
    Offer,
    Progress,
    Proposal,
    Refusal,
    Report,
    Task,
    Workspace,
)

__all__ = [
    "Ask",
    "AttemptSummary",
    "Diagnostic",
    "FileChange",
    "Menu",
    "Offer",
    "Progress",
    "Proposal",
    "Question",
    "Refusal",
    "Report",
    "Runtime",
    "Task",
    "Workspace",
    "ask_nobody",
    "check_accepted",
    "offers",
    "recheck",
    "run_action",
    "unagreed",
]
