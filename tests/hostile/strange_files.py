"""Repositories whose files are links, pipes and devices, are too large, or have names that nobody expects."""

from hostile.making import Deep, Device, Hole, Link, Listener, Made, Many, Pipe
from hostile.repository import AREA, Repository

USES = "from helper import token\n\n\ndef area(radius):\n    return token * radius\n"


def strange(name: str, tries: str, files: dict[str, Made], *opens: str) -> Repository:
    """A repository whose `app.py` uses `helper`."""
    return Repository(name=name, tries=tries, files={"app.py": USES, **files}, opens=opens or ("app.py",))


LINKS = (
    strange(
        "link-passwd", "has a module that is /etc/passwd", {"helper.py": Link("/etc/passwd")}, "app.py", "helper.py"
    ),
    strange("link-secret", "has a module that lies elsewhere", {"helper.py": Link("@OUTSIDE@/secret.py")}),
    strange(
        "link-folder",
        "has a package that lies elsewhere",
        {
            "helper": Link("@OUTSIDE@"),
            "app.py": "from helper.secret import token\n\n\ndef area(r):\n    return token * r\n",
        },
    ),
    strange(
        "link-loop",
        "goes round in circles",
        {"helper.py": Link("other.py"), "other.py": Link("helper.py"), "here": Link("."), "up": Link("..")},
    ),
    strange("link-ledger", "has a module that is the ledger", {"helper.py": Link("@HOME@/ledger.sqlite3")}, "app.py"),
    strange("link-config", "has a module that is the user's settings", {"helper.py": Link("@HOME@/config.toml")}),
    strange(
        "link-env", "has a module that is a place of keys", {"helper.py": Link(".env"), ".env": "token = '@SECRET@'\n"}
    ),
    strange(
        "link-tests",
        "has its tests written elsewhere",
        {"app.py": AREA, "tests": Link("@OUTSIDE@"), "test_app.py": Link("@OUTSIDE@/secret.py")},
    ),
    strange(
        "link-nowhere",
        "has a test file that would be made elsewhere",
        {"app.py": AREA, "test_app.py": Link("@OUTSIDE@/new.py"), "tests": Link("@OUTSIDE@/new")},
    ),
    strange(
        "link-rules",
        "has rules and patterns that lie elsewhere",
        {
            "AGENTS.md": Link("@OUTSIDE@/secret.py"),
            ".gitignore": Link("@OUTSIDE@/secret.py"),
            ".aiignore": Link("/etc/passwd"),
        },
    ),
    strange(
        "link-proc",
        "has a module that is the server's own environment",
        {"helper.py": Link("/proc/self/environ"), "AGENTS.md": Link("/proc/self/maps")},
    ),
    strange(
        "link-open", "is opened through a link", {"inner.py": Link("@OUTSIDE@/secret.py"), "app.py": AREA}, "app.py"
    ),
)
KINDS = (
    strange(
        "pipes",
        "holds up who reads",
        {
            name: Pipe()
            for name in ("helper.py", "test_app.py", ".gitignore", "AGENTS.md", "pyproject.toml", ".aiignore")
        },
    ),
    strange(
        "sockets",
        "has sockets in place of files",
        {name: Listener() for name in ("helper.py", ".gitignore", "test_app.py")},
    ),
    strange(
        "devices",
        "has files that never end",
        {name: Device() for name in ("helper.py", ".gitignore", "AGENTS.md", ".aiignore", "test_app.py")},
    ),
    strange(
        "endless-links",
        "has links to what never ends",
        {name: Link("/dev/zero") for name in ("helper.py", ".gitignore", "AGENTS.md", "package.json")},
    ),
    strange(
        "folders",
        "has folders in place of files",
        {f"{name}/x": "" for name in ("helper.py", ".gitignore", "AGENTS.md", ".tierwise.toml", "pyproject.toml")},
    ),
    strange(
        "huge",
        "has files larger than memory",
        {
            "helper.py": Hole(2**33, "token = 1\n"),
            ".gitignore": Hole(2**33, "*\n"),
            "data.py": Hole(2**40),
            "test_app.py": Hole(2**33),
        },
    ),
    strange("long-line", "has a line of three megabytes", {"app.py": AREA + "x = '" + "a" * 3_000_000 + "'\n"}),
    strange("deep", "has folders deeper than paths may be", {"src": Deep(300)}),
    strange("many", "has thousands of files", {"src": Many(700), "lib": Many(700)}),
    strange("nested", "is nested without end", {"app.py": f"{AREA}x = {'(' * 1500}{')' * 1500}\n"}),
    strange("nul", "is no text", {"app.py": AREA.replace("math.pi", "math.p\0i"), "helper.py": b"\0\xff\xfe"}),
    strange(
        "encodings",
        "lies about its encoding",
        {"app.py": f"# -*- coding: rot13 -*-\n{AREA}", "helper.py": b"# -*- coding: evil -*-\n\xff"},
    ),
    strange(
        "patterns",
        "has patterns that take for ever",
        {".gitignore": "\n".join(["**/" * 200 + "*" * 200] * 200), ".aiignore": "*a" * 3000, "src": Many(200)},
    ),
)
LONG = "a" * 252
NAMES = (
    strange(
        "name-newline",
        "has names with line breaks",
        {"a\nb.py": AREA, "tab\tbell\a.py": AREA},
        "a\nb.py",
        "tab\tbell\a.py",
    ),
    strange(
        "name-escape",
        "has names that speak to the terminal",
        {"\x1b]0;owned\a\x1b[2J.py": AREA},
        "\x1b]0;owned\a\x1b[2J.py",
    ),
    strange(
        "name-direction",
        "has names that read backwards",
        {"cod\u202eyp.exe.py": AREA, "\u2066a\u2069.py": AREA},
        "cod\u202eyp.exe.py",
    ),
    strange(
        "name-long", "has names as long as may be", {f"{LONG}.py": AREA, f"{'b' * 250}/{LONG}.py": AREA}, f"{LONG}.py"
    ),
    strange("name-bytes", "has names that are no text", {"\udcff\udcfe.py": AREA, "d\udc80/x.py": AREA}),
    strange(
        "name-case",
        "has names that differ in capitals",
        {"App.py": AREA, "APP.PY": AREA, "Test_App.py": "", "test_app.PY": ""},
        "app.py",
        "App.py",
    ),
    strange(
        "name-command",
        "has names that are commands",
        {"--apply.py": AREA, "$(touch x).py": AREA, "`id`.py": AREA, "-rf": ""},
        "--apply.py",
        "$(touch x).py",
    ),
    strange(
        "name-unicode",
        "has one name written in two ways",
        {"caf\u00e9.py": AREA, "cafe\u0301.py": AREA, "\u200bapp.py": AREA},
        "caf\u00e9.py",
    ),
    strange(
        "name-percent",
        "has names that look like escapes",
        {"%2e%2e%2fx.py": AREA, "a%00b.py": AREA, "C:\\x.py": AREA},
        "%2e%2e%2fx.py",
    ),
    strange(
        "name-markup",
        "has names that are markup",
        {"[red]x[/red].py": AREA, "<img src=x>.py": AREA, "{target}.py": AREA},
        "[red]x[/red].py",
        "{target}.py",
    ),
)
STRANGE = LINKS + KINDS + NAMES
