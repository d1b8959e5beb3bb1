"""Make a case of an action that was carried out, from what the user allowed to be kept of it."""

import re
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal

from tierwise.config.eval_cases import EvalCase, Scorer
from tierwise.context.scanner import find_secrets
from tierwise.dispatch.recording import kept_requests, read_request
from tierwise.evals.case_text import text_of
from tierwise.evals.cases import MARK
from tierwise.store.became import Became
from tierwise.store.ledger import Ledger
from tierwise.text import Rejection

Fate = Literal["kept", "changed", "undone", "rejected", "refused"]
_UNWANTED: tuple[Fate, ...] = ("undone", "rejected")
LAST = "last"
_SAME = ("action", "path", "before", "selection", "instruction", "diagnostic")
"""What makes two requests the same."""
_LEARN = "set ledger.keep_requests = true in your settings and carry the action out again"


@dataclass(frozen=True, slots=True)
class Captured:
    """A case, and what was done to its texts."""

    case: EvalCase
    fate: Fate
    n_secrets: int
    """Secrets that stand in it as placeholders."""


def capture(
    ledger: Ledger, wanted: str, fate: Fate | None, judge: str | None = None, right: str | None = None
) -> Captured | Rejection:
    """The case of an action by its key, or of the last one that was kept.

    `fate` says what became of it where the ledger does not know, or knows wrong; `right` is an answer that is right.
    What was kept of the same request done again is right as well, and what was not is wrong. Raises LedgerError.
    """
    key = next(iter(kept_requests(ledger.path)), "") if wanted == LAST else wanted
    if not re.fullmatch(r"[0-9a-f]{32}", key):
        if wanted == LAST:
            return Rejection("not-kept", f"of no action anything was kept beside the ledger; {_LEARN}")
        return Rejection("no-action", f"{wanted!r} is no key of an action; `tierwise golden list` shows some")
    became = ledger.what_became(key)
    request = read_request(ledger.path, key)
    if request is None:
        if became is None:
            return Rejection("no-action", f"the ledger has no action {key!r}")
        return Rejection(
            "not-kept", f"the ledger keeps no code, so nothing is known of {key!r} to make a case of; {_LEARN}"
        )
    others = [_twin(ledger, other, request) for other in kept_requests(ledger.path) if other != key]
    found = _case_of(key, request, fate or _fate_of(request, became), judge)
    return found if isinstance(found, Rejection) else _with_more(found, right, [twin for twin in others if twin])


def write_case(captured: Captured, place: Path) -> Path | Rejection:
    """Write a case into a folder, as plain text where it can be; returns its file. Raises OSError."""
    document = captured.case.model_dump(mode="json", exclude_defaults=True)
    try:
        name, text = f"{captured.case.id}.case", text_of(document)
    except ValueError:
        name, text = f"{captured.case.id}.json", captured.case.model_dump_json(indent=1, exclude_defaults=True) + "\n"
    place.mkdir(parents=True, exist_ok=True)
    path = place / name
    if path.exists():
        return Rejection("file-exists", f"{str(path)!r} exists already; name another case with --id")
    path.write_text(text, "utf-8", newline="")
    return path


def _twin(ledger: Ledger, key: str, request: dict[str, Any]) -> tuple[tuple[str, ...], tuple[str, ...]] | None:
    """The evidence of the same request made another time; None: it is another request."""
    other = read_request(ledger.path, key)
    if other is None or any(other[name] != request[name] for name in _SAME):
        return None
    return _evidence(other, _fate_of(other, ledger.what_became(key)))


def _with_more(captured: Captured, right: str | None, twins: list[tuple[tuple[str, ...], tuple[str, ...]]]) -> Captured:
    """A case with further evidence; its own says more than that of others."""
    case = captured.case
    rights = [*case.right, *([right] if right else []), *(one for twin in twins for one in twin[0])]
    own = [one for one in dict.fromkeys(rights) if one not in case.wrong]
    wrongs = [*case.wrong, *(one for twin in twins for one in twin[1])]
    wrong = [one for one in dict.fromkeys(wrongs) if one not in own]
    return replace(captured, case=case.model_copy(update={"right": tuple(own), "wrong": tuple(wrong)}))


def _fate_of(request: dict[str, Any], became: Became | None) -> Fate:
    if request["refusal"] is not None:
        return "refused"
    if became is not None and became.fate is not None:
        return became.fate
    # A proposal that never was applied is one the user did not want.
    return "kept" if became is not None and became.outcome == "applied" else "rejected"


def _case_of(key: str, request: dict[str, Any], fate: Fate, judge: str | None) -> Captured | Rejection:
    texts = {path: text for path, text in request["before"].items() if text is not None}
    path = request["path"]
    start, end = request["selection"]
    if any(MARK in text for name, text in texts.items() if name == path):
        return Rejection("has-mark", f"{path!r} has {MARK!r} in its text, which marks the cursor of a case")
    text = texts[path]
    selected = "" if start == end else text[start:end] + MARK
    texts[path] = text[:start] + MARK + selected + text[end:]
    secret = next((name for name, one in texts.items() if find_secrets(one)), None)
    if secret is not None:
        return Rejection("secret", f"{secret!r} still holds a secret, so no case was made of it")
    right, wrong = _evidence(request, fate)
    try:
        case = EvalCase(
            id=f"{request['action'].replace('_', '-')}-{key[-12:]}",
            action=request["action"],
            language=request["language"],
            path=path,
            files=texts,
            instruction=request["instruction"],
            diagnostic=request["diagnostic"],
            scorers=_scorers(request, fate, judge),
            judge=judge,
            expected=request["after"] if fate == "kept" and request["after"] else None,
            unwanted=_unwanted(request, fate),
            right=right,
            wrong=wrong,
            tags=("captured", fate),
        )
    except ValueError as err:
        return Rejection("no-case", f"no case can be made of {key!r}: {str(err).splitlines()[0]}")
    return Captured(case, fate, request.get("nSecrets", 0))


def _evidence(request: dict[str, Any], fate: Fate) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The recorded answers that must pass, and those that must not.

    What was refused on the way stays wrong, and so does an answer that leaves all as it was; what passed is right or
    wrong by what the user made of it. An edit the user changed says neither.
    """
    given = [(str(text), str(code)) for text, code in request.get("replies", ())]
    wrong = [text for text, code in given if code]
    passed = [text for text, code in given if not code][-1:]
    if request.get("idle") and request["after"] and fate == "kept":
        wrong.append(request["idle"])
    if fate in _UNWANTED:
        wrong += passed
    right = passed if fate == "kept" else []
    return tuple(right), tuple(dict.fromkeys(text for text in wrong if text not in right))


def _unwanted(request: dict[str, Any], fate: Fate) -> tuple[dict[str, str | None], ...]:
    """The texts an answer must not lead to: those the user did not want, and where one was wanted, those before it."""
    if not request["after"]:
        return ()
    if fate in _UNWANTED:
        return (request["after"],)
    before = {path: request["before"].get(path) for path in request["after"]}
    return (before,) if fate == "kept" and None not in before.values() else ()


def _scorers(request: dict[str, Any], fate: Fate, judge: str | None) -> tuple[Scorer, ...]:
    """A formatted text is compared with what was kept; of other actions more than one answer is right."""
    scorers: list[Scorer] = ["accepted"]
    if request["action"] == "write_tests":
        scorers.append("tests-pass")
    if request["action"] == "format" and fate == "kept" and request["after"]:
        scorers.append("same-program")
    if judge is not None:
        scorers.append("judge")
    return tuple(scorers) if 1 < len(scorers) else ()
