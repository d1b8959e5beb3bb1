"""Lines grouped by indentation alone into items: a head, what is indented below it, and what closes it."""

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from tierwise.edits.indentation import is_blank, leading

_CONTINUES = re.compile(
    r"^(?:[}\])]|</|(?:end|else|elif|elsif|except|rescue|ensure|finally|catch|fi|done|esac|then|do)\b|\*/|\"\"\"|''')"
)
_LEADS = re.compile(r"^(?:@|#\[|//|/\*|\*|#(?!include|define|if|endif)|--|<!--)")
_DECLARES = re.compile(
    r"""^(?:export\s+|default\s+|public\s+|private\s+|protected\s+|internal\s+|static\s+|abstract\s+|final\s+|async\s+
        |pub(?:\([^)]*\))?\s+|unsafe\s+|override\s+|readonly\s+|virtual\s+|inline\s+|const\s+(?=fn))*
        (?:(?:def|class|function|fn|func|interface|struct|enum|trait|impl|type|module|mod|namespace|record|object)\*?\s+
           (?:\([^)]*\)\s*)?(?P<a>[\w.$]+)
        |(?:const|let|var|val|local)\s+(?P<b>[\w$]+)
        |(?:from|import|use|require|include)\s+[{*]?\s*(?P<c>[\w./@'"-]+)
        |(?P<d>[A-Za-z_$][\w$.]*)\s*(?:\(|:|=(?!=)|<\w)
        |(?:[\w<>\[\],.?*&]+\s+)+(?P<e>[A-Za-z_$][\w$]*)\s*\(
        )""",
    re.VERBOSE,
)
_NO_NAMES = frozenset(
    {"if", "for", "while", "switch", "match", "return", "with", "try", "elif", "else", "print", "case"}
)


@dataclass(frozen=True, slots=True)
class Item:
    """A statement, declaration or element with everything that belongs to it."""

    lead: tuple[str, ...]
    """Blank lines, comments and decorators above the head."""
    parts: tuple[tuple[str, tuple[str, ...]], ...]
    """Each line at the item's own depth with the deeper lines below it; the first one is the head."""

    @property
    def head(self) -> str:
        """The line that begins the item, without indentation."""
        return self.parts[0][0].strip() if self.parts else ""

    @property
    def name(self) -> str | None:
        """What the head declares, assigns or imports, if it does."""
        match = _DECLARES.match(self.head)
        name = next((text for text in match.groups() if text), None) if match else None
        return None if name in _NO_NAMES else name

    @property
    def lines(self) -> tuple[str, ...]:
        """All lines of the item."""
        return (*self.lead, *self.own_lines)

    @property
    def own_lines(self) -> tuple[str, ...]:
        """The lines from the head on."""
        return tuple(line for top, deeper in self.parts for line in (top, *deeper))

    def has_any(self, texts: Collection[str]) -> bool:
        """Whether some of the deeper lines are one of these, white space around them aside."""
        return any(line.strip() in texts for _, deeper in self.parts for line in deeper)


GAP = Item((), ())
"""Stands between items where code was left out."""


def items_of(lines: Sequence[str], gaps: Collection[str] = ()) -> list[Item]:
    """The items of a block of lines, in order, with `GAP` for lines that are one of `gaps`, white space aside.

    Blank lines and comments at the end, which lead to nothing, are an item without parts.
    """
    depth = min((len(leading(line)) for line in lines if not is_blank(line) and line.strip() not in gaps), default=0)
    reader = _Reader()
    for line in lines:
        is_top = not is_blank(line) and len(leading(line)) <= depth
        if line.strip() in gaps and (is_top or not reader.parts):
            reader.end_item()
            reader.items.append(GAP)
            reader.lead = []
        elif is_top and reader.parts and _CONTINUES.match(line.strip()):
            reader.parts.append((line, []))
        elif is_top and _LEADS.match(line.strip()):
            reader.end_item()
            reader.lead.append(line)
        elif is_top:
            reader.end_item()
            reader.parts = [(line, [])]
        elif reader.parts:
            reader.parts[-1][1].append(line)
        else:
            reader.lead.append(line)
    reader.end_item()
    if reader.lead:
        reader.items.append(Item(tuple(reader.lead), ()))
    return reader.items


class _Reader:
    """The items read so far and the one being read."""

    __slots__ = ("items", "lead", "parts")

    def __init__(self) -> None:
        self.items: list[Item] = []
        self.lead: list[str] = []
        self.parts: list[tuple[str, list[str]]] = []

    def end_item(self) -> None:
        """Complete the item; blank lines at its end lead to the next one."""
        if not self.parts:
            return
        deeper = self.parts[-1][1]
        n_kept = len(deeper)
        while n_kept and is_blank(deeper[n_kept - 1]):
            n_kept -= 1
        tail = deeper[n_kept:]
        del deeper[n_kept:]
        self.items.append(Item(tuple(self.lead), tuple((top, tuple(below)) for top, below in self.parts)))
        self.lead, self.parts = tail, []
