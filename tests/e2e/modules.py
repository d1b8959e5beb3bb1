"""The files of the interleavings, and what each action is to make of them."""

N_FUNCTIONS = 5
SHARED, CHANGED = "SHARED = 1", "SHARED = 2"
NAMES = ("mod_a.py", "mod_b.py", "mod_c.py", "mod_d.py")


def module(name: str, eol: str, head: str, tail: str) -> str:
    """One file of the workspace."""
    functions = "".join(f"def f{k}(x):\n    return x + {k}\n\n\n" for k in range(N_FUNCTIONS))
    text = f"# {head} mod_a {name}\n{SHARED}\n\n\n{functions}END = 0{tail}"
    return text.replace("\n", eol)


def documented(text: str, k: str) -> str | None:
    """The text with its one function of this number documented; None where that cannot be done."""
    lines = text.splitlines(keepends=True)
    found = [n for n, line in enumerate(lines) if line.startswith(f"def f{k}(x):")]
    if len(found) != 1:
        return None
    eol = "\r\n" if "\r\n" in text else "\n"
    return "".join([*lines[: found[0] + 1], f'    """Give f{k}."""{eol}', *lines[found[0] + 1 :]])


def shared(text: str) -> str | None:
    """The text with the value that all files share changed; None where somebody else has changed it."""
    lines = text.splitlines(keepends=True)
    found = [n for n, line in enumerate(lines) if line.rstrip("\r\n") == SHARED]
    if len(found) != 1:
        return None
    return "".join([*lines[: found[0]], lines[found[0]].replace(SHARED, CHANGED), *lines[found[0] + 1 :]])


def compiles(text: str) -> bool:
    try:
        compile(text.removeprefix("\ufeff"), "module", "exec")
    except (SyntaxError, ValueError):
        return False
    return True
