"""Work of a cell that no longer agrees with the judge starts a tier higher. Pure."""

from collections.abc import Iterable, Sequence

from tierwise.routing.tiers import MODEL_TIERS, Candidate, Reason
from tierwise.routing.tripwire import TripwireCell

_ORDER = {tier: i for i, tier in enumerate(MODEL_TIERS)}


def set_aside(
    kept: Sequence[Candidate], raised: Iterable[TripwireCell], action: str, language: str
) -> tuple[list[Candidate], list[Candidate], list[Reason]]:
    """Who may still be asked first, who comes after all of them, and why.

    A model that is raised is set aside. Where it was its tier's first, so are the tier's others, which stand behind it
    because they are worse. As long as nobody above can be asked, nobody is set aside.
    """
    refs = {cell.ref for cell in raised if (cell.action, cell.language) == (action, language)}
    if not any(candidate.ref in refs for candidate in kept):
        return list(kept), [], []
    closed = {c.tier for c in kept if c.ref in refs and c is next(o for o in kept if o.tier is c.tier)}
    aside = [c for c in kept if c.ref in refs or c.tier in closed]
    rest = [c for c in kept if c not in aside]
    names = ", ".join(repr(c.ref) for c in kept if c.ref in refs)
    why = f"{names} disagrees with the judge on {action!r} in {language} more often than it used to (tripwire)"
    highest = max(_ORDER[c.tier] for c in aside)
    above = [c for c in rest if highest < _ORDER[c.tier]] if closed else rest
    if not above:
        return list(kept), [], [Reason("tripwire-nobody", f"{why}, and nobody above can be asked")]
    first = min(above, key=lambda c: _ORDER[c.tier]).tier if closed else None
    words = (
        f"{why}, so it is asked last"
        if first is None
        else f"{why}, so the work starts no lower than on the {first} tier"
    )
    return rest, aside, [Reason("tripwire", words)]
