"""How often the exact cache answers: 10,000 actions in the files of real commits, with real keys and a real file.

Real are the texts, their symbols, the prompts and so the keys, the order of the commits and the hours and weekdays they
were made at. What people ask for again, and why, nobody has published: that is assumed, varied, and said in the output.
"""

import asyncio
import random
import tempfile
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from hashlib import blake2b
from pathlib import Path

from bench.cache_sittings import CASES, Sitting, Wish, new_wish, sittings
from tierwise.backends.base import BackendError
from tierwise.config import load_config
from tierwise.dispatch import Runtime, Task
from tierwise.dispatch.attempt import put
from tierwise.dispatch.caching import Asked, scope_of
from tierwise.dispatch.opening import open_runtime
from tierwise.dispatch.prepare import prepare
from tierwise.dispatch.prepared import Prepared
from tierwise.dispatch.repeats import piece_of
from tierwise.routing.tiers import Tier
from tierwise.store.cache import ReplyCache
from tierwise.store.cache_rows import Kept
from tierwise.syntax.languages import language_of
from tierwise.syntax.outline import outline
from tierwise.text import Snapshot, Span

N_ACTIONS = 10_000
N_MEASURED = 200
AGAIN = (0.1, 0.2, 0.4, 0.6)
"""The share of actions that ask for what was asked for before; assumed, and varied."""
NOT_KEPT = 0.5
"""Of those in one sitting so many are asked again because the answer was not liked, and must reach a model; assumed."""
KEPT_EDIT = 0.7
"""So many answers are taken into the text, after which the same request is about another text; assumed."""
FROM_EARLIER = 0.3
"""So many of what is asked again goes back to an earlier sitting in the same project; assumed."""
CLAIMED = """\
  The claim of 40 % answers from a cache holds for services that many people ask the same. In an editor an answer that
  is kept changes the very text it was asked about, and one that is not kept must not come again. What is left are
  looks before an edit is written, other windows, branches that are gone back to, and work that was broken off."""


def _hides_nothing(path: str, root: Path | None) -> bool:
    del path, root
    return False


class Files:
    """A workspace of texts in memory."""

    is_trusted = False

    def __init__(self, root: Path) -> None:
        self.roots = (root,)
        self.texts: dict[str, str] = {}

    def read(self, path: Path) -> Snapshot | None:
        """The text at a path."""
        text = (
            self.texts.get(path.relative_to(self.roots[0]).as_posix()) if path.is_relative_to(self.roots[0]) else None
        )
        language = language_of(path.name)
        return None if text is None else Snapshot(uri=path.as_uri(), text=text, language=language, version=1)


class Keys:
    """The keys of requests as the dispatcher makes them."""

    def __init__(self, runtime: Runtime, root: Path) -> None:
        self._runtime = runtime
        self._root = root

    def of(self, wish: Wish, texts: dict[str, str]) -> tuple[bytes, bytes] | None:
        """Key and piece of a request on these texts; None where it would be refused before anybody is asked."""
        files = Files(self._root / wish.repo)
        files.texts = texts
        snapshot = files.read(files.roots[0] / wish.path)
        at = None if snapshot is None else next(
            (s.name_span.start for s in outline(snapshot.text, snapshot.language) if s.path == wish.symbol), None
        )  # fmt: skip
        action = self._runtime.action(wish.action)
        if snapshot is None or at is None or action is None:
            return None
        task = Task(action_id=wish.action, snapshot=snapshot, selection=Span(at, at), instruction=wish.instruction)
        prepared = prepare(action, task, files, _hides_nothing)
        return self._key(prepared) if isinstance(prepared, Prepared) else None

    def _key(self, prepared: Prepared) -> tuple[bytes, bytes] | None:
        candidate = next(c for c in self._runtime.candidates if c.tier is Tier.BULK)
        form, request = asyncio.run(put(self._runtime, prepared, candidate))
        if isinstance(request, BackendError):
            return None
        asked = Asked(
            scope=scope_of(prepared.root), action=prepared.action.id, path=prepared.edited_path,
            target=candidate.ref, options=None, form=form, request=request,
        )  # fmt: skip
        return asked.key, piece_of(prepared)


@dataclass(slots=True)
class Outcome:
    """What one run of the simulation came to."""

    n_hits: int = 0
    n_actions: int = 0
    why: Counter[str] = field(default_factory=Counter)


class Texts:
    """Which state of its text each symbol is in: commits and answers that were taken into the text change it."""

    def __init__(self, survival: float, chance: random.Random) -> None:
        self._survival = survival
        self._chance = chance
        self._states: Counter[tuple[str, str, str]] = Counter()
        self.has_own_edit: set[Wish] = set()

    def key(self, wish: Wish) -> bytes:
        """What stands for the request on the text as it is now."""
        return blake2b(repr((wish, self._states[_place(wish)])).encode(), digest_size=32).digest()

    def commit(self, one: Sitting) -> None:
        """The work lands: what it leaves as it was is drawn with the share that was measured."""
        for place in self._states:
            if place[0] == one.repo and place[1] in one.before and self._survival < self._chance.random():
                self._states[place] += 1

    def take_in(self, wish: Wish) -> None:
        """An answer may be taken into the text."""
        is_taken = self._chance.random() < KEPT_EDIT
        self._states[_place(wish)] += is_taken
        if is_taken:
            self.has_own_edit.add(wish)


def _place(wish: Wish) -> tuple[str, str, str]:
    return wish.repo, wish.path, wish.symbol


