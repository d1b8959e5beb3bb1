"""Runs `go test` inside the sandbox and passes on what it says of each test, signed, apart from all that is printed.

The text of this file is given to the server's interpreter by `-c`, therefore it imports nothing but the standard
library.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import os
import subprocess
import sys
from typing import Any

MAX_WORDS = 1500
MAX_LINKS = 40_000
"""What is beyond them in the cache is compiled again."""
_OUTCOMES = {"pass": "passed", "fail": "failed", "skip": "skipped"}


class Report:
    """Signed lines on a pipe."""

    def __init__(self, descriptor: int, key: bytes) -> None:
        self._descriptor = descriptor
        self._key = key
        self._n_lines = 0

    def add(self, event: str, **fields: Any) -> None:
        """Write one line."""
        line = json.dumps({"trial": 0, "n": self._n_lines, "event": event, **fields})
        self._n_lines += 1
        sign = hmac.new(self._key, line.encode(), hashlib.sha256).hexdigest()
        os.write(self._descriptor, (sign + " " + line + "\n").encode())


class Reading:
    """What the lines of `go test -json` say, in the order they come."""

    def __init__(self, report: Report) -> None:
        self._report = report
        self._said: dict[str, list[str]] = {}
        self._n_collected = 0
        self.has_ended = False

    def take(self, line: bytes) -> None:
        """One line; what is no event is something the tool itself said."""
        try:
            event = json.loads(line)
            action = event["Action"]
        except (ValueError, KeyError, TypeError):
            self._said.setdefault("", []).append(line.decode(errors="replace"))
            return
        test = event.get("Test", "")
        if action in ("output", "build-output"):
            self._said.setdefault(test, []).append(event.get("Output", ""))
        elif test and action in _OUTCOMES:
            self._end(test, _OUTCOMES[action])
        elif action == "fail":
            self.fail_package()
        elif action in ("pass", "skip"):
            self._finish()

    def _end(self, test: str, outcome: str) -> None:
        self._n_collected += "/" not in test
        words = "".join(said for name, said in self._said_below(test))
        self._report.add("test", test=test, outcome=outcome, words=_end_of(words) if outcome == "failed" else "")
        if outcome == "failed":
            # A panic is an error on the way to a claim, and ends every test that was under way.
            self._report.add("raised", test=test, is_assertion="panic: " not in words and "--- FAIL" in words)

    def _said_below(self, test: str) -> list[tuple[str, str]]:
        return [(name, "".join(said)) for name, said in self._said.items() if (name + "/").startswith(test + "/")]

    def fail_package(self) -> None:
        """The package failed: what it said matters where no test did."""
        if not self._n_collected:
            self._report.add("broken", test="", words=_end_of("".join(self._said.get("", []))))
        self._finish()

    def _finish(self) -> None:
        if not self.has_ended:
            self.has_ended = True
            self._report.add("end", n_collected=self._n_collected)


def main() -> None:
    """Read the settings from standard input and run the command they hold."""
    settings = json.loads(sys.stdin.buffer.read())
    report = Report(int(os.environ.pop("REPORT_FD")), bytes.fromhex(settings["key"]))
    reading = Reading(report)
    _link_all(settings["cached"], os.environ["GOCACHE"])
    with subprocess.Popen(
        settings["command"], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
    ) as process:
        for line in process.stdout or ():
            reading.take(line)
    if not reading.has_ended and process.returncode:
        reading.fail_package()


def _link_all(source: str, target: str) -> None:
    """Fill a cache that can be written to with links to what is in one that cannot; Go needs to add to it."""
    n_links = 0
    for folder, folders, names in os.walk(source):
        folders.sort()
        here = os.path.join(target, os.path.relpath(folder, source))  # noqa: PTH118 - there may be thousands
        os.makedirs(here, exist_ok=True)  # noqa: PTH103
        for name in names:
            if n_links < MAX_LINKS:
                os.symlink(f"{folder}/{name}", f"{here}/{name}")  # noqa: PTH211
                n_links += 1


def _end_of(words: str) -> str:
    return words if len(words) <= MAX_WORDS else "…" + words[-MAX_WORDS:]


if __name__ == "__main__":
    main()
