"""The doctor's report as one JSON document: what `tierwise doctor --json` and editors get."""

from typing import Any

from tierwise.config.doctor import DoctorReport, Finding, ModelFinding, TierFinding
from tierwise.config.files import FileState


def doctor_json(report: DoctorReport) -> dict[str, Any]:
    """Names in camel case, money in whole pico-USD per token, null for what is unknown. No key is in it."""
    loaded = report.loaded
    return {
        "isWell": report.is_well,
        "fixes": list(report.fixes),
        "versions": [_finding(finding) for finding in report.versions],
        "configuration": {
            "isGood": loaded.is_good,
            "isGuarded": loaded.is_guarded,
            "isKept": loaded.is_kept,
            "isTrusted": loaded.is_trusted,
            "files": [_file(state) for state in loaded.files],
            "problems": [problem.as_json() for problem in loaded.problems],
        },
        "tiers": {tier.name: _tier(tier) for tier in report.tiers},
        "tools": [_finding(finding) for finding in report.tools],
        "priceTable": report.price_table or None,
        "standing": list(report.standing),
    }


def _finding(finding: Finding) -> dict[str, Any]:
    return {
        "name": finding.name,
        "isOk": finding.is_ok,
        "found": finding.found,
        "words": finding.words,
        "fix": finding.fix,
    }


def _file(state: FileState) -> dict[str, Any]:
    return {
        "path": str(state.path),
        "isUsers": state.is_users,
        "isThere": state.is_there,
        "isApplied": state.is_applied,
        "size": state.size,
        "sha256": state.sha256,
    }


def _tier(tier: TierFinding) -> dict[str, Any]:
    return {
        "isEnabled": tier.is_enabled,
        "isReady": tier.is_ready,
        "fix": tier.fix,
        "models": [_model(model) for model in tier.models],
    }


def _model(model: ModelFinding) -> dict[str, Any]:
    price = model.price
    return {
        "ref": model.ref,
        "availability": str(model.availability),
        "words": model.words,
        "fix": model.fix,
        "isOnThisMachine": model.is_on_this_machine,
        "isReachable": model.is_reachable,
        "models": None if model.models is None else list(model.models),
        "window": model.window,
        "price": None
        if price is None
        else {"inputPicoUsd": price.input, "outputPicoUsd": price.output, "source": price.source},
        "needsKey": model.needs_key,
        "keySource": model.key_source,
    }
