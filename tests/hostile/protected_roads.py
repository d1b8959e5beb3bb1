"""An editor whose user accepts whatever is shown, and the roads on which a reply may come to a protected file."""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from hostile.editing import Files
from hostile.ground import Ground
from hostile.protected_names import OLD
from hostile.window import Window
from servers.scenarios import Call
from tierwise.text.uris import path_of

APP = "x = 1\ny = {n}\n\nfunction area(radius) {{\n  return 3 * radius;\n}}\n"
SAID = f"{OLD}app.area\n"
"""What the other file says, which goes along since it names the function, and the protected one."""
HERE = {"start": {"line": 3, "character": 5}, "end": {"line": 3, "character": 5}}
ACCEPTS = {"trusted": True, "proposals": True, "accept": True, "status": True}


class Disk(Files):
    """An editor that has nothing open but what the user opened, and writes what it is told at once."""

    def path(self, uri: str) -> Path:
        """The file of a URI, wherever it lies."""
        path = path_of(uri)
        assert path is not None
        return path


@dataclass
class Roads:
    """One window on one folder with `app.js`, which is open, and a protected file."""

    window: Window
    around: Ground
    folder: Path
    n_runs: int = 0
    files: Disk = field(init=False)

    def begin(self, name: str) -> str:
        """Lay the folder out anew and open `app.js`; its URI."""
        self.n_runs += 1
        place = self.folder
        self.window.close((place / "app.js").as_uri())
        for path in sorted(place.rglob("*"), reverse=True):
            path.rmdir() if path.is_dir() and not path.is_symlink() else path.unlink()
        (place / name).parent.mkdir(parents=True, exist_ok=True)
        (place / name).write_text(SAID)
        (place / "app.js").write_text(APP.format(n=self.n_runs))
        (place / "other.js").write_text(SAID)
        self.files = Disk(place)
        self.window.edits.clear()
        self.window.apply = self.take
        self.files.open(self.window, "app.js")
        return (place / "app.js").as_uri()

    def take(self, edit: dict[str, Any]) -> dict[str, Any]:
        """Carry an edit out, save and report."""
        self.files.take(edit)
        self.files.save()
        self.files.report(self.window)
        return {"applied": True}

    def run(self, uri: str, *replies: Callable[[Call], str], **more: Any) -> dict[str, Any]:
        """Run an action; the models answer in turn, the last one for good."""
        left = list(replies)

        def answer(call: Call) -> str:
            reply = left.pop(0) if 1 < len(left) else left[0]
            return reply(call)

        self.around.book.reply = answer
        words = f"raise y in app.js and other.js, {self.n_runs}"
        arguments = {"action": "refactor_across_files", "uri": uri, "range": HERE, "instruction": words}
        result: dict[str, Any] = self.window.command("tierwise.run", arguments | more)
        return result

    def accept(self, result: dict[str, Any], **more: Any) -> dict[str, Any]:
        """Accept all of a proposal."""
        both = [{"uri": (self.folder / name).as_uri()} | more for name in ("app.js", "other.js")]
        request = {"id": result["id"], "accepted": both, "force": True}
        answer: dict[str, Any] = self.window.command("tierwise.accept", request)
        return answer

    def link(self, name: str, leads_to: str) -> None:
        """Put a link in a file's place, as a build or a checkout may at any time."""
        path = self.folder / name
        path.unlink()
        path.symlink_to(self.folder / leads_to)

    def check_untouched(self, name: str, said: str = SAID) -> None:
        """The protected file lies where it lay and says what it said."""
        path = self.folder / name
        assert not path.is_symlink()
        assert path.read_text() == said, name
        reached = {named for edit in self.window.edits for named in named_in(edit)}
        assert path.as_uri() not in reached, (name, reached)


def named_in(edit: dict[str, Any]) -> list[str]:
    """Every file an edit names."""
    found = list(edit.get("changes", ()))
    for part in edit.get("documentChanges", ()):
        found += [part[key] for key in ("uri", "oldUri", "newUri") if key in part]
        found += [part["textDocument"]["uri"]] if "textDocument" in part else []
    return found
