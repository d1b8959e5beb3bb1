"""Verdicts on changes: pure ones on texts, and under `running` the ones that have to run a program."""

from tierwise.checks.base import RUNNING_CHECKS, Accepted, Change, Check, Verdict
from tierwise.checks.verify import verify

__all__ = ["RUNNING_CHECKS", "Accepted", "Change", "Check", "Verdict", "verify"]