def run(works: Sequence[Sitting], survival: float, file: Path, again: float, chance: random.Random) -> Outcome:
    """Ten thousand actions against a file with the default bounds."""
    now = [0]
    cache = ReplyCache(file, max_bytes=64 * 2**20, max_age=timedelta(days=30), now_us=lambda: now[0])
    outcome, texts = Outcome(), Texts(survival, chance)
    earlier: dict[str, list[Wish]] = {}
    seen: set[Wish] = set()
    for one, step, n_steps in _steps(works):
        now[0] = int((one.at + timedelta(minutes=2 * step)).timestamp() * 10**6)
        if step == n_steps // 2:
            texts.commit(one)
        before = earlier.setdefault(one.repo, [])
        wish, is_disliked = _next(one, before, seen, again, chance)
        if wish is not None:
            is_new = wish not in seen
            seen.add(wish)
            outcome.n_actions += 1
            _act(cache, texts, wish, outcome, is_new=is_new, is_disliked=is_disliked)
            one.wishes.append(wish)
        if step == n_steps - 1:
            before.extend(one.wishes)
    cache.close()
    return outcome


def _act(cache: ReplyCache, texts: Texts, wish: Wish, outcome: Outcome, *, is_new: bool, is_disliked: bool) -> None:
    """One action: answered from the file, or by a model whose answer goes into it."""
    kept = _kept(texts.key(wish))
    if is_disliked:
        cache.forget(kept.scope, kept.piece)
        outcome.why["asked again because the answer was not liked"] += 1
    elif cache.find(kept.scope, kept.piece):
        outcome.n_hits += 1
        cache.note_hit(kept.key)
    elif is_new:
        outcome.why["asked for the first time"] += 1
    else:
        changed = "its own edit is in the text" if wish in texts.has_own_edit else "the code around it has changed"
        outcome.why[changed] += 1
    cache.put(kept)
    texts.take_in(wish)


def _steps(works: Sequence[Sitting]) -> Iterator[tuple[Sitting, int, int]]:
    """Each sitting with its actions, as many in each as make ten thousand."""
    done = 0
    for number, one in enumerate(works, 1):
        one.wishes.clear()
        n_steps = N_ACTIONS * number // len(works) - done
        done += n_steps
        yield from ((one, step, n_steps) for step in range(n_steps))


def _next(
    one: Sitting, earlier: Sequence[Wish], seen: set[Wish], again: float, chance: random.Random
) -> tuple[Wish | None, bool]:
    """The next request, and whether it repeats the last one because its answer was not liked."""
    if chance.random() < again and (one.wishes or earlier):
        if earlier and (not one.wishes or chance.random() < FROM_EARLIER):
            return chance.choice(earlier[-200:]), False
        return chance.choice(one.wishes[-8:]), chance.random() < NOT_KEPT
    for _ in range(8):
        wish = new_wish(one, chance)
        if wish is not None and wish not in seen:
            return wish, False
    # Everything there is has been asked for in this file; instructions never run out.
    return replace(wish, action="do", instruction=f"{one.subject} {len(seen)}") if wish is not None else None, False


def _kept(key: bytes) -> Kept:
    return Kept(
        key=key, scope=b"one", piece=key, task=key, tier=Tier.BULK, backend="b", model="m", form="span",
        text="x" * 1500, usage=None, cost_pico_usd=10**9,
    )  # fmt: skip


def survival(works: Sequence[Sitting], keys: Keys, chance: random.Random) -> tuple[int, int]:
    """Of requests on symbols in files that a commit changes, how many are the same afterwards, of how many."""
    n_same = n_all = 0
    for one in chance.sample(list(works), N_MEASURED):
        path = chance.choice(list(one.before))
        symbols = outline(one.before[path], language_of(path))
        if not symbols:
            continue
        wish = Wish(one.repo, path, chance.choice(symbols).path, "document", None)
        first = keys.of(wish, one.before)
        if first is not None:
            n_all += 1
            n_same += first == keys.of(wish, {**one.before, **one.after})
    return n_same, n_all


def main() -> int:
    """Print the rates; nothing is judged, since there is no bound to keep."""
    if not CASES.exists():
        print(f"  skipped: {CASES} is not there, so there are no real commits to draw actions from")
        return 0
    with tempfile.TemporaryDirectory(prefix="tierwise-bench-") as name:
        root = Path(name)
        (root / "script.json").write_text("[]", "utf-8")
        settings = {
            "backends": {"demo": {"type": "scripted", "script": str(root / "script.json")}},
            "tiers": {tier: {"models": [f"demo/{tier}"]} for tier in ("local", "bulk", "top")},
        }
        runtime = open_runtime(load_config(editor_settings=settings, trusted=True, env={}))
        keys = Keys(runtime, root)
        works = sittings(random.Random(1))
        n_same, n_all = survival(works, keys, random.Random(2))
        n_repos = len({one.repo for one in works})
        print(
            f"  {len(works)} real commits of {n_repos} projects; {n_same / n_all:.0%} of {n_all} requests on symbols in"
        )
        print("  files that a commit changes are the same afterwards")
        for again in AGAIN:
            show(again, run(works, n_same / n_all, root / f"{again}.sqlite3", again, random.Random(3)))
        print(CLAIMED)
        asyncio.run(runtime.aclose())
    return 0


def show(again: float, outcome: Outcome) -> None:
    """Print one row."""
    rate = outcome.n_hits / outcome.n_actions
    causes = ", ".join(f"{n / outcome.n_actions:.0%} {cause}" for cause, n in outcome.why.most_common())
    print(f"  {again:.0%} asked again: {rate:.1%} of {outcome.n_actions:,} actions from the cache; {causes}")


if __name__ == "__main__":
    raise SystemExit(main())
