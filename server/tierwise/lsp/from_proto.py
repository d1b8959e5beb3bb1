"""The client's words turned into values of our own."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import cattrs
from lsprotocol import types

from tierwise.actions import Diagnostic
from tierwise.actions.base import Related
from tierwise.lsp.documents import Documents
from tierwise.lsp.messages import Failed
from tierwise.routing.tiers import MODEL_TIERS, Tier

_TIERS = {str(tier): tier for tier in MODEL_TIERS}
_REVIEWS = ("always", "never")


@dataclass(frozen=True, slots=True, kw_only=True)
class RunRequest:
    """What `tierwise.run` was called with."""

    action: str
    uri: str
    range: types.Range | None = None
    version: int | None = None
    instruction: str | None = None
    tier: Tier | None = None
    diagnostics: tuple[types.Diagnostic, ...] = ()
    review: str | None = None
    """`always` or `never`; None where the usual cases are shown before they are applied."""


def only_argument(params: types.ExecuteCommandParams) -> dict[str, Any]:
    """The one object our commands take; empty when none was given. Raises Failed for anything else."""
    arguments = params.arguments or ()
    if len(arguments) == 0:
        return {}
    first = arguments[0]
    if len(arguments) != 1 or not isinstance(first, dict):
        raise Failed(types.ErrorCodes.InvalidParams, f"the command {params.command!r} takes one object as its argument")
    return first


def run_request(raw: dict[str, Any], converter: cattrs.Converter) -> RunRequest:
    """Read the argument of `tierwise.run`; raises Failed with the name of what does not fit."""
    tier = raw.get("tier") or "auto"
    if tier != "auto" and tier not in _TIERS:
        raise _unfit("tier", f"one of 'auto', {', '.join(map(repr, _TIERS))}")
    review = _optional(raw, "review", str)
    if review not in (None, *_REVIEWS):
        raise _unfit("review", f"one of {', '.join(map(repr, _REVIEWS))}")
    return RunRequest(
        action=_text(raw, "action"),
        uri=_text(raw, "uri"),
        range=_shaped(raw, "range", types.Range, converter),
        version=_optional(raw, "version", int),
        instruction=_optional(raw, "instruction", str),
        tier=_TIERS.get(tier),
        diagnostics=tuple(
            _shaped({"diagnostics": one}, "diagnostics", types.Diagnostic, converter)
            for one in _optional(raw, "diagnostics", list) or ()
        ),
        review=review,
    )


def diagnostics_of(
    reported: Iterable[types.Diagnostic], uri: str, documents: Documents
) -> dict[Diagnostic, types.Diagnostic]:
    """Diagnostics of an open document by our own counterpart, in their order, each once."""
    return {
        Diagnostic(
            span=documents.span(uri, one.range),
            message=one.message,
            code="" if one.code is None else str(one.code),
            source=one.source or "",
            severity=1 if one.severity is None else int(one.severity),
            related=tuple(
                Related(message=info.message, line=info.location.range.start.line + 1, uri=info.location.uri)
                for info in one.related_information or ()
            ),
        ): one
        for one in reported
    }


def _text(raw: dict[str, Any], name: str) -> str:
    value = raw.get(name)
    if not isinstance(value, str) or not value:
        raise _unfit(name, "a text")
    return value


def _optional(raw: dict[str, Any], name: str, wanted: type) -> Any:
    value = raw.get(name)
    if value is not None and (not isinstance(value, wanted) or isinstance(value, bool)):
        raise _unfit(name, {int: "a number", str: "a text"}.get(wanted, "a list"))
    return value


def _shaped(raw: dict[str, Any], name: str, wanted: type, converter: cattrs.Converter) -> Any:
    value = raw.get(name)
    if value is None:
        return None
    try:
        return converter.structure(value, wanted)
    except (cattrs.BaseValidationError, TypeError, ValueError, AttributeError, KeyError) as error:
        raise _unfit(name, f"a {wanted.__name__} of the protocol") from error


def _unfit(name: str, wanted: str) -> Failed:
    return Failed(types.ErrorCodes.InvalidParams, f"the argument {name!r} must be {wanted}")
