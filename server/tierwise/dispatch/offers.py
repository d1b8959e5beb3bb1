"""The menu: what could be done here, by whom, for how much. Pure and model-free; asked on every cursor movement."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from zlib import crc32

from tierwise.actions import Action, Diagnostic, Scope, Site, Target, fix_diagnostic
from tierwise.actions.targets import whole_lines
from tierwise.config.editor_options import EditorOptions
from tierwise.dispatch.values import Left, Offer, Twin, Wish
from tierwise.routing.check_strength import strength_of
from tierwise.routing.estimate import Estimate, estimate_call
from tierwise.routing.file_facts import GivenFile
from tierwise.routing.free_instructions import Reading, read_instruction
from tierwise.routing.money import format_money, format_money_range
from tierwise.routing.outlook import DEFAULT_OUTLOOK, Outlook
from tierwise.routing.policy import RouteRequest, choose_route
from tierwise.routing.rungs import escalations
from tierwise.routing.tiers import MODEL_TIERS, Availability, Candidate, Reason, Route, Tier
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
    outlook: Outlook = DEFAULT_OUTLOOK
    """What is believed of the models."""
    can_run_tests: bool = True
    left: Left | None = None
    """What the budgets leave for a call; None: anything."""
    has_twins: bool = False
    """Whether every entry also says what it would be on the other tiers."""
    options: EditorOptions = field(default_factory=EditorOptions)
    """What of all this is offered, and when."""


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
    the actions on it, as far as the user wants either without asking.
    """
    # Clients report what overlaps the range they ask for, and some of them mean the cursor's line by that.
    lines = whole_lines(snapshot.text, selection) if diagnostics else selection
    here = tuple(d for d in diagnostics if d.span.touches(lines))
    site = Site(snapshot=snapshot, symbols=tuple(symbols), selection=selection, diagnostics=here)
    moments: set[str] = set(menu.options.automatic) if is_automatic else {"quickfix", "selection"}
    if is_automatic and selection.start == selection.end:
        moments.discard("selection")
    found: list[Offer] = []
    for action in menu.actions:
        if action.languages is not None and snapshot.language not in action.languages:
            continue
        is_wanted = ("quickfix" if action.is_quick_fix else "selection") in moments
        if not is_wanted or not menu.options.is_offered(action.kind, snapshot.language):
            continue
        found += [_offer(menu, action, target, snapshot) for target in _targets(action, site)]
    return tuple(found)


def _targets(action: Action, site: Site) -> Iterable[Target]:
    if action.is_quick_fix:
        gravest_first = sorted(site.diagnostics, key=lambda d: (d.severity, d.span))
        return [fix_diagnostic.target_of(site, diagnostic) for diagnostic in gravest_first[:_MAX_FIXES]]
    target = action.find_target(site)
    return [] if target is None else [target]


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What is known around an action's target."""

    estimate: Estimate
    language: str
    n_files: int = 1
    is_local_only: bool = False
    can_run_tests: bool = True
    files: Sequence[GivenFile] | None = None
    """What a free instruction is about; None leaves the difficulty to the action."""
    outlook: Outlook = DEFAULT_OUTLOOK


def request_for(
    action: Action,
    target: Target,
    facts: Facts,
    wish: Wish = NO_WISH,
) -> RouteRequest:
    """What the policy is told of an action on a target."""
    request = RouteRequest(
        difficulty=action.difficulty,
        estimate=facts.estimate,
        n_files=facts.n_files,
        instruction=wish.instruction or target.instruction,
        hint=wish.hint,
        forced=wish.tier,
        start=None if action.tier is None else Tier(action.tier),
        is_local_only=facts.is_local_only,
        action=action.id,
        language=facts.language,
        strength=strength_of(action.checks, facts.language, can_run=facts.can_run_tests),
        outlook=facts.outlook,
        draw=crc32(f"{action.id} {target.name} {target.span.end - target.span.start}".encode()) / 2**32,
    )
    if facts.files is None or not is_free(action) or not request.instruction:
        return request
    return with_reading(request, read_instruction(request.instruction, facts.files))


def is_free(action: Action) -> bool:
    """Whether an action carries out whatever it is told, so that its difficulty lies in the words."""
    return action.id == "do"


def with_reading(request: RouteRequest, reading: Reading) -> RouteRequest:
    """A request as hard as its instruction is taken for."""
    return replace(request, difficulty=reading.level, reading=Reason(reading.code, reading.words))


def estimate_of(action: Action, target: Target) -> Estimate:
    """Tokens before anything has been read."""
    return estimate_call(
        target_chars=target.span.end - target.span.start,
        context_chars=_CONTEXT_CHARS[action.scope],
        output_ratio=action.output_ratio,
    )


