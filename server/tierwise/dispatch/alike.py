"""The same instruction in other words: which earlier answer may be proposed for it.

An answer is looked for among those to the very same code, with the same action, dependencies, rules, model and server.
The instructions are compared by their words first, which no opposites pass, and by their vectors second. What is found
is a proposal: it is applied to the text as it is and passes its checks, or nobody hears of it. It is kept as a row of
the reply cache, under the work without its words, so it has that cache's scope, expiry, bound and seal.
"""

import base64
import time
from array import array
from dataclasses import dataclass, replace
from typing import Annotated

from pydantic import BaseModel, BeforeValidator, PlainSerializer, ValidationError

from tierwise.backends.vectors import Vector, likeness
from tierwise.dispatch.asking import key_without_words, wordless
from tierwise.dispatch.attempt import Run
from tierwise.dispatch.caching import digest_of, scope_of
from tierwise.dispatch.embedding import vectors_of
from tierwise.dispatch.prepared import Prepared
from tierwise.dispatch.repeats import piece_of
from tierwise.edits import ReplyFormat
from tierwise.routing.tiers import MODEL_TIERS, Candidate, Route
from tierwise.routing.wording import differing
from tierwise.store.cache_rows import ALIKE, Kept

_MOST_PROPOSED = 2
_DAY_S = 86_400


def _packed(vector: Vector) -> str:
    return base64.b64encode(array("f", vector).tobytes()).decode("ascii")


def _unpacked(packed: object) -> object:
    return tuple(array("f", base64.b64decode(packed))) if isinstance(packed, str) else packed


class Earlier(BaseModel):
    """What a row holds beside the columns of every row."""

    words: str
    """The instruction."""
    code: str = ""
    """What the answer would be known by whatever the instruction, in hexadecimal digits."""
    form: str = ""
    """The form the model was asked to answer in."""
    answer: str
    embedder: str = ""
    """Who made the vector; empty: nobody has yet."""
    vector: Annotated[Vector, BeforeValidator(_unpacked), PlainSerializer(_packed)] = ()
    asked_s: float
    """Seconds since 1970."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """A row that holds an answer to an instruction that says the same."""

    kept: Kept
    earlier: Earlier


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposed:
    """An earlier answer of somebody on the ladder."""

    candidate: Candidate
    kept: Kept
    """With the reply as its text and its form."""
    words: str
    """The instruction it was the answer to."""


def may_be_alike(run: Run, prepared: Prepared, route: Route) -> bool:
    """Whether answers to other words are looked for: not where the user said whom to ask, nor inside a plan."""
    is_forced = any(reason.code == "forced" for reason in route.reasons)
    is_whole_task = run.task == piece_of(prepared)
    return run.runtime.sentences.is_on and bool(prepared.instruction) and is_whole_task and not is_forced


async def propose(run: Run, prepared: Prepared, route: Route) -> tuple[Proposed, ...]:
    """Earlier answers that may serve, the likeliest first."""
    if not may_be_alike(run, prepared, route):
        return ()
    by_ref = {(c.backend, c.model): c for c in _own_rungs(route)}
    place = piece_of(wordless(prepared))
    rows = await rows_like(run, scope_of(prepared.root), place, prepared.instruction or "")
    fitting: list[Found] = []
    for found in rows:
        candidate = by_ref.get((found.kept.backend, found.kept.model))
        form = _form_of(found.earlier.form)
        if candidate is None or form is None:
            continue
        key = key_without_words(run, prepared, candidate, form)
        if key is not None and key.hex() == found.earlier.code:
            fitting.append(found)
    must_stay = run.runtime.is_local_only(prepared.seen)
    ranked = await nearest(run, prepared.instruction or "", fitting, must_stay=must_stay)
    return tuple(
        Proposed(
            candidate=by_ref[found.kept.backend, found.kept.model],
            kept=replace(found.kept, text=found.earlier.answer, form=found.earlier.form),
            words=found.earlier.words,
        )
        for found in ranked[:_MOST_PROPOSED]
    )


async def remember_words(run: Run, prepared: Prepared, candidate: Candidate, kept: Kept) -> None:
    """Keep a reply under its work without the words, beside the row it is served from to the same words."""
    words, form = prepared.instruction, _form_of(kept.form)
    if not run.runtime.sentences.ref or not words or form is None or run.task != piece_of(prepared):
        return
    code = key_without_words(run, prepared, candidate, form)
    if code is None or run.seal.is_in(words):
        return
    earlier = Earlier(words=words, code=code.hex(), form=kept.form, answer=kept.text, asked_s=time.time())
    await keep_row(run, replace(kept, piece=piece_of(wordless(prepared))), earlier)


async def rows_like(run: Run, scope: bytes, place: bytes, words: str) -> tuple[Found, ...]:
    """The rows at a place whose instruction says the same by its words."""
    oldest_s = time.time() - run.runtime.config.cache.max_age_days * _DAY_S
    found = (_read(kept) for kept in await run.runtime.replies.find(scope, place))
    return tuple(
        one
        for one in found
        if one is not None and oldest_s < one.earlier.asked_s and differing(one.earlier.words, words) is None
    )


async def nearest(run: Run, words: str, rows: list[Found], *, must_stay: bool) -> list[Found]:
    """Those of some rows whose instructions lie near enough to these words, the nearest first."""
    sentences = run.runtime.sentences
    if not rows:
        return []
    lacking = [row for row in rows if row.earlier.embedder != sentences.ref]
    texts = [words, *(row.earlier.words for row in lacking)]
    vectors = await vectors_of(run, texts, must_stay=must_stay)
    if vectors is None:
        return []
    fresh = {
        row.kept.key: row.earlier.model_copy(update={"vector": vector, "embedder": sentences.ref})
        for row, vector in zip(lacking, vectors[1:], strict=True)
    }
    for row in lacking:
        await keep_row(run, row.kept, fresh[row.kept.key])
    scored = [
        (likeness(vectors[0], fresh.get(row.kept.key, row.earlier).vector), index) for index, row in enumerate(rows)
    ]
    return [rows[index] for score, index in sorted(scored, reverse=True) if sentences.threshold <= score]


async def keep_row(run: Run, kept: Kept, earlier: Earlier) -> None:
    """Write a row; one for the same words takes its place."""
    key = digest_of((ALIKE, kept.piece.hex(), kept.backend, kept.model, earlier.form, earlier.words))
    await run.runtime.replies.keep(replace(kept, key=key, form=ALIKE, text=earlier.model_dump_json()))


def _read(kept: Kept) -> Found | None:
    if kept.form != ALIKE:
        return None
    try:
        return Found(kept=kept, earlier=Earlier.model_validate_json(kept.text))
    except (ValidationError, ValueError):
        return None


def _own_rungs(route: Route) -> list[Candidate]:
    """Who may answer: a lower tier stands on a ladder for the case that the one above it cannot be reached."""
    lowest = MODEL_TIERS.index(route.ladder[0].tier)
    return [candidate for candidate in route.ladder if lowest <= MODEL_TIERS.index(candidate.tier)]


def _form_of(name: str) -> ReplyFormat | None:
    return next((form for form in ReplyFormat if form.value == name), None)
