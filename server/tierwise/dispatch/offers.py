"""The menu: what could be done here, by whom, for how much. Pure and model-free; asked on every cursor movement."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from tierwise.actions import Action, Diagnostic, Scope, Site, Target, fix_diagnostic
from tierwise.actions.targets import whole_lines
from tierwise.dispatch.values import Offer, Wish
from tierwise.routing.estimate import Estimate, estimate_call
from tierwise.routing.money import format_money
from tierwise.routing.policy import RouteRequest, choose_route
from tierwise.routing.tiers import Availability, Candidate, Reason, Route, Tier
from tierwise.syntax.outline import Symbol
from tierwise.text import Snapshot, Span

NO_WISH = Wish()
_MAX_FIXES = 5
_CONTEXT_CHARS = {Scope.SPAN: 1200, Scope.FILE: 0, Scope.TEST_FILE: 3000, Scope.FILES: 24000}
"""What an action's context takes in the usual case; the true figure is known only when files have been read."""
_SHORT = {
    Availability.NO_KEY: "no key",
    Availability.UNREACHABLE: "not reachable",
    Availability.NO_MODEL: "model not installed",
    Availability.DISABLED: "off",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Menu:
    """What the menu is made from: the catalogue as configured, and who can be asked."""

    actions: tuple[Action, ...]
    candidates: tuple[Candidate, ...]
    native_tool: str | None = None
    """The name of the formatter that serves this document, e.g. `ruff`."""
    is_local_only: bool = False
    """Whether this document may not leave the machine."""


def offers(
    menu: Menu,
    snapshot: Snapshot,
    symbols: Sequence[Symbol],
    selection: Span,
    diagnostics: Sequence[Diagnostic] = (),
    *,
    is_automatic: bool = False,
) -> tuple[Offer, ...]:
    """Everything that applies at the selection, in menu order.

    `is_automatic` is for mere cursor movements: only cures for diagnostics under the cursor and, for a real selection,
    the actions on it.
    """
    # Clients report what overlaps the range they ask for, and some of them mean the cursor's line by that.
    lines = whole_lines(snapshot.text, selection) if diagnostics else selection
    here = tuple(d for d in diagnostics if d.span.touches(lines))
    site = Site(snapshot=snapshot, symbols=tuple(symbols), selection=selection, diagnostics=here)
    is_quiet = is_automatic and selection.start == selection.end
    found: list[Offer] = []
    for action in menu.actions:
        if action.languages is not None and snapshot.language not in action.languages:
            continue
        if is_quiet and not action.is_quick_fix:
            continue
        found += [_offer(menu, action, target) for target in _targets(action, site)]
    return tuple(found)


def _targets(action: Action, site: Site) -> Iterable[Target]:
    if action.is_quick_fix:
        gravest_first = sorted(site.diagnostics, key=lambda d: (d.severity, d.span))
        return [fix_diagnostic.target_of(site, diagnostic) for diagnostic in gravest_first[:_MAX_FIXES]]
    target = action.find_target(site)
    return [] if target is None else [target]


def request_for(
    action: Action,
    target: Target,
    *,
    wish: Wish = NO_WISH,
    estimate: Estimate | None = None,
    n_files: int = 1,
    is_local_only: bool = False,
) -> RouteRequest:
    """What the policy is told of an action on a target."""
    return RouteRequest(
        difficulty=action.difficulty,
        estimate=estimate or estimate_of(action, target),
        n_files=n_files,
        instruction=wish.instruction or target.instruction,
        hint=wish.hint,
        forced=wish.tier,
        start=None if action.tier is None else Tier(action.tier),
        is_local_only=is_local_only,
    )


def estimate_of(action: Action, target: Target) -> Estimate:
    """Tokens before anything has been read."""
    return estimate_call(
        target_chars=target.span.end - target.span.start,
        context_chars=_CONTEXT_CHARS[action.scope],
        output_ratio=action.output_ratio,
    )


def _offer(menu: Menu, action: Action, target: Target) -> Offer:
    request = request_for(action, target, is_local_only=menu.is_local_only)
    route = choose_route(request, menu.candidates)
    first = route.first
    is_native = action.is_native_first and menu.native_tool is not None
    price = 0 if is_native else None if first is None else request.estimate.cost(first.price)
    title = action.title_for(target)
    if target.instruction is not None:
        title = f"Do: {_shortened(target.instruction)}"
    served = f"native: {menu.native_tool} · 0 ¢" if is_native else _served(route, price)
    return Offer(
        action_id=action.id,
        title=f"{title} · {served}",
        kind=action.kind,
        target=target.span,
        diagnostics=() if target.diagnostic is None else (target.diagnostic,),
        tier=Tier.NATIVE if is_native else None if first is None else first.tier,
        model=menu.native_tool if is_native else None if first is None else first.model,
        price_pico_usd=price,
        needs_instruction=action.needs_instruction and target.instruction is None,
        instruction=target.instruction,
        is_quick_fix=action.is_quick_fix,
        is_model=not is_native,
        reasons=(Reason("native", f"{menu.native_tool} does this without a model"),) if is_native else route.reasons,
    )


def _served(route: Route, price: int | None) -> str:
    first = route.first
    if first is None:
        return "no model can be asked, see tierwise doctor"
    skipped = _skipped(route, first)
    return f"{first.tier}: {display_name(first)} · {_shown_price(first, price)}{skipped}"


def _skipped(route: Route, first: Candidate) -> str:
    """The tier the work belongs to, when it could not be asked."""
    if not any(reason.code in ("raised", "lowered") for reason in route.reasons):
        return ""
    for reason in route.reasons:
        if reason.code.startswith("skipped-"):
            tier, _, _ = reason.words.partition(" ")
            if tier != first.tier:
                short = _SHORT.get(Availability(reason.code.removeprefix("skipped-")), "") if _is_known(reason) else ""
                return f" ({tier} skipped{': ' + short if short else ''})"
    return ""


def _is_known(reason: Reason) -> bool:
    return reason.code.removeprefix("skipped-") in {str(a) for a in Availability}


def display_name(candidate: Candidate) -> str:
    """The model's name as menus and reports show it: without its publisher's folder; a scripted one says so."""
    name = candidate.model.rpartition("/")[2]
    name = name.partition("-GGUF")[0] or name
    return f"{name} (scripted)" if candidate.is_scripted else name


def _shown_price(candidate: Candidate, price: int | None) -> str:
    if price is None:
        return "price unknown"
    return format_money(0) if candidate.price is not None and candidate.price.is_free else f"≈ {format_money(price)}"


def _shortened(words: str, limit: int = 60) -> str:
    line = " ".join(words.split())
    return line if len(line) <= limit else line[: limit - 1].rstrip() + "…"