def _offer(menu: Menu, action: Action, target: Target, snapshot: Snapshot) -> Offer:
    request = _request(menu, action, target, snapshot)
    route = choose_route(request, menu.candidates)
    first = route.first
    is_native = action.is_native_first and menu.native_tool is not None
    price = 0 if is_native else None if first is None else request.estimate.cost(first.price)
    most = 0 if is_native else most_cost(request, route)
    title = action.title_for(target) if target.instruction is None else f"Do: {_shortened(target.instruction)}"
    unaffordable = None if is_native else _unaffordable(menu, route)
    served = f"native: {menu.native_tool} · 0 ¢" if is_native else _served(route, price, most)
    if unaffordable is not None:
        served = "over budget"
    return Offer(
        action_id=action.id,
        title=f"{title} · {served}",
        kind=action.kind,
        target=target.span,
        diagnostics=() if target.diagnostic is None else (target.diagnostic,),
        tier=Tier.NATIVE if is_native else None if first is None else first.tier,
        model=menu.native_tool if is_native else None if first is None else first.model,
        price_pico_usd=price,
        most_pico_usd=most,
        needs_instruction=action.needs_instruction and target.instruction is None,
        instruction=target.instruction,
        is_quick_fix=action.is_quick_fix,
        is_model=not is_native,
        reasons=(Reason("native", f"{menu.native_tool} does this without a model"),) if is_native else route.reasons,
        disabled_reason=unaffordable,
        twins=_twins(menu, request, route, title) if menu.has_twins else (),
    )


def _request(menu: Menu, action: Action, target: Target, snapshot: Snapshot) -> RouteRequest:
    facts = Facts(
        estimate=estimate_of(action, target),
        language=snapshot.language,
        is_local_only=menu.is_local_only,
        can_run_tests=menu.can_run_tests,
        files=((snapshot.uri.rpartition("/")[2], snapshot.text),) if target.instruction else None,
        outlook=menu.outlook,
    )
    request = request_for(action, target, facts)
    return replace(request, budget_pico_usd=None if menu.left is None else menu.left.pico_usd)


def _unaffordable(menu: Menu, route: Route) -> str | None:
    """The sentence for an entry that nobody can be asked for because of what a call could cost."""
    is_over = any(reason.code == "skipped-budget" for reason in route.reasons)
    if menu.left is None or route.ladder or not is_over:
        return None
    return f"no model can be asked, since {menu.left.words}: raise it, or wait until its time is over"


def most_cost(request: RouteRequest, route: Route) -> int | None:
    """What it costs when every tier is asked in turn; None where a price is unknown or nobody can be asked."""
    costs = [request.estimate.cost(candidate.price) for candidate in escalations(route.ladder)]
    known = [cost for cost in costs if cost is not None]
    return sum(known) if known and len(known) == len(costs) else None


def _twins(menu: Menu, request: RouteRequest, route: Route, title: str) -> tuple[Twin, ...]:
    """The entry on the tiers above who is asked first, the next one in front, then on those below."""
    if route.first is None or route.first.tier not in MODEL_TIERS:
        return ()
    found: list[Twin] = []
    at = MODEL_TIERS.index(route.first.tier)
    for tier in (*MODEL_TIERS[at + 1 :], *reversed(MODEL_TIERS[:at])):
        other = choose_route(replace(request, forced=tier), menu.candidates)
        if other.first is not None and other.first.tier is tier:
            price = request.estimate.cost(other.first.price)
            found.append(
                Twin(
                    direction="up" if tier in MODEL_TIERS[at + 1 :] else "down",
                    title=f"{title} · {_served(other, price, most_cost(request, other))}",
                    tier=other.first.tier,
                    model=other.first.model,
                    price_pico_usd=price,
                )
            )
    return tuple(found)


def _served(route: Route, price: int | None, most: int | None) -> str:
    first = route.first
    if first is None:
        return "no model can be asked, see tierwise doctor"
    skipped = _skipped(route, first)
    return f"{first.tier}: {display_name(first)} · {_shown_price(first, price, most)}{skipped}"


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


def _shown_price(candidate: Candidate, price: int | None, most: int | None) -> str:
    """What a call costs, and what it comes to when every tier has to be asked: `≈ 0.4–2.9 ¢`, `0–2.4 ¢`."""
    if price is None:
        return "price unknown"
    about = "" if candidate.price is not None and candidate.price.is_free else "≈ "
    return about + (format_money(price) if most is None or most <= price else format_money_range(price, most))


def _shortened(words: str, limit: int = 60) -> str:
    line = " ".join(words.split())
    return line if len(line) <= limit else line[: limit - 1].rstrip() + "…"
