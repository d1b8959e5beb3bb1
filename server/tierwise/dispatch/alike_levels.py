"""How hard an instruction is, where the same was asked in other words: the small model's answer is used again."""

import time

from tierwise.actions import Difficulty
from tierwise.dispatch.alike import Earlier, keep_row, nearest, rows_like
from tierwise.dispatch.attempt import Call, Run
from tierwise.dispatch.caching import digest_of, scope_of
from tierwise.dispatch.prepared import Prepared
from tierwise.routing.difficulty import LEVELS
from tierwise.store.cache_rows import Kept
from tierwise.store.rows import CacheHit


async def known_level(run: Run, prepared: Prepared, call: Call) -> Difficulty | None:
    """The answer to an instruction about the same files that says the same; None: there is none."""
    words = prepared.instruction or ""
    if not run.runtime.sentences.is_on or run.is_repeat or not words:
        return None
    rows = await rows_like(run, scope_of(prepared.root), _place(prepared, call), words)
    ranked = await nearest(run, words, list(rows), must_stay=call.request.must_stay)
    level = next((level for level in LEVELS for found in ranked[:1] if found.earlier.answer == str(level)), None)
    if level is None:
        return None
    kept = ranked[0].kept
    hit = CacheHit(
        action_key=run.booking.key,
        kind="classified",
        tier=kept.tier,
        backend=kept.backend,
        model=kept.model,
        saved_pico_usd=kept.cost_pico_usd,
    )
    if hit.action_key:
        await run.booking.write(lambda ledger: ledger.book_cache_hit(hit))
    return level


async def keep_level(run: Run, prepared: Prepared, call: Call, level: Difficulty, cost_pico_usd: int | None) -> None:
    """Keep a small model's answer for the same question in other words."""
    words, place, candidate = prepared.instruction or "", _place(prepared, call), call.rung.candidate
    if not run.runtime.sentences.ref or not words or run.seal.is_in(words):
        return
    kept = Kept(
        key=b"",
        scope=scope_of(prepared.root),
        piece=place,
        task=place,
        tier=candidate.tier,
        backend=candidate.backend,
        model=candidate.model,
        form="",
        text="",
        usage=None,
        cost_pico_usd=cost_pico_usd,
    )
    await keep_row(run, kept, Earlier(words=words, answer=str(level), asked_s=time.time()))


def _place(prepared: Prepared, call: Call) -> bytes:
    """The question without its words: who is asked, about which files."""
    place = digest_of(("level", call.rung.candidate.ref, *sorted(prepared.files)))
    return place
