"""Apply search/replace replies with aider's own applier, and say what each took; runs in an environment of its own.

Reads one JSON object a line, `{"reply", "files"}`, and prints for each the milliseconds of processor time, the best of
several runs, and whether all its blocks were applied. Only the module that applies blocks is loaded: the rest of aider,
which talks to models, is replaced by an empty class.
"""

import importlib.metadata
import json
import sys
import time
import types
from pathlib import Path
from typing import Any

N_RUNS = 5


def load() -> Any:
    """The module of aider that finds and applies search/replace blocks."""
    root = Path(str(importlib.metadata.distribution("aider-chat").locate_file("aider")))
    for name, folder in (("aider", root), ("aider.coders", root / "coders")):
        package = types.ModuleType(name)
        package.__path__ = [str(folder)]
        sys.modules[name] = package
    base = types.ModuleType("aider.coders.base_coder")
    base.Coder = type("Coder", (), {})  # type: ignore[attr-defined]
    sys.modules["aider.coders.base_coder"] = base
    return importlib.import_module("aider.coders.editblock_coder")


def apply(aider: Any, reply: str, files: dict[str, str]) -> bool:
    """Apply all blocks one after the other, as aider does; whether each found its place."""
    fence = ("<source>", "</source>") if "<source>" in reply else ("```", "```")
    texts = dict(files)
    for path, old, new in aider.find_original_update_blocks(reply, fence, list(texts)):
        if path is None:
            continue
        text = aider.do_replace(path, texts.get(path, ""), old, new, fence)
        if text is None:
            return False
        texts[path] = text
    return True


def main() -> None:
    aider = load()
    for line in sys.stdin:
        case = json.loads(line)
        best, is_applied = float("inf"), False
        for _ in range(N_RUNS):
            start = time.process_time()
            try:
                is_applied = apply(aider, case["reply"], case["files"])
            except ValueError:
                is_applied = False
            best = min(best, time.process_time() - start)
        print(json.dumps({"ms": best * 1000, "is_applied": is_applied}), flush=True)


if __name__ == "__main__":
    main()
