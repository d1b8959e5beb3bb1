"""What damage to a reply is: a real case goes in, and out comes the damaged one, or None where it has no hold.

The kinds of damage stand beside each other: white space, signs, whole blocks, the reply around them, other forms.
"""

import random
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

BLOCK = re.compile(
    r"^(<{5,9} SEARCH>?[ \t]*\n)(.*?)(^={5,9}[ \t]*\n)(.*?)(^>{5,9} REPLACE[ \t]*$)", re.DOTALL | re.MULTILINE
)
Lines = list[str]
Files = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Case:
    """A reply, the files it was written for, the files as they are now, and what they should become."""

    name: str
    reply: str
    base: Files
    current: Files
    expected: Files


Damage = Callable[[Case, random.Random], Case | None]
SidesDamage = Callable[[Lines, Lines, random.Random], tuple[Lines, Lines] | None]


def on_blocks(change: SidesDamage) -> Damage:
    """Damage to the quoted and the new lines of every block that quotes something."""

    def damage(case: Case, rng: random.Random) -> Case | None:
        n_changed = 0

        def changed(match: re.Match[str]) -> str:
            nonlocal n_changed
            old, new = match[2].split("\n")[:-1], match[4].split("\n")[:-1]
            result = change(old, new, rng) if _is_plain(old, new) else None
            if result is None or result == (old, new):
                return match[0]
            n_changed += 1
            return match[1] + text_of(result[0]) + match[3] + text_of(result[1]) + match[5]

        reply = BLOCK.sub(changed, case.reply)
        return replace(case, reply=reply) if n_changed else None

    return damage


def _is_plain(old: Lines, new: Lines) -> bool:
    """Whether a block quotes something, and white space that is not seen is no part of what it changes."""
    return any(line.strip() for line in old) and not any(line != line.rstrip() for line in [*old, *new])


def on_reply(change: Callable[[str], str]) -> Damage:
    """Damage to the reply as a whole."""

    def damage(case: Case, _: random.Random) -> Case | None:
        reply = change(case.reply)
        return replace(case, reply=reply) if reply != case.reply else None

    return damage


def on_files(change: Callable[[str], str]) -> Damage:
    """Documents of another shape than the reply supposes."""

    def damage(case: Case, _: random.Random) -> Case | None:
        files = [case.base, case.current, case.expected]
        changed = [{path: change(text) for path, text in one.items()} for one in files]
        is_changed = all(
            text != old[path] for old, new in zip(files, changed, strict=True) for path, text in new.items()
        )
        return replace(case, base=changed[0], current=changed[1], expected=changed[2]) if is_changed else None

    return damage


def both(change: Callable[[str], str]) -> SidesDamage:
    """The same damage to every line that is not blank."""
    return lambda old, new, _: (
        [change(x) if x.strip() else x for x in old],
        [change(x) if x.strip() else x for x in new],
    )


def shown(change: Callable[[str], str]) -> SidesDamage:
    """The same damage to both sides, where the quote shows it."""
    return lambda old, new, _: ([*map(change, old)], [*map(change, new)]) if [*map(change, old)] != old else None


def quoted(change: Callable[[str], str]) -> SidesDamage:
    """Damage to the quoted lines alone."""
    return lambda old, new, _: ([change(x) if x.strip() else x for x in old], new)


def text_of(lines: Sequence[str]) -> str:
    return "".join(f"{line}\n" for line in lines)
