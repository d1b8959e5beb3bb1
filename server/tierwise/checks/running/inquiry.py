"""One change and what each tool says of the text before and after it, every tool asked at most once."""

import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from tierwise.checks.base import Change
from tierwise.checks.running.tools import configured_tools
from tierwise.checks.running.tools.base import Ask, Findings, NotAsked, Place, Tool, Toolbox
from tierwise.syntax.languages import grammar_of


@dataclass(frozen=True, slots=True)
class Reported:
    """A diagnostic as an editor has it."""

    code: str
    source: str
    message: str
    line: int
    """From 1, in the text before."""


@dataclass(frozen=True, slots=True)
class Compared:
    """What one tool says of both texts; nothing of the first where there was no file."""

    before: Findings
    after: Findings


@dataclass
class Inquiry:
    """Asks tools about one change of one file."""

    change: Change
    toolbox: Toolbox
    code: str = ""
    """The code of the diagnostic that is to be mended, for tools that can be asked for more than is configured."""
    beside: Mapping[str, tuple[str | None, str | None]] = field(default_factory=dict)
    """Before and after of the other files of the same change, by path."""
    _known: dict[Ask, Compared | NotAsked] = field(default_factory=dict)

    @property
    def grammar(self) -> str | None:
        """The grammar that reads the file."""
        return grammar_of(self.change.language)

    @property
    def place(self) -> Place:
        """The file as tools are told of it."""
        before, after = ({self.full(path): pair[i] for path, pair in self.beside.items()} for i in (0, 1))
        states = (after,) if self.change.before is None else (before, after)
        beside = tuple({path: text for path, text in state.items() if text is not None} for state in states)
        return Place(self.full(self.change.path), self.toolbox.root, self.grammar or "", self.code, beside)

    def full(self, path: str) -> Path:
        """A path of the project as an absolute one."""
        return Path(os.path.normpath(self.toolbox.root / path))

    @property
    def texts(self) -> tuple[str | None, str]:
        """Before and after; the second with the line ends of the first, which it gets before it reaches the user."""
        before, after = self.change.before, self.change.after or ""
        if before is not None and 2 * before.count("\r\n") > before.count("\n"):
            after = after.replace("\r\n", "\n").replace("\n", "\r\n")
        return before, after

    async def ask(self, ask: Ask) -> Compared | NotAsked:
        """What a tool says of both texts."""
        if ask not in self._known:
            self._known[ask] = await self._ask(ask)
        return self._known[ask]

    def configured(self) -> Iterator[Tool]:
        """The tools the project says it uses for this file; none for a project nobody trusts."""
        return configured_tools(self.place) if self.toolbox.is_trusted else iter(())

    async def _ask(self, ask: Ask) -> Compared | NotAsked:
        before, after = self.texts
        answer = await ask(self.place, (after,) if before is None else (before, after), self.toolbox)
        if isinstance(answer, NotAsked):
            return answer
        return Compared((), answer[0]) if before is None else Compared(answer[0], answer[1])
