"""Actions among all that can happen to a user, an editor and a server, and what must hold after each step."""

import shutil
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from e2e.modules import CHANGED, N_FUNCTIONS, SHARED, compiles, documented, shared
from e2e.user import User
from e2e.world import Held, World


@dataclass
class Run:
    """One action under way."""

    number: int
    what: dict[str, str]
    """By the URI of each file the action changes: the line that shows where."""
    reply: str
    held: Held | None = None
    done: set[str] = field(default_factory=set)
    """The files its edit has reached."""
    is_cancelled: bool = False


@dataclass
class Spoilt:
    """A text to which a client without versions has applied an edit that was made for another one."""

    run: Run
    text: str
    typed: str
    """The text before."""
    merged: str | None
    """The text with the edit as it was meant; None where that cannot be."""


class Interleaving(User):
    """One workspace, one user, and the actions that are under way."""

    def __init__(self, world: World, eol: str, head: str, tail: str) -> None:
        self.runs: list[Run] = []
        self.over: list[Run] = []
        self.used: set[str] = set()
        self.n_lies = 0
        self.is_restoring = False
        """Whether edits are about former texts now."""
        self.owners: dict[str, Run] = {}
        """Whose edits are on their way, by the request's id."""
        self.answering: Run | None = None
        """Whose edit is being carried out."""
        self.spoilt: dict[str, Spoilt] = {}
        world.conversation.on_answer = self.answered
        world.conversation.edits.clear()
        world.held.clear()
        super().__init__(world, eol, head, tail)

    def documents(self, which: int, k: int, is_stale: bool) -> None:
        """Start to document one function."""
        if not (self.editor.buffers and len(self.runs) < 3):
            return
        uri = self.uri_at(which)
        text, key = self.editor.buffers[uri].text, f"{uri} {k}"
        if key in self.used or documented(text, str(k)) is None or f"Give f{k}." in text or not compiles(text):
            return
        self.used.add(key)
        start = text.index(f"def f{k}(x):")
        reply = f'def f{k}(x):\n    """Give f{k}."""\n    return x + {k}\n'
        place = self.editor.range(uri, start + 5)
        lines = text[start:].splitlines()
        is_longer = next((line for line in lines[2:] if line.strip()), "").startswith(" ")
        if lines[:2] != [f"def f{k}(x):", f"    return x + {k}"] or is_longer:
            # The model sees what the user typed, and its answer would have to keep it.
            return
        is_stale = is_stale and self.editor.buffers[uri].version > 1
        arguments = {"action": "document", "uri": uri, "range": place}
        arguments["version"] = self.editor.buffers[uri].version - is_stale
        self.start(arguments, Run(0, {uri: str(k)}, f"```python\n{reply}```\n"))

    def changes_all(self, makes: bool, moves: bool, deletes: bool) -> None:
        """Start a change of every file, with files that come, go, and get other names."""
        if not (self.editor.buffers and len(self.runs) < 3 and not self.used & {"across"}):
            return
        uri = self.editor.uri("mod_a.py")
        if uri not in self.editor.buffers:
            return
        texts = {path.name: self.said(path) for path in sorted(self.folder.glob("*.py"))}
        if not all(compiles(text) and shared(text) and "mod_a" in text for text in texts.values()):
            return
        if uri.rpartition("/")[2] not in texts:
            return
        self.used.add("across")
        sections = {name: f"*** Update File: {name}\n@@\n-{SHARED}\n+{CHANGED}\n" for name in texts}
        what = {self.editor.uri(name): "shared" for name in texts}
        others = [name for name in texts if self.editor.uri(name) != uri]
        if moves and others:
            new = f"moved_{others[0]}"
            sections[others[0]] = sections[others[0]].replace("\n@@", f"\n*** Move to: {new}\n@@")
            what[self.editor.uri(others[0])], what[self.editor.uri(new)] = "moved", "new"
        if deletes and not moves and others:
            sections[others[0]] = f"*** Delete File: {others[0]}\n"
            what[self.editor.uri(others[0])] = "gone"
        if makes:
            sections["made.py"] = "*** Add File: made.py\n+MADE = 1\n"
            what[self.editor.uri("made.py")] = "new"
        reply = f"*** Begin Patch\n{''.join(sections.values())}*** End Patch\n"
        at = self.editor.buffers[uri].text.index(SHARED)
        arguments = {"action": "refactor_across_files", "uri": uri, "range": self.editor.range(uri, at)}
        arguments |= {"version": self.editor.buffers[uri].version, "instruction": "raise SHARED to 2"}
        self.start(arguments, Run(0, what, reply))

    def said(self, path: Path) -> str:
        buffer = self.editor.buffers.get(path.as_uri())
        return path.read_bytes().decode() if buffer is None else buffer.text

    def start(self, arguments: dict[str, Any], run: Run) -> None:
        n_held = len(self.world.held)
        if self.world.profile.applies_at_all:
            params: Any = {"command": "tierwise.run", "arguments": [arguments]}
            run.number = self.talk.begin("workspace/executeCommand", params)
        else:
            run.number = self.talk.begin("codeAction/resolve", {"title": "Document", "data": arguments})
        self.runs.append(run)
        self.until(run, n_held)

    def until(self, run: Run, n_held: int) -> None:
        """Wait until the server has done what it can: asked a model, sent an edit, or answered."""
        n_edits = len(self.talk.edits)

        def has_come() -> bool:
            is_asked = n_held < len(self.world.held)
            return is_asked or len(self.talk.edits) > n_edits or self.talk.outcome(run.number) is not None

        self.wait(self.talk.until(has_come))
        if n_held < len(self.world.held):
            run.held = self.world.held[-1]
        for request in self.talk.edits[n_edits:]:
            self.owners[request["id"]] = run

    def model_answers(self, which: int, is_good: bool) -> None:
        if not (any(run.held for run in self.runs)):
            return
        waiting = [run for run in self.runs if run.held is not None]
        run = waiting[which % len(waiting)]
        assert run.held is not None
        held, run.held = run.held, None
        n_held = len(self.world.held)

        async def release() -> None:
            held.text.set_result(run.reply if is_good else "I would rather not.")

        self.wait(release())
        self.until(run, n_held)

    def cancels(self, which: int) -> None:
        if not self.runs:
            return
        run = self.runs[which % len(self.runs)]
        run.is_cancelled, run.held = True, None
        self.talk.notify("$/cancelRequest", {"id": run.number})
        self.wait(self.talk.until(lambda: self.talk.outcome(run.number) is not None))

    # What the client makes of edits

    def client_answers(self, how: str, confirms: bool) -> None:
        """The oldest edit is carried out, or not, and the server is told so, or something else."""
        if not self.talk.edits:
            return
        request = self.talk.edits.pop(0)
        result: Any = {"applied": False}
        if how.startswith("takes"):
            self.answering = self.owners.get(request["id"])
            result = self.editor.apply(request["params"]["edit"], confirms=confirms)
            self.world.tally["taken" if result["applied"] else "refused"] += 1
        elif how == "fails":
            result = "the editor is busy"
        elif how == "lies" and self.n_lies == 0:
            self.n_lies, result = 1, {"applied": True}
        if how == "takes, tells late":
            self.wait(self.talk.barrier())
        run = self.owners.pop(request["id"], None)
        n_held = len(self.world.held)
        self.talk.answer(request, result)
        if run in self.runs:
            self.until(run, n_held)
        assert n_held == len(self.world.held), "an edit that was not applied was asked of a model again"

    def judge(self, uri: str, before: str, after: str) -> None:
        """Every edit must give exactly what one of the actions is to make of the text it is applied to."""
        self.world.n_applied += 1
        if self.is_restoring:
            return
        for run in (*self.runs, *self.over):
            what = run.what.get(uri)
            if what is not None and after == self.expected(uri, what, before):
                run.done.add(uri)
                self.spoilt.pop(uri, None)
                return
        spoilt = self.spoilt.get(uri)
        if spoilt is not None and before == spoilt.text and self.answering is spoilt.run:
            del self.spoilt[uri]
            assert after in (spoilt.merged, spoilt.typed), f"mended {before!r} to {after!r}, not to {spoilt.merged!r}"
            if after == spoilt.merged:
                spoilt.run.done.add(uri)
            self.world.tally["mended"] += 1
            return
        assert not self.world.profile.has_versions, f"an edit made for another text: {before!r} became {after!r}"
        self.world.tally["spoilt"] += 1
        run = self.answering
        assert run is not None
        self.spoilt[uri] = Spoilt(run, after, before, self.expected(uri, run.what[uri], before))

    def expected(self, uri: str, what: str, before: str) -> str | None:
        if what in ("shared", "moved"):
            return shared(before)
        if what == "new":
            return f"MADE = 1{self.eol}" if before == "" and uri.endswith("made.py") else None
        return None if what == "gone" else documented(before, what)

    def answered(self, number: int) -> None:
        """An action has ended; a client that resolves applies the edit there and then."""
        run = next((run for run in self.runs if run.number == number), None)
        if run is None:
            return
        self.runs.remove(run)
        self.over.append(run)
        answer = self.talk.outcome(number)
        assert answer is not None
        assert answer.get("error", {}).get("code") != -32603, answer
        if "error" in answer:
            assert run.is_cancelled or not self.world.profile.applies_at_all, answer
            return
        result = answer["result"]
        if not self.world.profile.applies_at_all:
            for part in result["edit"]["documentChanges"]:
                buffer = self.editor.buffers.get(part["textDocument"]["uri"])
                assert part["textDocument"]["version"] == (None if buffer is None else buffer.version)
            self.editor.apply(result["edit"], confirms=False)
            return
        texts = {uri for uri, what in run.what.items() if what not in ("new", "gone")}
        self.world.tally[f"{result['status']} {result['code']}"] += 1
        if result["status"] == "proposed" and result["code"] not in ("partly-applied", "uncertain"):
            assert not run.done, result
        if result["status"] == "applied":
            assert texts <= run.done | {uri for uri in texts if uri not in self.editor.buffers}, result

    # The end

    def come_to_an_end(self) -> None:
        """Let everything end that is under way, and see whether the server knows the texts."""
        for _ in range(40):
            if self.talk.edits:
                self.client_answers("takes", True)
            elif any(run.held for run in self.runs):
                self.model_answers(0, True)
            elif self.runs:
                self.cancels(0)
        assert not self.runs

    def leave(self) -> None:
        """Take the workspace away again."""
        for run in tuple(self.runs):
            run.is_cancelled = True
            self.talk.notify("$/cancelRequest", {"id": run.number})
        self.folders([], [self.folder])
        for uri in tuple(self.editor.buffers):
            self.editor.close(uri)
        shutil.rmtree(self.folder)

    def mirror_agrees(self, which: int) -> None:
        """One more action on a document: its edit shows what the server takes the text to be."""
        if not self.editor.buffers:
            return
        uri = self.uri_at(which)
        buffer = self.editor.buffers[uri]
        free = [k for k in range(N_FUNCTIONS) if f"{uri} {k}" not in self.used]
        for k in free[:1]:
            self.documents(sorted(self.editor.buffers).index(uri), k, is_stale=False)
            if self.runs:
                before = buffer.text
                self.model_answers(0, True)
                self.client_answers("takes", True)
                assert not self.runs
                assert buffer.text == documented(before, str(k)), self.talk.outcome(self.over[-1].number)
